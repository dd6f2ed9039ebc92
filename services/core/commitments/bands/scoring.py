"""The band of a disclosure: every point has its reason, and what is missing for the next band can be read off.

Pure: the same disclosure and scheme give the same answer for ever; the order of what is disclosed leaves no trace. Filling a cell
never lowers a point or the band.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from services.core.commitments.bands.addresses import where
from services.core.commitments.bands.answers import Answer, Lack, LevelScore, answer, unmet
from services.core.commitments.bands.lacking import missing, shares
from services.core.commitments.bands.scheme import LEVELS, Category, Essential, Scheme
from services.core.commitments.disclosure import Disclosure
from services.core.commitments.targets import plain

_CENT: Final = Decimal("0.01")


def band(disclosure: Disclosure, scheme: Scheme) -> dict[str, Any]:
    """The band with its points, its essentials, and what is missing for the next one; plain JSON values.

    ``band`` is None when nothing is reported; ``next_band`` is None at the top.
    """
    answers = {question.code: answer(question, disclosure) for question in scheme.questions}
    open_lacks = {essential.code: unmet(essential, disclosure) for essential in scheme.essentials}
    percent = shares(scheme, answers)
    reached = _reached(scheme, percent, open_lacks)
    higher = scheme.gates[reached] if reached < len(LEVELS) else None
    lacks = missing(scheme, answers, disclosure, higher) if higher else []
    return {
        "scheme": scheme.version,
        "band": LEVELS[reached - 1] if reached else None,
        "next_band": higher.code if higher else None,
        "reporting_year": disclosure.reporting_year,
        "levels": [
            {"code": level, "percent": _shown(percent[level]), "next_band_needs": _shown(higher.shares.get(level) if higher else None)}
            for level in LEVELS
        ],
        "categories": [_category(category, answers, disclosure) for category in scheme.categories],
        "essentials": [_essential(essential, open_lacks[essential.code]) for essential in scheme.essentials],
        "missing_for_next": [
            {
                "what": lack.what,
                "where": lack.where,
                "points": _shown(lack.points),
                "asked_by": lack.asked_by,
                "is_essential": lack.is_essential,
            }
            for lack in lacks
        ],
        "notes": list(scheme.notes),
    }


def _reached(scheme: Scheme, percent: Mapping[str, Decimal], lacks: Mapping[str, list[Lack]]) -> int:
    """How many bands from below: the first gate that is shut closes those above it."""
    for place, gate in enumerate(scheme.gates):
        essentials = [essential for essential in scheme.essentials if essential.band == gate.code]
        is_short = any(percent[level] < least for level, least in gate.shares.items())
        if is_short or any(lacks[essential.code] for essential in essentials):
            return place
    return len(LEVELS)


def _category(category: Category, answers: Mapping[str, Answer], disclosure: Disclosure) -> dict[str, Any]:
    own = [answers[question.code] for question in category.questions]
    return {
        "code": category.code,
        "title": category.title,
        "weight": plain(category.weight),
        "levels": [
            {
                "code": level,
                "points": _shown(sum((each.at(level).points for each in own), Decimal(0))),
                "most": _shown(sum((each.at(level).most for each in own), Decimal(0))),
            }
            for level in LEVELS
        ],
        "questions": [_question(each, disclosure) for each in own],
    }


def _question(found: Answer, disclosure: Disclosure) -> dict[str, Any]:
    asked = [level for level in found.levels if level.most]
    return {
        "code": found.question.code,
        "asks": found.question.asks,
        "answered_by": None if found.item is None else where(found.item, "", disclosure).rstrip("/#"),
        "levels": [
            {"code": level.code, "points": _shown(level.points), "most": _shown(level.most), "is_open": level.is_open} for level in asked
        ],
        "reasons": list(_reasons(asked)),
    }


def _reasons(levels: Sequence[LevelScore]) -> Iterator[str]:
    """What was earned at each open level and why not more; and which one is not open yet."""
    for level in levels:
        name = level.code.capitalize()
        if not level.is_open:
            yield f"{name}: not open yet, because not all points below it are earned."
            return
        lacks = f" Missing: {'; '.join(level.lacks)}." if level.lacks else ""
        yield f"{name}: {_shown(level.points)} of {_shown(level.most)} points.{lacks}"


def _essential(essential: Essential, lacks: list[Lack]) -> dict[str, Any]:
    why = f"Missing: {'; '.join(lack.what for lack in lacks)}." if lacks else "All that it asks for is there."
    return {"code": essential.code, "name": essential.name, "band": essential.band, "met": not lacks, "why": why}


def _shown(number: Decimal | None) -> Any:
    return None if number is None else plain(number.quantize(_CENT, rounding=ROUND_HALF_EVEN))
