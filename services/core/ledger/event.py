"""The base of everything that is said to have happened."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to ``subject_id``. A subclass's docstring is its public documentation.

    Fields that a subclass adds are ids and plain values: they travel in the event row and, unless it says otherwise (`carried`), in the
    payload of its tasks.
    """

    type: ClassVar[str]
    subject: ClassVar[str]
    internal: ClassVar[bool] = False
    author_side: ClassVar[bool] = False
    """Whether the jurisdiction that it is about may read it in the audit. Nothing that tells who reviews, or when, ever is."""
    carried: ClassVar[bool] = True
    """Whether its own fields go to its tasks too; what is long or for readers only stays in the event row."""

    subject_id: UUID
    jurisdiction_id: UUID | None = None
    community_id: UUID | None = None
    reason: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    def data(self) -> dict[str, Any]:
        """The subclass's own fields."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in _COMMON}


_COMMON = frozenset(f.name for f in dataclasses.fields(Event))
