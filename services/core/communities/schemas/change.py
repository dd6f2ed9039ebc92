"""Public shapes of the membership's change feed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.core.jurisdictions.schemas import ExternalId
from services.core.kit.schema import Output, absent_when_unknown, open_enum


class Change(Output):
    """What became of one resource. ``data``, on an upsert only, is what GET of the resource answers you.

    A ``delete`` says that it is gone, or that you may not see it any more.
    """

    op: Annotated[str, open_enum("upsert", "delete")]
    resource: Annotated[str, open_enum("jurisdiction", "membership", "representative")]
    id: UUID
    external_ids: list[ExternalId] = Field(description="of the jurisdiction that it is, or belongs to")
    version: int
    changed_at: datetime
    data: dict[str, Any] = absent_when_unknown()


class MembershipChanges(Output):
    """What changed since the cursor, in the order in which it may be applied. ``next_cursor`` is always there: go on with it."""

    items: list[Change]
    next_cursor: str
