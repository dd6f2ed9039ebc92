"""Public shapes of the versions of a practice and of what differs between two of them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.core.kit.schema import Output, absent_when_unknown, open_enum
from services.core.practices.rubric import BANDS
from services.core.practices.schemas.practice import PracticeSaid


class VersionAssessment(Output):
    """How the version stands under the rubric of its call: ``total`` is 0 to 100; how many findings blocked it or warn."""

    rubric_version: str
    band: Annotated[str, open_enum(*BANDS)]
    total: float
    blocking: int
    warnings: int
    assessed_at: datetime


class VersionSummary(Output):
    """One version of a practice, without its texts."""

    number: int
    submitted_at: datetime
    is_late: bool = Field(description="handed in after the soft deadline of the call")
    title: str
    language: str
    languages: list[str] = Field(description="the original's first, then those of the translations")
    words: int = Field(description="of the original's texts, counted alike in every script")
    changed: list[str] = Field(description="the members that differ from the version before; none of the first")
    assessment: VersionAssessment = absent_when_unknown()


class VersionPage(Output):
    """A page of the versions of a practice, oldest first."""

    items: list[VersionSummary]
    next_cursor: str | None


class FrozenEvidence(Output):
    """A link (``url``) or a file (the others) as it stood when the version was handed in; ``size`` is in bytes, ``sha256`` in hex."""

    id: UUID
    kind: Annotated[str, open_enum("link", "file")]
    title: str
    url: str = absent_when_unknown()
    name: str = absent_when_unknown()
    media_type: str = absent_when_unknown()
    size: int = absent_when_unknown()
    sha256: str = absent_when_unknown()


class VersionContent(PracticeSaid):
    """What the practice said when it was handed in; ``finance`` is absent where nothing was given."""

    evidence: list[FrozenEvidence]


class Version(Output):
    """One version of a practice: frozen when it was handed in, it never changes."""

    practice_id: UUID
    number: int
    submitted_at: datetime
    is_late: bool
    content: VersionContent


class WordEdit(Output):
    """A piece of a text. ``equal`` and ``insert`` joined are the later text, ``equal`` and ``delete`` the earlier."""

    op: Annotated[str, open_enum("equal", "delete", "insert")]
    text: str


class MemberChange(Output):
    """What one place said before and says after (any JSON); null where it said nothing.

    ``words`` are there for texts that changed, and for nothing else.
    """

    op: Annotated[str, open_enum("added", "removed", "changed")]
    pointer: str = Field(description="RFC 6901 into the content of the later version; of what was removed, into that of the earlier")
    was_at: str | None = Field(description="where it stood in the earlier version; null for what was added")
    before: Any
    after: Any
    words: list[WordEdit] = absent_when_unknown()


class ChangeCounts(Output):
    """How many changes of each kind there are."""

    added: int
    removed: int
    changed: int


class VersionDiff(Output):
    """What differs between two versions, in the order in which a practice is read. The order of list items is no difference."""

    practice_id: UUID
    from_: int | None = Field(alias="from", description="the earlier side; null: nothing, since the first version has none before it")
    to: int
    changes: list[MemberChange]
    summary: ChangeCounts
