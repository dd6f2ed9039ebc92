"""The key under the picture: a sample of each sign with its meaning and its numbers in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from services.api.pictures.sheet import BODY, INK, MARGIN, QUIET, ROOM, SMALL, WIDTH, Sheet, Text, write
from services.api.pictures.words import amount, gap_words, labels, side
from services.api.pictures.wrapping import wrapped
from services.core.commitments.service import PictureFacts

Look = dict[str, Any]
"""How a line is drawn, in matplotlib's words."""

BLUE, BLACK, VERMILLION, GREEN = "#0072B2", "#000000", "#D55E00", "#009E73"
"""Of the palette that Okabe and Ito made for all kinds of colour vision."""

PATH: Final[Look] = {"color": BLUE, "linewidth": 2.2, "linestyle": (0, (5, 2.2))}
REPORTS: Final[Look] = {"color": BLACK, "linewidth": 1.8, "linestyle": "-", "marker": "o", "markersize": 5.5}
TARGET: Final[Look] = {
    "color": BLUE,
    "linestyle": "none",
    "marker": "D",
    "markersize": 8.5,
    "markeredgecolor": "white",
    "markeredgewidth": 1,
}
GAPS: Final[dict[str, Look]] = {
    "over": {"color": VERMILLION, "linewidth": 4.5, "linestyle": "-", "solid_capstyle": "butt"},
    "under": {"color": GREEN, "linewidth": 4.5, "linestyle": "-", "solid_capstyle": "butt"},
}
_SAMPLE: Final = 34
_LINE: Final = 17.0
_BETWEEN: Final = 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the key; without a sign it is a note."""

    kind: str
    lines: tuple[str, ...]


def entries(facts: PictureFacts, unit: dict[str, Any], language: str) -> list[Entry]:
    """What the key says, from top to bottom."""
    return [Entry(kind, tuple(wrapped(text, *_room(kind)))) for kind, text in _texts(facts, unit, language)]


def _texts(facts: PictureFacts, unit: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
    own = labels(language)
    if facts.required:
        year, value = facts.required[0]
        yield "path", own["path"].format(year=year, value=amount(value, unit, language))
    if facts.target:
        yield "target", own["target"].format(year=facts.target[0], value=amount(facts.target[1], unit, language))
    if facts.reported:
        year, value = facts.reported[-1]
        yield "reports", own["reports"].format(year=year, value=amount(value, unit, language))
    if facts.gap:
        yield ("note" if side(facts) == "none" else side(facts)), own["gap"].format(year=facts.gap[0], gap=gap_words(facts, unit, language))
    if not facts.reported and not facts.not_drawn:
        yield "note", own["no_reports"] + own["stop"]
    if facts.not_drawn:
        yield "note", own["not_drawn"].format(years=", ".join(map(str, facts.not_drawn)))
    yield "note", own["source"] if facts.reported else own["source_without_reports"]


def height(key: list[Entry]) -> float:
    """How high the key is."""
    return sum(len(entry.lines) * _LINE + _BETWEEN for entry in key)


def draw(sheet: Sheet, key: list[Entry], top: float) -> None:
    """Draw the key from ``top`` on."""
    for entry in key:
        is_note = entry.kind == "note"
        if not is_note:
            _sample(sheet, entry.kind, top + _LINE / 2)
        for line in entry.lines:
            look = Text(line, SMALL, QUIET) if is_note else Text(line, BODY, INK)
            write(sheet, MARGIN if is_note else MARGIN + _SAMPLE, top + _LINE - 4.5, look)
            top += _LINE
        top += _BETWEEN


def _room(kind: str) -> tuple[float, float]:
    return (SMALL, ROOM) if kind == "note" else (BODY, ROOM - _SAMPLE)


def _sample(sheet: Sheet, kind: str, y: float) -> None:
    from matplotlib.lines import Line2D

    looks: dict[str, Look] = {"path": PATH, "reports": REPORTS, "target": TARGET, **GAPS}
    left, middle = MARGIN, MARGIN + 12
    points = {"path": ((left, left + 25), (y, y)), "reports": ((left, middle, left + 24), (y, y, y)), "target": ((middle,), (y,))}
    xs, ys = points.get(kind, ((middle, middle), (y - 7, y + 7)))
    across, down = [x / WIDTH for x in xs], [1 - each / sheet.height for each in ys]
    look = looks[kind] | ({"markevery": [1]} if kind == "reports" else {})
    sheet.figure.add_artist(Line2D(across, down, **look))
