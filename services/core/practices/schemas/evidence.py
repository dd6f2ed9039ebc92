"""Public shapes of evidence. A file itself comes and goes as bytes."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from services.core.kit.schema import Input, Line, Output, open_enum
from services.core.practices import files, links

LARGEST_FILE = files.LARGEST


def _leads_somewhere(value: str) -> str:
    if fault := links.fault(value):
        msg = f"The link {fault}."
        raise ValueError(msg)
    return value


Link = Annotated[str, StringConstraints(min_length=1, max_length=links.LONGEST, strip_whitespace=True), AfterValidator(_leads_somewhere)]


class EvidenceLink(Input):
    """A page that shows what the practice says."""

    kind: Literal["link"]
    title: Line
    url: Link = Field(description="http or https")


class EvidenceFileTerms(Input):
    """The fields of the form beside its file. Without a title, the file's name is one."""

    kind: Literal["file"] = "file"
    title: Line | None = None


class Evidence(Output):
    """What stands behind a figure: a link has a `url`; a file has the other members, and its bytes at `content_url`.

    `media_type` is what the file was found to be. `in_versions` are the numbers of the submissions that hold it; with them it is kept
    for ever, also after its author removed it (`removed_at`).
    """

    id: UUID
    practice_id: UUID
    kind: Annotated[str, open_enum("link", "file")]
    title: str
    url: str | None
    name: str | None
    media_type: str | None
    size: int | None
    sha256: str | None
    content_url: str | None
    in_versions: list[int]
    removed_at: datetime | None
    created_at: datetime
    version: int


class EvidencePage(Output):
    """A page of a practice's evidence."""

    items: list[Evidence]
    next_cursor: str | None
