"""Public shapes of the history of a commitment."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from services.core.kit.schema import Output, open_enum

ASPECTS = (
    "emissions", "fixed_level", "base", "path", "target_type", "reduction_percent", "intensity", "conditional_percent", "target_year",
    "interim_of", "boundary", "sector", "gases", "scopes", "uses_credits", "net_zero", "status_in_law", "visibility",
)  # fmt: skip


class Move(Output):
    """A member that changed, with its value before and after (any JSON); ``before`` is null where there was none."""

    field: str
    before: Any
    after: Any


class Weakening(Output):
    """One way in which the commitment asks for less than before; ``pointer`` leads to the member, the message has both values."""

    aspect: Annotated[str, open_enum(*ASPECTS)]
    pointer: str
    message: str


class Revision(Output):
    """One change of a commitment: who, when, why, what moved, and whether it was weakened by it.

    ``content`` is the exact text that was sealed, and ``hash`` the SHA-256 of ``previous_hash`` (nothing for the first) followed by it,
    as UTF-8: `comphub verify-history`, or a few lines of your own, verify the chain. The other members repeat what is in ``content``.
    Revisions from before the hub sealed them have null for these three.
    """

    number: int = Field(description="the version of the commitment that it made; 1 is its making")
    kind: Annotated[str, open_enum("made", "revised", "weakened")]
    at: datetime
    by: Annotated[str, open_enum("person", "platform", "system")] = Field(description="what kind of actor; who it was is in the audit")
    reason: str | None
    moved: list[Move]
    weakened: list[Weakening]
    content: str | None
    previous_hash: str | None
    hash: str | None


class RevisionPage(Output):
    """A page of a commitment's history, oldest first."""

    items: list[Revision]
    next_cursor: str | None
