"""The picture of a path: what was promised, what was reported, and the gap between them.

The signs differ in colour (Okabe and Ito), in line and in shape, so that they are told apart without colours as well.
"""

import io
import logging
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from services.api.pictures import legend, markup, words
from services.api.pictures.sheet import BODY, MARGIN, QUIET, ROOM, SMALL, TITLE, WIDTH, Sheet, Text, box, mark, token, write
from services.api.pictures.spots import Spot, free
from services.api.pictures.wrapping import clean, width, wrapped
from services.core.commitments.service import PictureFacts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PLOT: Final = 215.0
_AROUND: Final = {"above": 34.0, "below": 30.0}
"""Room around the plot for the unit over it and the years under it."""
_TITLE_LINE, _LINE = 21.0, 18.0
_YEARS_APART: Final = 44.0
"""Units that two years on the axis keep between their middles."""
_HEADROOM: Final = 0.8
"""The highest point lies at this share of the plot at most: above it there is room for its label."""

_AXIS, _GRID = "#8c8c8c", "#dedede"
_LOW, _FOOTROOM = 0.2, 0.27
"""A target below this share of the plot gets room for its label under zero."""


def drawn(facts: PictureFacts, language: str) -> bytes:
    """The picture as SVG. The same facts in the same language are the same bytes; takes some 50 ms, so call it in a thread.

    One drawing at a time: matplotlib's settings belong to the process.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns of a home without a place for its font list
    import matplotlib as mpl
    from matplotlib.figure import Figure

    unit = words.unit_of(facts, language)
    key = legend.entries(facts, unit, language)
    head = _head(facts, language)
    has_plot = bool(facts.required or facts.reported or facts.target)
    top = MARGIN + sum(line for line, _ in head)
    plot = _AROUND["above"] + _PLOT + _AROUND["below"] if has_plot else 10.0
    height = math.ceil(top + plot + 8 + legend.height(key) + 4)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": str(facts.commitment_id), "path.simplify": False}):
        sheet = Sheet(Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor="white"), height)
        y = float(MARGIN)
        for line, text in head:
            y += line
            write(sheet, MARGIN, y - 5, text)
        if has_plot:
            _plot(sheet, facts, unit, language, top + _AROUND["above"])
        legend.draw(sheet, key, top + plot + 8)
        out = io.BytesIO()
        sheet.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    told = markup.Told(str(facts.commitment_id), language, clean(facts.title), words.description(facts, language))
    return markup.finished(out.getvalue(), sheet, told)


def _head(facts: PictureFacts, language: str) -> list[tuple[float, Text]]:
    """Title, subtitle and why there is no path: lines with their heights."""
    lines = [(_TITLE_LINE, Text(each, TITLE, is_bold=True)) for each in wrapped(clean(facts.title), TITLE, ROOM, bold=True)]
    lines += [(_LINE, Text(each, BODY, QUIET)) for each in wrapped(words.subtitle(facts, language), BODY, ROOM)]
    if facts.no_path is not None:
        why = words.labels(language)["no_path"][facts.no_path]
        lines += [(_LINE, Text(each, BODY)) for each in wrapped(why, BODY, ROOM)]
    return lines


def _plot(sheet: Sheet, facts: PictureFacts, unit: dict[str, Any], language: str, top: float) -> None:
    size = float(unit["size"])
    years, values = _extent(facts, size)
    ticks = _ticks(*values, min(float(value) / size for _, value in _points(facts)))
    numbers = [Text(words.number(Decimal(repr(tick)), language), SMALL, QUIET) for tick in ticks]
    left = MARGIN + max(width(text.words, SMALL) for text in numbers) + 6
    axes = sheet.figure.add_axes((left / WIDTH, 1 - (top + _PLOT) / sheet.height, (WIDTH - 20 - left) / WIDTH, _PLOT / sheet.height))
    axes.set_xlim(*years)
    axes.set_ylim(*values)
    axes.set_yticks(ticks, [token(sheet, text) for text in numbers], fontsize=SMALL)
    shown = _years(facts, years, box(axes)[0])
    axes.set_xticks(shown, [token(sheet, Text(str(year), SMALL, QUIET)) for year in shown], fontsize=SMALL)
    axes.tick_params(length=0, pad=5)
    axes.tick_params(axis="x", length=4, color=_AXIS, pad=4)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.axhline(0, color=_AXIS, linewidth=1, zorder=1)
    write(sheet, MARGIN, top - 14, Text(unit["axis"], SMALL, QUIET))
    _signs(axes, facts, size)
    _labels(sheet, axes, facts, unit, language)


def _signs(axes: "Axes", facts: PictureFacts, size: float) -> None:
    """The path, the gap, the reports and the target."""
    if facts.required:
        axes.plot([y for y, _ in facts.required], [float(v) / size for _, v in facts.required], gid="path", zorder=3, **legend.PATH)
    if facts.gap and (look := legend.GAPS.get(words.side(facts))):
        year, required, reported = facts.gap
        axes.plot([year, year], [float(required) / size, float(reported) / size], gid="gap", zorder=4, **look)
    if facts.target:
        axes.plot([facts.target[0]], [float(facts.target[1]) / size], gid="target", zorder=5, clip_on=False, **legend.TARGET)
    if facts.reported:
        points = [(y, float(v) / size) for y, v in facts.reported]
        axes.plot([y for y, _ in points], [v for _, v in points], gid="reports", zorder=6, clip_on=False, **legend.REPORTS)


def _labels(sheet: Sheet, axes: "Axes", facts: PictureFacts, unit: dict[str, Any], language: str) -> None:
    """What stands beside the gap and the target, where it covers neither the other nor the edge."""
    own, size = words.labels(language), float(unit["size"])
    taken: list[Spot] = []
    wanted: list[tuple[str, str, int, float, float]] = []
    if facts.gap and (side := words.side(facts)) != "none":
        year, required, reported = facts.gap
        ends = float(required) / size, float(reported) / size
        wanted.append((words.amount(abs(reported - required), unit, language), own["gap_marks"][side], year, max(ends), min(ends)))
    if facts.target:
        level = float(facts.target[1]) / size
        value = words.amount(facts.target[1], unit, language)
        wanted.append((own["target_mark"].format(year=facts.target[0]), value, facts.target[0], level, level))
    for index, (first, second, year, high, low) in enumerate(wanted):
        x, above = _at(axes, year, high)
        below = _at(axes, year, low)[1]
        prefers_below = words.side(facts) == "under" if index == 0 and len(wanted) > 1 else True
        room = max(width(first, BODY, bold=True), width(second, BODY, bold=True))
        spot = free(x, (above, below), (room, 2 * _LINE - 4), box(axes), taken, below_first=prefers_below)
        taken.append(spot)
        for line, y in ((first, spot.bottom + _LINE), (second, spot.bottom + 3)):
            mark(sheet, axes, spot.middle, y, Text(line, BODY, is_bold=True, has_halo=True))


def _at(axes: "Axes", year: int, level: float) -> tuple[float, float]:
    """Where a point lies, in units from the lower left corner of the axes."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    wide, tall = box(axes)
    return (year - left) / (right - left) * wide, (level - low) / (high - low) * tall


def _points(facts: PictureFacts) -> list[tuple[int, Decimal]]:
    """All that is drawn."""
    return [*facts.required, *facts.reported, *([facts.target] if facts.target else [])]


def _extent(facts: PictureFacts, size: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """From which year to which, and from which value to which: zero is always in."""
    points = _points(facts)
    first, last = min(year for year, _ in points), max(year for year, _ in points)
    pad = max((last - first) * 0.045, 1.0)
    lowest, highest = (each(float(value) / size for _, value in points) for each in (min, max))
    top = max(highest / _HEADROOM, 0.0)
    top = top if top > lowest else 1.0
    is_low = facts.target is not None and 0 <= float(facts.target[1]) / size < top * _LOW
    bottom = min(lowest * 1.25, -top * _FOOTROOM if is_low else 0.0)
    return (first - pad, last + pad), (bottom, top)


def _ticks(low: float, high: float, lowest: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in found if min(lowest, 0.0) <= tick <= high]


def _years(facts: PictureFacts, extent: tuple[float, float], room: float) -> list[int]:
    """The years on the axis: the first, the last and the target year, and round ones where there is room between them."""
    all_years = [year for year, _ in _points(facts)]
    first, last = min(all_years), max(all_years)
    apart = _YEARS_APART * (extent[1] - extent[0]) / room
    step = next((each for each in (1, 2, 5, 10, 20, 25, 50) if each >= apart), 100)
    shown = [facts.target[0]] if facts.target else []
    for year in (first, last, *range(math.ceil(first / step) * step, last, step)):
        if all(abs(year - other) >= apart for other in shown):
            shown.append(year)
    return sorted(shown)
