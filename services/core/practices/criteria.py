"""What each kind of check looks at in a submission, and what it finds: how much, where, and what is still to fill in.

Each kind is monotone: filling a field never makes it find less. None looks at the order of a list.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.core.practices import links, sdgs
from services.core.practices.citing import exhibit, figure, plain_number
from services.core.practices.rubric import Check, CheckKind
from services.core.practices.submission import Evidence, Indicator, Submission
from services.core.practices.validation import same_language
from services.core.practices.words import said, word_count

Place = tuple[str, str]
"""A pointer into the practice, and what stands there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A submission as the checks look at it in `year`: `measured` are its results that lie in the past, by their place in the list."""

    submission: Submission
    year: int
    measured: Mapping[int, Indicator]
    counting: int


@dataclass(frozen=True, slots=True)
class Found:
    """How much was found, where, and the field to fill in for more."""

    count: int
    places: Sequence[Place]
    missing: str


def asked(submission: Submission, year: int, counting: int) -> Asked:
    """The submission for its checks. A result dated after `year` is a plan, and does not count as measured."""
    measured = {n: i for n, i in enumerate(submission.indicators) if i.measured and i.year is not None and i.year <= year}
    return Asked(submission, year, measured, counting)


def look(check: Check, what: Asked) -> Found:
    """What the check finds."""
    return _LOOKS[check.kind](check, what)


def _filled(check: Check, what: Asked) -> Found:
    text = _told(_value(check.field, what.submission))
    return Found(int(bool(text)), [(check.field, text)] if text else [], check.field)


def _above_zero(check: Check, what: Asked) -> Found:
    amount = _value(check.field, what.submission)
    is_given = isinstance(amount, Decimal) and amount > 0
    return Found(int(is_given), [(check.field, _told(amount))] if is_given else [], check.field)


def _counted(check: Check, what: Asked) -> Found:
    return _items(check, what, lambda _: True)


def _matching(check: Check, what: Asked) -> Found:
    return _items(check, what, lambda text: re.fullmatch(check.pattern, text) is not None)


def _targets(check: Check, what: Asked) -> Found:
    return _items(check, what, lambda text: text in sdgs.targets())


def _goals(check: Check, what: Asked) -> Found:
    places = sorted(_targets(check, what).places, key=lambda place: place[1])
    return _of_places(check, {sdgs.goal(text): (pointer, text) for pointer, text in reversed(places)}.values())


def _other_themes(check: Check, what: Asked) -> Found:
    """Themes besides the main one; without a main theme there are no others."""
    main = what.submission.theme.strip().casefold()
    return _items(check, what, lambda text: bool(main) and text != main)


def _words(check: Check, what: Asked) -> Found:
    text = _told(_value(check.field, what.submission))
    return Found(word_count(text, what.counting), [(check.field, text)] if text else [], check.field)


def _measured(check: Check, what: Asked) -> Found:
    """Measured results that carry all that is needed; with a `part`, those that differ in it."""
    fitting = {n: i for n, i in what.measured.items() if all(_carries(i, need, what) for need in check.needs)}
    places = [(f"/indicators/{n}", figure(i)) for n, i in fitting.items()]
    if "evidence" in check.needs:
        ids = {i.evidence_id for i in fitting.values()}
        places += [(f"/evidence/{n}", exhibit(e)) for n, e in enumerate(what.submission.evidence) if e.id in ids]
    count = len({said(str(getattr(i, check.part)), what.counting) for i in fitting.values()}) if check.part else len(fitting)
    return Found(count, places, _lacking(check, what))


def _years(check: Check, what: Asked) -> Found:
    by_year: dict[int | None, Place] = {}
    for place, year in sorted((((f"/indicators/{n}", figure(i)), i.year) for n, i in what.measured.items()), key=lambda each: each[0][1]):
        by_year.setdefault(year, place)
    return _of_places(check, by_year.values())


def _method(check: Check, what: Asked) -> Found:
    """The words on how a result was measured, where there are most."""
    told = [(-word_count(i.method, what.counting), i.method, n) for n, i in what.measured.items()]
    if not told:
        return Found(0, [], check.field)
    words, text, n = min(told)
    pointer = f"/indicators/{n}/method"
    return Found(-words, [(pointer, text)] if words else [], pointer)


def _complete(check: Check, what: Asked) -> Found:
    """The parts of one record that are given. Without the first there is nothing that the others could say more of.

    A year that is still to come is none yet.
    """
    told = {f"{check.field}/{part}": _told(_past(_value(f"{check.field}/{part}", what.submission), part, what)) for part in check.needs}
    if not told[f"{check.field}/{check.needs[0]}"]:
        return Found(0, [], f"{check.field}/{check.needs[0]}")
    places = [(pointer, text) for pointer, text in told.items() if text]
    return Found(len(places), places, next((pointer for pointer, text in told.items() if not text), check.field))


def _past(value: object, part: str, what: Asked) -> object:
    return None if part == "year" and isinstance(value, int) and value > what.year else value


def _translated(check: Check, what: Asked) -> Found:
    """The texts of the fullest translation. Which language is another one can be told only when the own is known."""
    own, best = what.submission.language, Found(0, [], check.field)
    for locale, texts in sorted(what.submission.translations.items()):
        if own.strip() and not same_language(locale, own):
            told = {f"{check.field}/{locale}/{name}": texts.get(name, "").strip() for name in check.needs}
            places = [(pointer, text) for pointer, text in told.items() if text]
            if len(places) > best.count:
                best = Found(len(places), places, next((pointer for pointer, text in told.items() if not text), check.field))
    return best


def _evidence(check: Check, what: Asked) -> Found:
    """Files, and links that can be followed, each once."""
    good = [(exhibit(item), n, item) for n, item in enumerate(what.submission.evidence) if _is_open(item)]
    # Of two that are the same, the one that comes first by what it says is quoted.
    different = {item.sha256 or item.url or item.id: (f"/evidence/{n}", text) for text, n, item in sorted(good, key=_by_text, reverse=True)}
    return _of_places(check, different.values())


def _by_text(shown: tuple[str, int, Evidence]) -> tuple[str, int]:
    return shown[:2]


def _is_open(item: Evidence) -> bool:
    """Whether it can be looked at: a file, or a link that can be followed."""
    return item.kind != "link" or not links.fault(item.url)


_LOOKS: Final[Mapping[CheckKind, Callable[[Check, Asked], Found]]] = {
    "filled": _filled,
    "above_zero": _above_zero,
    "count_at_least": _counted,
    "matching_at_least": _matching,
    "words_at_least": _words,
    "measured_result": _measured,
    "complete": _complete,
    "other_themes": _other_themes,
    "targets_at_least": _targets,
    "goals_at_least": _goals,
    "method_words": _method,
    "result_years": _years,
    "translated": _translated,
    "evidence_at_least": _evidence,
}


def _of_places(check: Check, places: Iterable[Place]) -> Found:
    listed = list(places)
    return Found(len(listed), listed, check.field)


def _items(check: Check, what: Asked, fits: Callable[[str], bool]) -> Found:
    """The different items of a list, by what they say: blanks and repetitions do not count."""
    value = _value(check.field, what.submission) or ()
    different: dict[str, Place] = {}
    for n, item in enumerate(value):  # type: ignore[arg-type, var-annotated]
        text = str(getattr(item, check.part) if check.part else item).strip()
        place = f"{n}/{check.part}" if check.part else item if isinstance(value, Mapping) else n
        key, pointer = said(text, what.counting), f"{check.field}/{place}"
        if key and fits(text.casefold()) and (key not in different or text < different[key][1]):
            different[key] = (pointer, text)
    return _of_places(check, different.values())


def _carries(indicator: Indicator, need: str, what: Asked) -> bool:
    if need == "baseline":
        return indicator.baseline is not None and indicator.baseline != indicator.result
    if need == "evidence":
        return any(item.id == indicator.evidence_id and _is_open(item) for item in what.submission.evidence)
    return bool(str(getattr(indicator, need) or "").strip())


def _lacking(check: Check, what: Asked) -> str:
    """The member to fill in of the measured result that comes first by what it says; the list when there is none."""
    for n, indicator in sorted(what.measured.items(), key=lambda item: (figure(item[1]), item[0])):
        for need in check.needs:
            if not _carries(indicator, need, what):
                return f"/indicators/{n}/{'evidence_id' if need == 'evidence' else need}"
    return check.field


def _value(pointer: str, submission: Submission) -> object:
    value: object = submission
    for part in pointer.split("/")[1:]:
        value = None if value is None else getattr(value, part)
    return value


def _told(value: object) -> str:
    """What stands in a field, as text; "" when nothing does."""
    if isinstance(value, Decimal | int):
        return plain_number(value)
    return str(value or "").strip()
