"""One way in which a target became weaker, and how much more is more than rounding."""

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Final

from services.core.commitments.formulas import PRECISION, shown

ROUNDING_T: Final = Decimal("0.5")
"""Half a tonne more is rounding, unless that is more than `ROUNDING_SHARE` of the whole."""
ROUNDING_SHARE: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Weakening:
    """One way in which a target became weaker. ``pointer`` (RFC 6901) leads to the commitment's member; the message has both values."""

    aspect: str
    pointer: str
    before: object
    after: object
    message: str


def exceeds(now: Decimal, was: Decimal) -> bool:
    """Whether ``now`` is more than ``was``, by more than rounding."""
    with localcontext(Context(prec=PRECISION)):
        return now - was > min(ROUNDING_T, abs(was) * ROUNDING_SHARE)


def tonnes(value: Decimal) -> str:
    """Emissions as they stand in a message."""
    return f"{number(value)} t CO2e"


def number(value: Decimal | int) -> str:
    """A figure as it stands in a message; whole numbers, such as years, as they are."""
    if isinstance(value, int):
        return str(value)
    text = f"{shown(value):,f}"
    return text.rstrip("0").rstrip(".")
