"""How a disclosure answers one question: the best item counts, level by level.

Disclosure points are pro rata to the filled cells. The next level of a question opens only when the one below is earned in full.
An item that earns more in total therefore earns no less at any level: “the best” is the same for all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.core.commitments.bands.addresses import where
from services.core.commitments.bands.criteria import CELLS, TESTS, Item, blank, is_filled, items
from services.core.commitments.bands.scheme import LEVELS, Criterion, Essential, Question
from services.core.commitments.disclosure import Disclosure, Doubt

_NONE, _HALF, _ALL = Decimal(0), Decimal("0.5"), Decimal(1)
_BOTTOM: Final = LEVELS[0]


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that is asked of an item: ``credit`` (0, a half or 1) is the part of the ``points`` that it earns.

    ``what``, ``pointer``: the thing in words, and the field that answers it. ``is_fixed``: an item without it can not be mended.
    ``faults``: what of an item is to be corrected, where that is known.
    """

    what: str
    pointer: str
    points: Decimal
    credit: Callable[[Item, int], Decimal]
    is_fixed: bool = False
    faults: Callable[[Item], Sequence[Doubt]] = lambda _item: ()


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing: ``what`` in words, ``where`` it is to be written, and the ``points`` that it can earn.

    ``asked_by`` is the code of the question or essential.
    """

    what: str
    where: str
    points: Decimal
    asked_by: str
    is_essential: bool = False


@dataclass(frozen=True, slots=True)
class LevelScore:
    """What an answer earned at one level; ``lacks`` keeps it, in words, from the full points."""

    code: str
    points: Decimal
    most: Decimal
    is_open: bool
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The best answer to a question; ``item`` is None when there is nothing of the kind."""

    question: Question
    item: Item | None
    levels: tuple[LevelScore, ...]

    def at(self, code: str) -> LevelScore:
        """What was earned at one level."""
        return self.levels[LEVELS.index(code)]


def answer(question: Question, disclosure: Disclosure) -> Answer:
    """The best answer that the disclosure gives."""
    asked = [(level, question.most(level), _asks(question, level)) for level in LEVELS]
    best: tuple[Decimal, str, Item | None] = (_NONE, "", None)
    for item in items(question.about, disclosure):
        points = sum((level.points for level in _scores(asked, item, disclosure.reporting_year)), _NONE)
        if best[2] is None or points > best[0] or (points == best[0] and repr(item) > best[1]):
            best = (points, repr(item), item)
    item = best[2]
    looked_at = blank(question.about) if item is None else item
    return Answer(question, item, tuple(_scores(asked, looked_at, disclosure.reporting_year)))


def _scores(asked: Iterable[tuple[str, Decimal, list[Ask]]], item: Item, year: int) -> list[LevelScore]:
    scores: list[LevelScore] = []
    is_open = True
    for level, most, asks in asked:
        earned = [(ask, ask.credit(item, year)) for ask in asks]
        lacks = tuple(ask.what for ask, credit in earned if credit < 1)
        points = sum((ask.points * credit for ask, credit in earned), _NONE) if lacks else most
        scores.append(LevelScore(level, points if is_open else _NONE, most, is_open, lacks))
        is_open = is_open and not lacks
    return scores


def _asks(question: Question, level: str) -> list[Ask]:
    if level != _BOTTOM:
        return [_of_criterion(each, question.about) for each in question.criteria if each.level == level]
    each = question.points / len(question.cells)
    cells = ((name, CELLS[question.about][name]) for name in question.cells)
    return [Ask(cell.words, cell.pointer, each, _of_cell(name)) for name, cell in cells]


def _of_cell(name: str) -> Callable[[Item, int], Decimal]:
    return lambda item, _year: _ALL if is_filled(item, name) else _NONE


def _of_criterion(criterion: Criterion, kind: str) -> Ask:
    test = TESTS[kind][criterion.test]
    weaker = TESTS[kind].get(criterion.half_test)

    def credit(item: Item, year: int) -> Decimal:
        if test.holds(item, year, criterion.limit):
            return _ALL
        return _HALF if weaker is not None and weaker.holds(item, year, criterion.half_limit) else _NONE

    return Ask(criterion.says, test.pointer, criterion.points, credit, test.is_fixed, test.faults)


def closest(question: Question, disclosure: Disclosure, level: str) -> list[Lack]:
    """The fewest things that give the question its full points up to ``level``: on an item that is there, or on one more."""
    asks = [ask for code in LEVELS[: LEVELS.index(level) + 1] for ask in _asks(question, code)]
    return list(_lacks(asks, question, disclosure))


def unmet(essential: Essential, disclosure: Disclosure) -> list[Lack]:
    """The fewest things that meet an essential; nothing when it is met."""
    asks = [_of_criterion(each, essential.about) for each in essential.criteria]
    return list(_lacks(asks, essential, disclosure))


def _lacks(asks: Sequence[Ask], asking: Question | Essential, disclosure: Disclosure) -> Iterator[Lack]:
    """The gaps of the item that lacks least. What is to be corrected is told one by one, each with its place and with what is wrong."""
    item, gaps = _fewest(asks, asking.about, disclosure)
    for gap in gaps:
        faults = [(f"{gap.what}: {fault.message}", fault.pointer) for fault in gap.faults(item)]
        for what, pointer in faults or [(gap.what, gap.pointer)]:
            place = where(item, pointer, disclosure)
            yield Lack(what, place, gap.points, asking.code, is_essential=isinstance(asking, Essential))


def _fewest(asks: Sequence[Ask], kind: str, disclosure: Disclosure) -> tuple[Item, list[Ask]]:
    """Of the items that can be mended, and of one more that would be new, the one that lacks least; and what it lacks."""
    more = blank(kind)
    best: tuple[int, int, str, Item, list[Ask]] | None = None
    for item in (*items(kind, disclosure), *([] if more is None else [more])):
        gaps = [ask for ask in asks if ask.credit(item, disclosure.reporting_year) < 1]
        rank = (len(gaps), int(item is more))
        if (item is not more and any(gap.is_fixed for gap in gaps)) or (best is not None and rank > best[:2]):
            continue
        name = repr(item)
        if best is None or (*rank, name) < best[:3]:
            best = (*rank, name, item, gaps)
    if best is None:
        raise LookupError(f"Nothing of the kind {kind} can be mended or made.")
    return best[3], best[4]
