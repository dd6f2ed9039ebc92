"""What happens to jurisdictions."""

from dataclasses import dataclass
from typing import ClassVar

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class JurisdictionChanged(Event):
    """A jurisdiction was created, or its facts changed."""

    type: ClassVar[str] = "jurisdiction.changed"
    subject: ClassVar[str] = "jurisdiction"
    author_side: ClassVar[bool] = True
