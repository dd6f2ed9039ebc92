"""A scheme of bands: versioned data that says what is asked, what earns points, and what each band needs.

Schemes are files in ``band_schemes/``. A published version is never edited: a change is a new file, so that an old band can be
computed again. `parse` refuses a scheme whose sums or names are wrong.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from services.core.commitments.bands.criteria import CELLS, KINDS, TESTS

LEVELS: Final = ("disclosure", "awareness", "management", "leadership")
"""The levels at which points are earned, and the bands; in their order."""
_FOLDER: Final = files("services.core.commitments") / "band_schemes"
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Criterion:
    """A test that earns its points: in full when it holds, half when only its weaker form does (if it has one)."""

    test: str
    says: str
    limit: int = 0
    level: str = ""
    points: Decimal = Decimal(0)
    half_test: str = ""
    half_limit: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A question to each item of a kind (``about``); the best answer counts.

    ``points`` are for Disclosure, shared equally by the ``cells``; the criteria earn the points of the other levels.
    """

    code: str
    asks: str
    about: str
    points: Decimal
    cells: tuple[str, ...]
    criteria: tuple[Criterion, ...]

    def most(self, level: str) -> Decimal:
        """The most points that it can give at ``level``."""
        if level == LEVELS[0]:
            return self.points
        return sum((each.points for each in self.criteria if each.level == level), Decimal(0))


@dataclass(frozen=True, slots=True)
class Category:
    """Questions about one thing, and its weight at each level (percent of all)."""

    code: str
    title: str
    weight: Decimal
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Essential:
    """What a band cannot be without, however many points there are: all criteria hold for one item of the kind."""

    code: str
    band: str
    name: str
    about: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """What a band needs besides its essentials and the bands below: the least percentage of the points of these levels."""

    code: str
    shares: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One version."""

    version: str
    notes: tuple[str, ...]
    gates: tuple[Gate, ...]
    categories: tuple[Category, ...]
    essentials: tuple[Essential, ...]

    @property
    def questions(self) -> Iterator[Question]:
        """All questions, in their order."""
        return (question for category in self.categories for question in category.questions)


def versions() -> list[str]:
    """The versions that are published here, oldest first (by year, then number)."""
    names = (entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))
    return sorted(names, key=lambda name: [int(part) for part in name.split("-")])


def current() -> Scheme:
    """The newest version."""
    return load(_newest())


@cache
def _newest() -> str:
    return versions()[-1]


@cache
def load(version: str) -> Scheme:
    """The scheme of that version. LookupError when there is none."""
    if version not in versions():
        raise LookupError(f"There is no scheme {version}.")
    return parse(tomllib.loads((_FOLDER / f"{version}.toml").read_text(encoding="utf-8"), parse_float=Decimal))


def parse(data: Mapping[str, Any]) -> Scheme:
    """Read a scheme from its TOML form. ValueError says what is wrong with it."""
    scheme = Scheme(
        version=data["version"],
        notes=tuple(data["notes"]),
        gates=tuple(Gate(each["code"], {level: Decimal(least) for level, least in each["shares"].items()}) for each in data["bands"]),
        categories=tuple(
            Category(each["code"], each["title"], Decimal(each["weight"]), tuple(map(_question, each["questions"])))
            for each in data["categories"]
        ),
        essentials=tuple(
            Essential(each["code"], each["band"], each["name"], each["about"], tuple(map(_criterion, each["criteria"])))
            for each in data["essentials"]
        ),
    )
    for wrong, message in _faults(scheme):
        if wrong:
            raise ValueError(f"Scheme {scheme.version}: {message}.")
    return scheme


def _question(entry: Mapping[str, Any]) -> Question:
    criteria = tuple(map(_criterion, entry.get("criteria", ())))
    return Question(entry["code"], entry["asks"], entry["about"], Decimal(entry["points"]), tuple(entry["cells"]), criteria)


def _criterion(entry: Mapping[str, Any]) -> Criterion:
    return Criterion(**{**entry, "points": Decimal(entry.get("points", 0))})


def _faults(scheme: Scheme) -> Sequence[tuple[bool, str]]:
    questions = list(scheme.questions)
    asking: list[Question | Essential] = [*questions, *scheme.essentials]
    asked = [(each.about, criterion) for each in asking for criterion in each.criteria]
    codes = [category.code for category in scheme.categories] + [each.code for each in asking]
    kinds = {each.about for each in asking}
    if not kinds <= set(KINDS):
        return [(True, "a question is about something unknown")]
    earning = [criterion for question in questions for criterion in question.criteria]
    return [
        (sum(category.weight for category in scheme.categories) != _WHOLE, "the weights do not sum to 100"),
        (len(set(codes)) != len(codes), "a code stands twice"),
        (tuple(gate.code for gate in scheme.gates) != LEVELS, "the bands are not the four in their order"),
        (any(not set(gate.shares) <= set(LEVELS[: n + 1]) for n, gate in enumerate(scheme.gates)), "a band asks for a level above it"),
        (any(not 0 < least <= _WHOLE for gate in scheme.gates for least in gate.shares.values()), "a share is not from 0 to 100"),
        (not all(question.cells and question.points > 0 for question in questions), "a question has no Disclosure"),
        (any(not set(question.cells) <= CELLS[question.about].keys() for question in questions), "a cell is unknown"),
        (any(each.test not in TESTS[kind] for kind, each in asked), "a test is unknown"),
        (any(each.half_test and each.half_test not in TESTS[kind] for kind, each in asked), "a test for half the points is unknown"),
        (any(each.level not in LEVELS[1:] or each.points <= 0 for each in earning), "a criterion gives no points at a level"),
        (any(each.band not in LEVELS for each in scheme.essentials), "an essential is of an unknown band"),
        (not all(each.criteria for each in scheme.essentials), "an essential asks nothing"),
    ]
