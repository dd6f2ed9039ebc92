"""How well a reviewer fits a practice: the parts of the score, each 0..1, and the reasons in words.

"Similar but differentiated": the reviewer's city should resemble the author's in context and have other strengths, so
the two are multiplied. Context similarity is 1 minus Gower's distance (Gower 1971): numbers by their difference over the
range in this run, categories equal or not, features that either city lacks left out and reported.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# The score is the sum of weight * part; "peer" weighs context_similarity * complementarity. ComP Hub's own choice.
WEIGHTS: Final[Mapping[str, float]] = {"topic": 0.40, "peer": 0.25, "language": 0.15, "fairness": 0.10, "load": 0.10}
UNKNOWN: Final = 0.5
TRANSLATED: Final = 0.8
SISTER_LANGUAGE: Final = 0.5
CLOSE: Final = 0.75
NAMED: Final = 3

Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Context:
    """A jurisdiction's context; None = not known. Area in km², share 0..1, emissions in t CO2e per person."""

    population: float | None = None
    area_km2: float | None = None
    gdp_per_capita: float | None = None
    industry_share: float | None = None
    emissions_per_capita: float | None = None
    climate_zone: str | None = None
    coastal: bool | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class PracticeIn:
    """A practice to be reviewed. `context` and `recognised_themes` are its jurisdiction's; languages are BCP 47."""

    id: str
    jurisdiction_id: str
    country: str
    theme: str
    language: str
    secondary_themes: tuple[str, ...] = ()
    translations: tuple[str, ...] = ()
    context: Context = Context()
    recognised_themes: tuple[str, ...] = ()
    author_person_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewerIn:
    """A representative who may review; one person may be several. `max_load` is the most reviews open at once."""

    id: str
    person_id: str
    jurisdiction_id: str
    country: str
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    context: Context = Context()
    recognised_themes: tuple[str, ...] = ()
    max_load: int = 3


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a pair's score, each 0..1.

    `topic` 1 for the theme, ½ for a secondary one; `context_similarity` and `complementarity` (1 minus the overlap of
    recognised themes, Jaccard) are ½ when nothing is known; `language` 1 for the original, 0.8 for a translation, half for
    a sister language; `fairness` 1 for another country than the author's; `load` the room left on the desk.
    """

    topic: float
    context_similarity: float
    complementarity: float
    language: float
    fairness: float
    load: float = 0.0

    @property
    def score(self) -> float:
        """The weighted sum, 0..1."""
        peer = self.context_similarity * self.complementarity
        named = {"topic": self.topic, "peer": peer, "language": self.language, "fairness": self.fairness, "load": self.load}
        return sum(WEIGHTS[name] * part for name, part in named.items())


@dataclass(frozen=True, slots=True)
class Similarity:
    """1 - Gower's distance, per feature and over all compared features; `missing` names those left out."""

    value: float
    by_feature: Mapping[str, float]
    missing: tuple[str, ...]


@lru_cache(maxsize=4096)
def _features(context: Context) -> dict[str, float | str | None]:
    density = None
    if context.population and context.area_km2:
        density = context.population / context.area_km2
    return {
        "population": _log(context.population),
        "density": _log(density),
        "gdp_per_capita": context.gdp_per_capita,
        "industry_share": context.industry_share,
        "emissions_per_capita": context.emissions_per_capita,
        "climate_zone": context.climate_zone,
        "coastal": None if context.coastal is None else str(context.coastal),
        "level": context.level,
    }


def _log(value: float | None) -> float | None:
    return math.log(value) if value is not None and value > 0 else None


def ranges(contexts: Iterable[Context]) -> Ranges:
    """Smallest and largest value of each numeric feature (population and density as logarithms) over all contexts."""
    found: dict[str, tuple[float, float]] = {}
    for context in contexts:
        for name, value in _features(context).items():
            if isinstance(value, str) or value is None:
                continue
            low, high = found.get(name, (value, value))
            found[name] = (min(low, value), max(high, value))
    return found


def similarity(one: Context, other: Context, spans: Ranges) -> Similarity:
    """1 - Gower's distance between two contexts, 0..1; ½ when no feature is known of both."""
    left, right = _features(one), _features(other)
    by_feature: dict[str, float] = {}
    for name, value in left.items():
        against = right[name]
        if value is None or against is None:
            continue
        if isinstance(value, str) or isinstance(against, str):
            by_feature[name] = float(value == against)
        else:
            low, high = spans[name]
            by_feature[name] = 1 - abs(value - against) / (high - low) if high > low else 1.0
    mean = sum(by_feature.values()) / len(by_feature) if by_feature else UNKNOWN
    return Similarity(mean, by_feature, tuple(name for name in left if name not in by_feature))


def parts(practice: PracticeIn, reviewer: ReviewerIn, alike: Similarity) -> Parts:
    """The parts of the pair's score; `load` is left to the assignment, which knows the desk."""
    themes = set(reviewer.themes)
    topic = 1.0 if practice.theme in themes else 0.5 if themes & set(practice.secondary_themes) else 0.0
    ours, theirs = set(practice.recognised_themes), set(reviewer.recognised_themes)
    strengths = ours | theirs
    return Parts(
        topic=topic,
        context_similarity=alike.value,
        complementarity=1 - len(ours & theirs) / len(strengths) if strengths else UNKNOWN,
        language=language_match(practice, reviewer.languages),
        fairness=float(reviewer.country != practice.country),
    )


def language_match(practice: PracticeIn, languages: Iterable[str]) -> float:
    """How well the practice can be read, 0..1: the best of its original and (0.8) its translations."""
    known = [tag.casefold() for tag in languages]
    original = max((_same(practice.language.casefold(), tag) for tag in known), default=0.0)
    translated = max((_same(t.casefold(), tag) for t in practice.translations for tag in known), default=0.0)
    return max(original, TRANSLATED * translated)


def _same(one: str, other: str) -> float:
    left, right = one.split("-"), other.split("-")
    if left[0] != right[0] or not left[0]:
        return 0.0
    shorter = min(len(left), len(right))
    return 1.0 if left[:shorter] == right[:shorter] else SISTER_LANGUAGE


_SAID: Final = {
    "population": "size",
    "density": "density",
    "gdp_per_capita": "income",
    "industry_share": "industry",
    "emissions_per_capita": "emissions per person",
    "climate_zone": "climate",
    "coastal": "place by the sea or inland",
    "level": "level of government",
}


def reasons(practice: PracticeIn, reviewer: ReviewerIn, found: Parts, alike: Similarity) -> tuple[str, ...]:
    """Why this reviewer, in sentences for the reviewer; the author is not named."""
    said: list[str] = []
    shared = {theme: theme.replace("_", " ") for theme in sorted(set(practice.secondary_themes) & set(reviewer.themes))}
    if found.topic == 1:
        said.append(f"You work on {practice.theme.replace('_', ' ')}, the theme of this practice.")
    elif shared:
        said.append(f"You work on {' and '.join(shared.values())}, which this practice touches too.")
    close = sorted((name for name in alike.by_feature if alike.by_feature[name] >= CLOSE), key=lambda n: -alike.by_feature[n])
    if found.context_similarity >= CLOSE and close:
        said.append(f"Your city and theirs are alike in {_listed([_SAID[name] for name in close[:NAMED]])}.")
    if found.complementarity == 1:
        said.append("Your city has been recognised for other themes than theirs.")
    if found.language >= TRANSLATED:
        said.append(f"You read a language in which it is written ({', '.join((practice.language, *sorted(practice.translations)))}).")
    if found.fairness:
        said.append("You see it from another country.")
    return tuple(said) or ("You are the closest reviewer from another city who has time.",)


def _listed(words: list[str]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1]) if len(words) > 1 else words)
