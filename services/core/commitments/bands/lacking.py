"""What is missing for the next band: enough to open it when all of it is supplied, what helps most first."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from services.core.commitments.bands.answers import Answer, Lack, closest, unmet
from services.core.commitments.bands.scheme import LEVELS, Gate, Scheme
from services.core.commitments.disclosure import Disclosure

_PERCENT: Final = Decimal(100)


def shares(scheme: Scheme, answers: Mapping[str, Answer]) -> dict[str, Decimal]:
    """Percent of all points that are earned at each level, each category by its weight."""
    found = {}
    for level in LEVELS:
        lost = sum(_gains(scheme, answers, level).values(), Decimal(0))
        found[level] = _PERCENT - lost
    return found


def _gains(scheme: Scheme, answers: Mapping[str, Answer], level: str) -> dict[str, Decimal]:
    """By how much (percent of all points at a level) each question, by code, could add to what is earned there."""
    rated = [(category, sum((each.most(level) for each in category.questions), Decimal(0))) for category in scheme.categories]
    weights = sum((category.weight for category, most in rated if most), Decimal(0))
    scores = {code: answer.at(level) for code, answer in answers.items()}
    return {
        question.code: _PERCENT * category.weight * (scores[question.code].most - scores[question.code].points) / most / weights
        for category, most in rated
        if most
        for question in category.questions
    }


def missing(scheme: Scheme, answers: Mapping[str, Answer], disclosure: Disclosure, gate: Gate) -> list[Lack]:
    """What opens ``gate`` when it is supplied: its essentials first, then the questions by what each missing thing earns.

    From the highest level down: a question that gets its full points there has those of all levels below too.
    """
    steps = [lack for each in scheme.essentials if each.band == gate.code for lack in unmet(each, disclosure)]
    full: set[str] = set()
    for level in reversed(LEVELS):
        gains = {code: gain for code, gain in _gains(scheme, answers, level).items() if gain and code not in full}
        ways = {code: closest(answers[code].question, disclosure, level) for code in gains} if level in gate.shares else {}
        while _PERCENT - sum(gains.values(), Decimal(0)) < gate.shares.get(level, 0):
            best = max(ways, key=lambda code: gains[code] / len(ways[code]))
            steps += ways.pop(best)
            del gains[best]
            full.add(best)
    return _once(steps)


def _once(lacks: Iterable[Lack]) -> list[Lack]:
    """Each thing at its first place, though several questions ask for it."""
    found: dict[tuple[str, str], Lack] = {}
    for lack in lacks:
        found.setdefault((lack.where, lack.what), lack)
    return list(found.values())
