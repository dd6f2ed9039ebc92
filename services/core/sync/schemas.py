"""Public shapes of batches."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, SkipValidation, Strict, StringConstraints

from services.core.communities.schemas import RepresentativeCreate, StandingIn
from services.core.communities.schemas.standing import MAX_REPRESENTATIVES
from services.core.jurisdictions.schemas import JurisdictionPatch
from services.core.kit.schema import Flag, Input, Line, Output, Whole, absent_when_unknown, open_enum
from services.core.ledger.schemas import InnerProblem
from services.core.sync import rules

Source = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,31}$")]


class BatchItem(Input):
    """What a registry says of one jurisdiction. It is taken whole or not at all."""

    external_id: Line = Field(description="its identifier in `source`; one that is new makes a new jurisdiction")
    if_version: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="the jurisdiction's version that this is based on; another one is this item's error"
    )
    jurisdiction: JurisdictionPatch
    membership: StandingIn | None = None
    representatives: list[RepresentativeCreate] = Field(
        default_factory=list,
        max_length=MAX_REPRESENTATIVES,
        description="who speaks for it there; found again by address and role",
    )


def _by_name(schema: dict[str, Any]) -> None:
    """What is not validated as a whole would be written out where it stands, not named."""
    schema["items"] = {"$ref": "#/components/schemas/BatchItem"}


class BatchCreate(Input):
    """What a registry hands over. Its items are judged one by one: a bad one is told in its result and spoils no other."""

    source: Source = Field(description="the registry, as in `external_ids`")
    mode: Literal["merge", "replace"] = Field(default="merge", description="`replace` also marks as missing what is not among the items")
    dry_run: Flag = Field(
        default=False,
        description="tells everything and changes nothing; in a job each 500 items are judged without what the others would change",
    )
    max_deactivations: Annotated[float, Strict(), Field(ge=0, le=1)] = Field(
        default=0.05, description="the largest share of what is known of the source that `replace` may mark as missing"
    )
    items: list[SkipValidation[BatchItem]] = Field(min_length=1, max_length=rules.MAX_ITEMS, json_schema_extra=_by_name)


class ItemResult(Output):
    """What came of one item. ``problem`` is there only for an error; its pointers lead into the batch."""

    index: int
    external_id: str | None = Field(description="null when the item has none that can be told")
    status: Annotated[str, open_enum(*rules.STATUSES)]
    id: UUID | None = Field(description="the jurisdiction; null for an error, and for what a dry run would create")
    version: int | None = Field(description="of the jurisdiction after this (in a dry run: that it would have); null for an error")
    problem: InnerProblem = absent_when_unknown()


class BatchCounts(Output):
    """How many items came to what; ``missing`` (only with `replace`) is what was marked as missing."""

    created: int
    updated: int
    unchanged: int
    error: int
    missing: int = absent_when_unknown()


class BatchResult(Output):
    """What came of a batch: one result for each item, in their order."""

    source: str
    mode: Annotated[str, open_enum(*rules.MODES)]
    dry_run: bool
    counts: BatchCounts
    results: list[ItemResult]
