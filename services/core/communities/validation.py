"""The guards of a membership's steps: what must be true of the world before a step is taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from services.core.communities import agreements
from services.core.communities.rules import COUNTED
from services.core.kit.errors import Problem


@dataclass(frozen=True, slots=True)
class Facts:
    """What guards look at, read while the community is locked, so that nobody changes it before the step is taken."""

    kind: str
    today: date
    capacity: int
    active: int
    """active chairs and members, without this one"""
    has_chair: bool
    """whether another membership holds the chair, suspended or not"""
    signatories: agreements.Signatories
    roles: frozenset[str]
    """roles of its representatives"""


def check(action: str, facts: Facts) -> None:
    """Raise the `Problem` of the first guard of ``action`` that fails."""
    for guard in _GUARDS.get(action, ()):
        guard(facts)


def has_guards(action: str) -> bool:
    """Whether ``action`` looks at the world at all."""
    return action in _GUARDS


def agreement_stands(signatories: agreements.Signatories, today: date) -> None:
    """Both parties have signed, and not in the future."""
    if not agreements.is_complete(signatories):
        missing = " and ".join(party for party in agreements.PARTIES if party not in agreements.signed(signatories))
        raise Problem("agreement-incomplete", f"Not signed by the {missing}.")
    if agreements.dated_after(signatories, today):
        raise Problem("agreement-dated-after-activation", f"A signature is dated after today, {today.isoformat()}.")


def _jurisdiction_has_signed(facts: Facts) -> None:
    if "jurisdiction" not in agreements.signed(facts.signatories):
        raise Problem("agreement-incomplete", "The jurisdiction's signature is missing: put it into the agreement first.")


def _agreement_stands(facts: Facts) -> None:
    agreement_stands(facts.signatories, facts.today)


def _is_represented(facts: Facts) -> None:
    if missing := [role for role in ("political", "technical") if role not in facts.roles]:
        raise Problem("representatives-missing", f"There is no {' and no '.join(missing)} representative.")


def _chair_is_free(facts: Facts) -> None:
    if facts.kind == "chair" and facts.has_chair:
        raise Problem("chair-taken", "Another jurisdiction chairs this community.")


def _has_room(facts: Facts) -> None:
    if facts.kind in COUNTED and facts.active >= facts.capacity:
        raise Problem("capacity-reached", f"All {facts.capacity} places are taken.")


_GUARDS: Mapping[str, tuple[Callable[[Facts], None], ...]] = {
    "sign": (_jurisdiction_has_signed,),
    "activate": (_agreement_stands, _is_represented, _chair_is_free, _has_room),
    "reinstate": (_has_room,),
}
