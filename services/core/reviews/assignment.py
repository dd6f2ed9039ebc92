"""Who reviews what: the best assignment of all open practices at once, explained pair by pair.

Hard: nobody from the author's jurisdiction (in any of a person's roles), no author, no conflict, no earlier refusal, no
one twice on a practice, the load caps by person. Soft: two reviewers of one practice from the same jurisdiction (only
when there is no other way at a comparable price), an empty place (only when nobody is left; then it says why).
A person who represents several jurisdictions acts for a practice in the role that fits it best.
The same input and seed give the same output, in whatever order the input comes; the seed decides between equals.
"""

import hashlib
import heapq
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from operator import itemgetter
from typing import Final

from services.core.reviews.affinity import (
    WEIGHTS,
    Parts,
    PracticeIn,
    Ranges,
    ReviewerIn,
    Similarity,
    parts,
    ranges,
    reasons,
    similarity,
)
from services.core.reviews.conflicts import Conflict, Kept, Unfilled, barred, unfilled
from services.core.reviews.desks import Desks, desks
from services.core.reviews.flow import Arc, Flow, cheapest

SCALE: Final = 10_000
DESK: Final = WEIGHTS["load"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One proposed review. `score` is the weighted sum of `parts` (0..1); `missing_features` were not compared."""

    practice_id: str
    reviewer_id: str
    person_id: str
    jurisdiction_id: str
    score: float
    parts: Parts
    reasons: tuple[str, ...]
    constraints: tuple[str, ...]
    missing_features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """How the assignment came about. `objective` is the cost of what was filled, in 1/10,000 of a score point."""

    inputs_hash: str
    seed: int
    objective: int
    solver: str
    unfilled: tuple[Unfilled, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The new pairs (kept ones are not repeated) and, per practice, who would be asked next, best first."""

    run: Run
    pairs: tuple[Pair, ...]
    alternates: Mapping[str, tuple[Pair, ...]]


@dataclass(frozen=True, slots=True)
class _Option:
    """A person who may review a practice, in the role that fits best."""

    practice: PracticeIn
    reviewer: ReviewerIn
    parts: Parts
    alike: Similarity


def assign(
    practices: Collection[PracticeIn],
    reviewers: Collection[ReviewerIn],
    load: Mapping[str, int],
    conflicts: Collection[Conflict],
    *,
    per_practice: int,
    max_load: int,
    seed: int,
    kept: Collection[Kept] = (),
    refused: Collection[tuple[str, str]] = (),
    alternates: int = 5,
) -> Assignment:
    """Assign reviewers to the open places of `practices`, at the least total cost.

    `load`: open reviews per person outside `kept`. `per_practice`: places per practice. `max_load`: most reviews of a
    person in this call; a reviewer's own `max_load` caps all that lies open (of several roles the smallest).
    `refused`: (practice, person) pairs. Cost of a pair: what its score lacks; load costs rise with each review.
    """
    practices = sorted(practices, key=lambda each: each.id)
    reviewers = sorted(reviewers, key=lambda each: each.id)
    spans = ranges([each.context for each in practices] + [each.context for each in reviewers])
    out = {each.id: barred(each, reviewers, conflicts, kept, refused) for each in practices}
    options = {each.id: _options(each, reviewers, out[each.id], spans, seed) for each in practices}
    room = desks(reviewers, load, kept, max_load)
    filled = Counter(each.practice_id for each in kept)
    places = {each.id: max(0, per_practice - filled[each.id]) for each in practices}
    flow = _solve(places, options, room, kept, seed)
    pairs = _pairs(flow, options, room, kept, seed)
    given = Counter(each.practice_id for each in pairs)
    empty = tuple(unfilled(id_, n, given[id_], room.cap, out[id_]) for id_, n in sorted(places.items()) if n > given[id_])
    said_no = [{"practice": practice_id, "person": person_id} for practice_id, person_id in refused]
    inputs = (practices, reviewers, dict(load), conflicts, kept, said_no, per_practice, max_load, alternates, dict(WEIGHTS))
    run = Run(_hash(inputs), seed, flow.cost, flow.solver, empty)
    return Assignment(run, pairs, _alternates(options, pairs, room, kept, alternates))


def _options(practice: PracticeIn, reviewers: Collection[ReviewerIn], out: Mapping[str, str], spans: Ranges, seed: int) -> list[_Option]:
    """Everyone who may review the practice, in the role that fits best, in the order that the seed draws."""
    best: dict[str, _Option] = {}
    for reviewer in reviewers:
        if reviewer.person_id in out:
            continue
        alike = similarity(practice.context, reviewer.context, spans)
        option = _Option(practice, reviewer, parts(practice, reviewer, alike), alike)
        before = best.get(reviewer.person_id)
        if before is None or option.parts.score > before.parts.score:
            best[reviewer.person_id] = option
    return sorted(best.values(), key=lambda each: _draw(seed, practice.id, each.reviewer.person_id))


def _draw(seed: int, *ids: str) -> bytes:
    """The seed's order between equals: fair over practices, and the same wherever it is computed."""
    return hashlib.sha256(json.dumps([seed, *ids]).encode()).digest()


def _solve(places: Mapping[str, int], options: Mapping[str, list[_Option]], room: Desks, kept: Iterable[Kept], seed: int) -> Flow:
    drawn = sorted(places, key=lambda each: _draw(seed, each))
    wanting = {practice_id: places[practice_id] for practice_id in drawn if places[practice_id]}
    if not wanting:
        return Flow((), 0, "nothing to assign")
    taken = _jurisdictions(kept)
    arcs = [
        Arc(practice_id, each.reviewer.person_id, each.reviewer.jurisdiction_id, _cost(each.parts))
        for practice_id in wanting
        for each in options[practice_id]
        if room.left[each.reviewer.person_id]
    ]
    costs = {
        person_id: [round(SCALE * DESK * room.cost(person_id, further)) for further in range(left)] for person_id, left in room.left.items()
    }
    return cheapest(wanting, arcs, costs, taken, scale=SCALE)


def _cost(found: Parts) -> int:
    """What the score lacks without its load part, which the desks charge."""
    return round(SCALE * (1 - DESK - replace(found, load=0.0).score))


def _jurisdictions(pairs: Iterable[Kept | Pair]) -> dict[str, frozenset[str]]:
    """Per practice, the jurisdictions that review it."""
    found: dict[str, frozenset[str]] = {}
    for each in pairs:
        found[each.practice_id] = found.get(each.practice_id, frozenset()) | {each.jurisdiction_id}
    return found


def _pairs(flow: Flow, options: Mapping[str, list[_Option]], room: Desks, kept: Collection[Kept], seed: int) -> tuple[Pair, ...]:
    """The chosen pairs by practice and person. On each desk the best fitting review is counted first."""
    known = {(each.practice.id, each.reviewer.person_id): each for found in options.values() for each in found}
    chosen = [known[arc.practice_id, arc.person_id] for arc in flow.chosen]
    chosen.sort(key=lambda each: (-each.parts.score, _draw(seed, each.practice.id, each.reviewer.person_id)))
    reviewing = Counter((each.practice.id, each.reviewer.jurisdiction_id) for each in chosen)
    reviewing.update((each.practice_id, each.jurisdiction_id) for each in kept)
    pairs: list[Pair] = []
    for option in chosen:
        alone = reviewing[option.practice.id, option.reviewer.jurisdiction_id] == 1
        pairs.append(_pair(option, room, alone=alone))
        room.given[option.reviewer.person_id] += 1
    return tuple(sorted(pairs, key=lambda each: (each.practice_id, each.person_id)))


def _loaded(option: _Option, room: Desks) -> Parts:
    """The parts with the room that is left on the desk now."""
    person_id = option.reviewer.person_id
    return replace(option.parts, load=1 - room.cost(person_id, room.given[person_id]))


def _pair(option: _Option, room: Desks, *, alone: bool) -> Pair:
    practice, reviewer, person_id = option.practice, option.reviewer, option.reviewer.person_id
    load = room.given[person_id]
    found = _loaded(option, room)
    last = "; the cap is reached" if load + 1 == room.left[person_id] else ""
    constraints = (
        "Speaks for another jurisdiction than the author's.",
        f"Review {room.held[person_id] + load + 1} of at most {room.cap[person_id]} at once{last}.",
        "No other reviewer of this practice is from this jurisdiction."
        if alone
        else "Another reviewer of this practice is from the same jurisdiction.",
    )
    said = reasons(practice, reviewer, option.parts, option.alike)
    score = round(found.score, 4)
    return Pair(practice.id, reviewer.id, person_id, reviewer.jurisdiction_id, score, found, said, constraints, option.alike.missing)


def _alternates(
    options: Mapping[str, list[_Option]], pairs: Iterable[Pair], room: Desks, kept: Iterable[Kept], count: int
) -> dict[str, tuple[Pair, ...]]:
    """Per practice, who would be asked next: new jurisdictions first, then by score with the desks as they are now."""
    pairs = tuple(pairs)
    taken, assigned = _jurisdictions((*kept, *pairs)), {(each.practice_id, each.person_id) for each in pairs}
    ranked: dict[str, tuple[Pair, ...]] = {}
    for practice_id, found in options.items():
        reviewing = taken.get(practice_id, frozenset())
        free = [
            (each.reviewer.jurisdiction_id in reviewing, -_loaded(each, room).score, place, each)
            for place, each in enumerate(found)  # already in the order that the seed draws
            if (practice_id, each.reviewer.person_id) not in assigned
            and room.given[each.reviewer.person_id] < room.left[each.reviewer.person_id]
        ]
        first = heapq.nsmallest(count, free, key=itemgetter(0, 1, 2))
        ranked[practice_id] = tuple(_pair(each, room, alone=not shared) for shared, _, _, each in first)
    return ranked


def _hash(inputs: tuple[object, ...]) -> str:
    """SHA-256 (hex) over canonical JSON of every input but the seed; the order inside collections leaves no trace."""
    return hashlib.sha256(json.dumps([_canonical(each) for each in inputs], sort_keys=True).encode()).hexdigest()


def _canonical(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _canonical(entry) for name, entry in asdict(value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted((_canonical(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return value
