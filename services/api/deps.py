"""What routes ask for: the parameters of pages, and the media type of patches."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.api.languages import LONGEST_TAG
from services.core.kit.pages import DEFAULT_LIMIT, MAX_LIMIT

PATCH_BODY: dict[str, Any] = {"x-merge-patch": True}
"""Marks a PATCH route: `openapi` documents its body as application/merge-patch+json, with application/json as an alias."""


class PageQuery(BaseModel):
    """Paging; a list's own filters are added by subclassing. An unknown parameter is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(default=None, max_length=1000, description="`next_cursor` of the page before")
    include: Literal["total"] | None = Field(default=None, description="`total` counts all rows, which costs time")

    def paging(self) -> dict[str, Any]:
        """The arguments of a `Listing`."""
        return {"limit": self.limit, "cursor": self.cursor, "total": self.include == "total"}

    def filters(self) -> dict[str, Any]:
        """The list's own filters."""
        return self.model_dump(exclude={"limit", "cursor", "include"})


class LanguageQuery(BaseModel):
    """In which language an answer for people is wanted."""

    model_config = ConfigDict(extra="forbid")

    lang: str | None = Field(
        default=None, max_length=LONGEST_TAG, description="a BCP 47 tag; before `Accept-Language`; English where we have not got it"
    )
