"""The picture of a rescoring: each practice a line from its total under the call's rubric to that under another, with the bands.

More lines than an eye can follow are not drawn: those that move farthest are, all are counted, and it says how many are left out.

Up and down differ in colour (Okabe and Ito) and in line, so that they are told apart without colours as well.
"""

import io
import logging
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from services.api.pictures import markup
from services.api.pictures.legend import BLUE, VERMILLION
from services.api.pictures.sheet import BODY, MARGIN, QUIET, ROOM, SMALL, TITLE, WIDTH, Sheet, Text, write
from services.api.pictures.words import number
from services.api.pictures.wrapping import clean, width, wrapped
from services.core.practices.service import MovedFacts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Look = dict[str, Any]
_TABLES: Final[dict[str, dict[str, Any]]] = tomllib.loads((Path(__file__).parent / "moves.toml").read_text(encoding="utf-8"))

_PLOT, _HEAD, _LINE, _SAMPLE = 260.0, 26.0, 18.0, 34.0
_SIDE: Final = 104.0
"""Room beside the plot for a band and its total, on either side."""
_GREY: Final = "#8c8c8c"
MOST_LINES: Final = 60
"""Lines that are drawn: with more, one line cannot be told from another."""
_Line = tuple[str, Decimal, Decimal]
LOOKS: Final[dict[str, Look]] = {
    "up": {"color": BLUE, "linewidth": 1.6, "linestyle": "-", "marker": "o", "markersize": 3.5},
    "down": {"color": VERMILLION, "linewidth": 1.6, "linestyle": (0, (4, 2)), "marker": "s", "markersize": 3.5},
    "same": {"color": "#4d4d4d", "linewidth": 1.0, "linestyle": (0, (1, 2)), "marker": ".", "markersize": 3},
}


def drawn_moves(facts: MovedFacts, language: str) -> bytes:
    """The picture as SVG. The same facts in the same language are the same bytes; call it in the thread that draws."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns of a home without a place for its font list
    import matplotlib as mpl
    from matplotlib.figure import Figure

    head, key = _head(facts, language), _key(facts, language)
    top = MARGIN + sum(line for line, _ in head)
    plot = _HEAD + _PLOT + 14 if facts.lines else 4.0
    height = round(top + plot + sum(len(lines) * _LINE + 4 for _, lines in key) + 8)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": str(facts.job_id), "path.simplify": False}):
        sheet = Sheet(Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor="white"), height)
        y = float(MARGIN)
        for line, text in head:
            y += line
            write(sheet, MARGIN, y - 5, text)
        if facts.lines:
            _plot(sheet, facts, language, top + _HEAD)
        _draw_key(sheet, key, top + plot)
        out = io.BytesIO()
        sheet.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    told = markup.Told(str(facts.job_id), language, clean(facts.title), _description(facts, language))
    return markup.finished(out.getvalue(), sheet, told)


def _head(facts: MovedFacts, language: str) -> list[tuple[float, Text]]:
    """Title and subtitle: lines with their heights."""
    subtitle = _TABLES[language]["subtitle"].format(practices=len(facts.lines))
    lines = [(21.0, Text(each, TITLE, is_bold=True)) for each in wrapped(clean(facts.title), TITLE, ROOM, bold=True)]
    return lines + [(_LINE, Text(each, BODY, QUIET)) for each in wrapped(subtitle, BODY, ROOM)]


def _plot(sheet: Sheet, facts: MovedFacts, language: str, top: float) -> None:
    left, right = MARGIN + _SIDE, WIDTH - MARGIN - _SIDE
    axes = sheet.figure.add_axes((left / WIDTH, 1 - (top + _PLOT) / sheet.height, (right - left) / WIDTH, _PLOT / sheet.height))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 100)
    axes.set_axis_off()
    write(sheet, MARGIN, top - 10, Text(facts.against, BODY, is_bold=True))
    write(sheet, right + 8, top - 10, Text(facts.rubric_version, BODY, is_bold=True))
    for code, before, after in facts.bands:
        axes.plot([0, 1], [float(before), float(after)], color=_GREY, linewidth=0.8, zorder=1, clip_on=False)
        name = _TABLES[language]["bands"][code]
        for x, floor, room in ((MARGIN, before, _SIDE - 8), (right + 8, after, _SIDE - 8)):
            y = top + _PLOT * (1 - float(floor) / 100) + 4
            write(sheet, x, y, Text(f"{name} {number(floor, language)}", min(SMALL, SMALL * room / width(f"{name} 000", SMALL)), QUIET))
    lines = sorted(facts.lines, key=_distance, reverse=True)[:MOST_LINES]
    for kind in ("same", "down", "up"):
        _draw_lines(axes, lines, kind)


def _distance(line: _Line) -> Decimal:
    return abs(line[2] - line[1])


def _draw_lines(axes: "Axes", lines: Sequence[_Line], kind: str) -> None:
    """All practices of one kind as one line that is broken between them."""
    chosen = [(before, after) for _, before, after in lines if _kind(before, after) == kind]
    if chosen:
        xs = [x for _ in chosen for x in (0.0, 1.0, float("nan"))]
        ys = [y for before, after in chosen for y in (float(before), float(after), float("nan"))]
        axes.plot(xs, ys, gid=kind, zorder=2, clip_on=False, **LOOKS[kind])


def _kind(before: Decimal, after: Decimal) -> str:
    return "same" if before == after else "up" if after > before else "down"


def _key(facts: MovedFacts, language: str) -> list[tuple[str, list[str]]]:
    """What the key says in lines: a kind of line with its number, or a note."""
    rooms = {"note": (SMALL, ROOM)}
    return [(kind, wrapped(text, *rooms.get(kind, (BODY, ROOM - _SAMPLE)))) for kind, text in _texts(facts, language)]


def _texts(facts: MovedFacts, language: str) -> list[tuple[str, str]]:
    own = _TABLES[language]
    kinds = [_kind(before, after) for _, before, after in facts.lines]
    texts = [(kind, own[kind].format(number=kinds.count(kind))) for kind in LOOKS if kind in kinds]
    if len(facts.lines) > MOST_LINES:
        texts.append(("note", own["hidden"].format(most=MOST_LINES, number=len(facts.lines) - MOST_LINES)))
    if facts.returned:
        texts.append(("note", own["returned"].format(number=facts.returned)))
    return [*texts, ("note", own["note"].format(against=facts.against) if facts.lines else own["none"])]


def _draw_key(sheet: Sheet, key: list[tuple[str, list[str]]], top: float) -> None:
    from matplotlib.lines import Line2D

    for kind, lines in key:
        if kind != "note":
            y = 1 - (top + _LINE / 2) / sheet.height
            sheet.figure.add_artist(Line2D([MARGIN / WIDTH, (MARGIN + 25) / WIDTH], [y, y], **LOOKS[kind]))
        for line in lines:
            look = Text(line, SMALL, QUIET) if kind == "note" else Text(line, BODY)
            write(sheet, MARGIN if kind == "note" else MARGIN + _SAMPLE, top + _LINE - 4.5, look)
            top += _LINE
        top += 4


def _description(facts: MovedFacts, language: str) -> str:
    """The whole picture in sentences, for whoever does not see it."""
    own = _TABLES[language]
    sentences = [f"{facts.against} → {facts.rubric_version}", own["subtitle"].format(practices=len(facts.lines))]
    sentences += [text for _, text in _texts(facts, language)]
    title, before, after = max(facts.lines, key=_distance, default=("", Decimal(0), Decimal(0)))
    if before != after:
        sentences.append(own["farthest"].format(title=clean(title), before=number(before, language), after=number(after, language)))
    stop: str = own["stop"]
    separator: str = own["separator"]
    return separator.join(text if text.endswith(stop) else text + stop for text in sentences)
