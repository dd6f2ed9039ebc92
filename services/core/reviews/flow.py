"""The cheapest assignment as a flow: practices → (practice, jurisdiction) → persons → desk, solved exactly by OR-tools.

Every practice sends its open places; a pair carries one; a person's desk takes as many as it has room for, each one
dearer than the last (convex, so the load spreads); what finds no one goes straight to the sink at a price so high that
as many places as possible are filled first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SAME_JURISDICTION = 2
"""A second reviewer from one jurisdiction on one practice costs this many times the worst pair."""


@dataclass(frozen=True, slots=True)
class Arc:
    """A possible pair and its cost (a whole number, 0 or more)."""

    practice_id: str
    person_id: str
    jurisdiction_id: str
    cost: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The optimum: the chosen arcs, their cost (pairs, desks, shared jurisdictions; without empty places), the solver."""

    chosen: tuple[Arc, ...]
    cost: int
    solver: str


def cheapest(
    places: Mapping[str, int],
    arcs: Sequence[Arc],
    desks: Mapping[str, Sequence[int]],
    taken: Mapping[str, frozenset[str]],
    *,
    scale: int,
) -> Flow:
    """Fill as many places as possible, then at the least cost. Ties fall by the order of `places` and `arcs`.

    `places`: open places per practice. `desks`: per person the cost of each further review, rising. `taken`: per practice
    the jurisdictions that review it already. `scale`: the cost of the worst pair. RuntimeError when OR-tools finds no
    optimum, which a well-formed flow always has.
    """
    import ortools
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    total = sum(places.values())
    price = _price(arcs, desks, scale, total)
    solver, nodes = SimpleMinCostFlow(), _Nodes()
    add = solver.add_arc_with_capacity_and_unit_cost
    sink = nodes["sink"]
    for practice_id, open_places in places.items():
        solver.set_node_supply(nodes["practice", practice_id], open_places)
        add(nodes["practice", practice_id], sink, open_places, price)
    for practice_id, jurisdiction_id in dict.fromkeys((arc.practice_id, arc.jurisdiction_id) for arc in arcs):
        source, group = nodes["practice", practice_id], nodes["group", practice_id, jurisdiction_id]
        if jurisdiction_id not in taken.get(practice_id, frozenset()):
            add(source, group, 1, 0)
        add(source, group, places[practice_id], SAME_JURISDICTION * scale)
    pairs = [add(nodes["group", arc.practice_id, arc.jurisdiction_id], nodes["person", arc.person_id], 1, arc.cost) for arc in arcs]
    for person_id, desk in desks.items():
        for cost in desk:
            add(nodes["person", person_id], sink, 1, cost)
    solver.set_node_supply(sink, -total)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"The assignment has no proven optimum: {status}.")
    chosen = tuple(arc for arc, number in zip(arcs, pairs, strict=True) if solver.flow(number))
    cost = solver.optimal_cost() - (total - len(chosen)) * price
    return Flow(chosen, cost, f"ortools {ortools.__version__} SimpleMinCostFlow")


def _price(arcs: Sequence[Arc], desks: Mapping[str, Sequence[int]], scale: int, total: int) -> int:
    """The cost of an empty place: more than all places together could cost when they are filled in the worst way."""
    desk = max((cost for costs in desks.values() for cost in costs), default=0)
    return (max((arc.cost for arc in arcs), default=0) + desk + SAME_JURISDICTION * scale + 1) * (total + 1)


class _Nodes(dict[object, int]):
    """Numbers nodes in the order in which they are first named."""

    def __missing__(self, key: object) -> int:
        self[key] = len(self)
        return self[key]
