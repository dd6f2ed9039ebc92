"""Which targets of a file are commitments already that somebody made here: about the same, with the same figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from services.core.commitments.rules import Target
from services.core.commitments.targets import loads, target_of

_FIRST: Final = 1
"""The version that making a commitment leaves."""


@dataclass(frozen=True, slots=True)
class Held:
    """A commitment that is there: what it promises in its ``version``, and what it promised ``first`` (None: that is not told)."""

    id: UUID
    version: int
    now: Target
    first: Target | None


def held(commitment_id: UUID, version: int, now: str, first: str | None) -> Held:
    """A commitment out of its JSON texts: its target ``now``, and the content that sealed its ``first`` revision."""
    moved: Sequence[Mapping[str, Any]] = loads(first)["moved"] if first is not None else ()
    given = {each["field"]: each["after"] for each in moved}
    return Held(commitment_id, version, target_of(loads(now)), target_of(given) if given else None)


def adopted(wanted: Sequence[Target], there: Sequence[Held]) -> dict[int, tuple[UUID, int]]:
    """For the places in ``wanted`` whose target is there: its commitment, and the version of it that says the same.

    Each commitment is taken once, and what it promises now goes before what it promised first.
    """
    found: dict[int, tuple[UUID, int]] = {}
    states = [(each, each.version, each.now) for each in there], [(each, _FIRST, each.first) for each in there]
    for turn in states:
        for place, target in enumerate(wanted):
            taken = {commitment_id for commitment_id, _ in found.values()}
            free = [(each.id, version) for each, version, state in turn if each.id not in taken and _is_said(target, each.now, state)]
            if free:
                found.setdefault(place, free[0])
    return found


def _is_said(target: Target, now: Target, state: Target | None) -> bool:
    """Whether ``state`` has the figures of ``target``, and was about the same or is so ``now``."""
    return state is not None and _about(target) in (_about(now), _about(state)) and _figures(target) == _figures(state)


def _about(target: Target) -> tuple[Any, ...]:
    return target.target_type, target.sector, target.boundary, target.target_year


def _figures(target: Target) -> tuple[Any, ...]:
    scenario = target.baseline_scenario
    return (
        target.base_year, target.base_year_emissions_t, target.reduction_percent, target.target_emissions_t, target.intensity,
        scenario.target_year_emissions_t if scenario else None,
    )  # fmt: skip
