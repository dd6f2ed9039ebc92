"""Where the label of a point goes: above or below it, inside the plot, off the other labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_AWAY: Final = 9.0
"""Units between a point and its label."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A rectangle in units from the lower left corner of the plot."""

    middle: float
    bottom: float
    width: float
    height: float


def free(
    x: float,
    ends: tuple[float, float],
    size: tuple[float, float],
    room: tuple[float, float],
    taken: Sequence[Spot],
    *,
    below_first: bool,
) -> Spot:
    """A spot of ``size`` at ``x``, above the upper or below the lower of ``ends``; the better of the two when neither is quite free."""
    wide, tall = size
    middle = min(max(x, wide / 2 + 2), room[0] - wide / 2 + MARGIN_RIGHT)
    above = Spot(middle, ends[0] + _AWAY, wide, tall)
    below = Spot(middle, ends[1] - _AWAY - tall, wide, tall)
    offers = (below, above) if below_first else (above, below)
    return min(offers, key=lambda spot: (_outside(spot, room[1]), sum(_meets(spot, other) for other in taken)))


MARGIN_RIGHT: Final = 14.0
"""Units that a label may reach over the right edge of the plot: there is only paper."""


def _outside(spot: Spot, tall: float) -> bool:
    return spot.bottom < 0 or spot.bottom + spot.height > tall


def _meets(spot: Spot, other: Spot) -> bool:
    across = abs(spot.middle - other.middle) < (spot.width + other.width) / 2
    return across and spot.bottom < other.bottom + other.height and other.bottom < spot.bottom + spot.height
