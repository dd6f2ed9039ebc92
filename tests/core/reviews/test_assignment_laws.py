"""Laws of the assignment over random instances, and its optimum against brute force."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.reviews.affinity import (
    Context,
    PracticeIn,
    ReviewerIn,
)
from services.core.reviews.assignment import SCALE, Assignment, assign
from services.core.reviews.conflicts import Conflict, Kept
from services.core.reviews.flow import SAME_JURISDICTION, Arc, cheapest

numbers = st.none() | st.floats(0.1, 1e6)
contexts = st.builds(
    Context, numbers, numbers, numbers, numbers, numbers, st.sampled_from([None, "Cfa", "Af"]), st.sampled_from([None, True, False])
)
themes = st.lists(st.sampled_from(["energy_transition", "circular_economy", "innovative_finance"]), unique=True, max_size=2).map(tuple)
tongues = st.lists(st.sampled_from(["en", "ja", "zh-Hant"]), unique=True, max_size=2).map(tuple)
CITIES = ("a", "b", "c", "d")


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    """A small call: up to 3 practices, up to 6 roles of up to 5 persons in 4 cities."""
    practices = [
        PracticeIn(
            f"p{n}", draw(st.sampled_from(CITIES)), draw(st.sampled_from("XY")), "energy_transition", "en",
            draw(themes), draw(tongues), draw(contexts), draw(themes), draw(st.sampled_from([(), ("u1",)])),
        )
        for n in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    reviewers = [
        ReviewerIn(
            f"r{n}", draw(st.sampled_from(["u1", "u2", "u3", "u4", "u5"])), draw(st.sampled_from(CITIES)), draw(st.sampled_from("XY")),
            draw(themes), draw(tongues), draw(contexts), draw(themes), draw(st.integers(0, 3)),
        )
        for n in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    ids, persons = st.sampled_from(["p0", "p1", "p2"]), st.sampled_from(["u1", "u2", "u3"])
    conflicts = st.builds(Conflict, ids, persons) | st.builds(Conflict, ids, st.none(), st.sampled_from(CITIES))
    kept = st.builds(Kept, ids, persons, st.sampled_from(CITIES), st.booleans())
    return {
        "practices": practices,
        "reviewers": reviewers,
        "load": draw(st.dictionaries(persons, st.integers(0, 2))),
        "conflicts": draw(st.lists(conflicts, max_size=2)),
        "kept": draw(st.lists(kept, max_size=2, unique_by=lambda each: (each.practice_id, each.person_id))),
        "refused": draw(st.lists(st.tuples(ids, persons), max_size=2)),
        "per_practice": draw(st.integers(1, 3)),
        "max_load": draw(st.integers(1, 3)),
        "seed": draw(st.integers(0, 3)),
    }  # fmt: skip


def solve(instance: Mapping[str, Any]) -> Assignment:
    return assign(**instance)


@given(instances())
@settings(max_examples=200, deadline=None)
def test_law_what_is_never_assigned(instance: dict[str, Any]) -> None:
    found = solve(instance)
    practices = {each.id: each for each in instance["practices"]}
    for pair in [*found.pairs, *(each for ranked in found.alternates.values() for each in ranked)]:
        practice = practices[pair.practice_id]
        roles = [each for each in instance["reviewers"] if each.person_id == pair.person_id]
        assert pair.reviewer_id in {each.id for each in roles}
        assert practice.jurisdiction_id not in {each.jurisdiction_id for each in roles}
        assert pair.person_id not in practice.author_person_ids
        assert (pair.practice_id, pair.person_id) not in instance["refused"]
        assert all((each.practice_id, each.person_id) != (pair.practice_id, pair.person_id) for each in instance["kept"])
        mine = [each for each in instance["conflicts"] if each.practice_id == practice.id]
        assert pair.person_id not in {each.person_id for each in mine}
        assert not {each.jurisdiction_id for each in mine} & {each.jurisdiction_id for each in roles}
        for part in (pair.parts.topic, pair.parts.complementarity, pair.parts.language, pair.parts.fairness, pair.parts.load):
            assert 0 <= part <= 1
        assert pair.reasons
        assert pair.constraints
    assert len({(pair.practice_id, pair.person_id) for pair in found.pairs}) == len(found.pairs)
    for person_id, new in Counter(pair.person_id for pair in found.pairs).items():
        kept = [each for each in instance["kept"] if each.person_id == person_id]
        cap = min(each.max_load for each in instance["reviewers"] if each.person_id == person_id)
        assert new + len(kept) <= instance["max_load"]
        assert new + sum(each.open for each in kept) + instance["load"].get(person_id, 0) <= cap
    for practice in instance["practices"]:
        kept_here = sum(each.practice_id == practice.id for each in instance["kept"])
        empty = sum(each.places for each in found.run.unfilled if each.practice_id == practice.id)
        assert sum(pair.practice_id == practice.id for pair in found.pairs) + empty == max(0, instance["per_practice"] - kept_here)


@given(instances(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_law_the_order_of_the_input_leaves_no_trace(instance: dict[str, Any], dice: random.Random) -> None:
    mixed: dict[str, Any] = {key: dice.sample(value, len(value)) if isinstance(value, list) else value for key, value in instance.items()}
    mixed["reviewers"] = [replace(each, themes=each.themes[::-1], languages=each.languages[::-1]) for each in mixed["reviewers"]]
    mixed["practices"] = [
        replace(each, secondary_themes=each.secondary_themes[::-1], translations=each.translations[::-1]) for each in mixed["practices"]
    ]
    mixed["load"] = dict(reversed(mixed["load"].items()))
    assert solve(mixed) == solve(instance)
    assert list(solve(mixed).alternates) == list(solve(instance).alternates)


@given(instances())
@settings(max_examples=100, deadline=None)
def test_law_the_seed_decides_only_between_equals(instance: dict[str, Any]) -> None:
    one, other = solve(instance), solve(instance | {"seed": 99})
    assert one.run.objective == other.run.objective
    assert one.run.inputs_hash == other.run.inputs_hash
    assert len(one.pairs) == len(other.pairs)


def brute_force(
    places: Mapping[str, int], arcs: list[Arc], desks: Mapping[str, list[int]], taken: Mapping[str, frozenset[str]]
) -> tuple[int, int]:
    """(most places filled, least cost) by trying every choice."""
    offers = []
    for practice_id, count in places.items():
        mine = [arc for arc in arcs if arc.practice_id == practice_id]
        offers.append([choice for size in range(count + 1) for choice in combinations(mine, size)])
    best = (1, 0)
    for plan in product(*offers):
        flat = [arc for choice in plan for arc in choice]
        loads = Counter(arc.person_id for arc in flat)
        if any(count > len(desks[person_id]) for person_id, count in loads.items()):
            continue
        cost = sum(arc.cost for arc in flat) + sum(sum(desks[person_id][:count]) for person_id, count in loads.items())
        for (practice_id, jurisdiction_id), count in Counter((a.practice_id, a.jurisdiction_id) for a in flat).items():
            fresh = 0 if jurisdiction_id in taken.get(practice_id, frozenset()) else 1
            cost += max(0, count - fresh) * SAME_JURISDICTION * SCALE
        best = min(best, (-len(flat), cost))
    return -best[0], best[1]


@st.composite
def flows(draw: st.DrawFn) -> dict[str, Any]:
    persons = [f"u{n}" for n in range(draw(st.integers(1, 4)))]
    places = {f"p{n}": draw(st.integers(1, 3)) for n in range(draw(st.integers(1, 3)))}
    arcs = [
        Arc(practice_id, person_id, draw(st.sampled_from("abc")), draw(st.integers(0, SCALE)))
        for practice_id in places
        for person_id in persons
        if draw(st.integers(0, 4))
    ]
    desks = {each: sorted(draw(st.lists(st.integers(0, 1000), max_size=2))) for each in persons}
    taken = {each: draw(st.frozensets(st.sampled_from("abc"), max_size=1)) for each in places}
    return {"places": places, "arcs": arcs, "desks": desks, "taken": taken}


@given(flows())
@settings(max_examples=200, deadline=None)
def test_law_the_flow_is_the_optimum(instance: dict[str, Any]) -> None:
    found = cheapest(**instance, scale=SCALE)
    assert (len(found.chosen), found.cost) == brute_force(**instance)


@given(instances())
@settings(max_examples=200, deadline=None)
def test_law_the_objective_is_what_the_shown_scores_lack(instance: dict[str, Any]) -> None:
    found = solve(instance)
    reviewing = Counter((each.practice_id, each.jurisdiction_id) for each in [*found.pairs, *instance["kept"]])
    known = {each.id for each in instance["practices"]}
    shared = sum(count - 1 for (practice_id, _), count in reviewing.items() if practice_id in known)
    kept = Counter((each.practice_id, each.jurisdiction_id) for each in instance["kept"] if each.practice_id in known)
    shared -= sum(count - 1 for count in kept.values())
    lacking = sum(SCALE * (1 - pair.parts.score) for pair in found.pairs) + shared * SAME_JURISDICTION * SCALE
    assert found.run.objective == pytest.approx(lacking, abs=2 * len(found.pairs) + 1)
