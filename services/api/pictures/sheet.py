"""A sheet that is 360 units wide, a phone's width, so that a text of 13 units is 13 px there; what is written on it, and where.

Texts are given to matplotlib as tokens such as ``T3E`` and put in by `markup`: it neither parses what people wrote nor needs its glyphs.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH: Final = 360
MARGIN: Final = 12
ROOM: Final = WIDTH - 2 * MARGIN
TITLE, BODY, SMALL = 16.0, 13.0, 12.0
"""Sizes of text, px on a phone."""
INK, QUIET = "#1a1a1a", "#4d4d4d"


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: how it looks is decided here and written by `markup`."""

    words: str
    size: float = BODY
    colour: str = INK
    is_bold: bool = False
    has_halo: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure with the texts that its tokens stand for; ``height`` in units, from the top."""

    figure: "Figure"
    height: float
    texts: list[Text] = field(default_factory=list)


def token(sheet: Sheet, text: Text) -> str:
    """What stands for ``text`` until `markup` puts it in."""
    sheet.texts.append(text)
    return f"T{len(sheet.texts) - 1}E"


def write(sheet: Sheet, x: float, y: float, text: Text) -> None:
    """Write ``text`` from ``x`` on, its baseline ``y`` units under the top."""
    sheet.figure.text(x / WIDTH, 1 - y / sheet.height, token(sheet, text), fontsize=text.size, ha="left", va="baseline")


def mark(sheet: Sheet, axes: "Axes", x: float, y: float, text: Text) -> None:
    """Write ``text`` around ``x``, its baseline at ``y``, in units of the axes' own box from its lower left corner."""
    width, height = box(axes)
    at = (x / width, y / height)
    axes.text(*at, token(sheet, text), fontsize=text.size, ha="center", va="baseline", transform=axes.transAxes)


def box(axes: "Axes") -> tuple[float, float]:
    """Width and height of the axes in units."""
    found = axes.get_window_extent()
    return float(found.width), float(found.height)
