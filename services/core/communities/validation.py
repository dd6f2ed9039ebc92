"""The guards of a membership's steps: what must be true of the world before a step is taken."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.core.communities import agreements
from services.core.communities.rules import COUNTED, NEEDED_ROLES
from services.core.kit.errors import Problem


@dataclass(frozen=True, slots=True)
class Facts:
    """What guards look at. What they say of the community holds while it is locked, so until the step is taken."""

    kind: str
    today: date
    ends_on: date
    """the last day of the community's term"""
    capacity: int
    active: int
    """active chairs and members, without this one"""
    has_chair: bool
    """whether another membership holds the chair, suspended or not"""
    signatories: agreements.Signatories
    roles: frozenset[str]
    """roles of its representatives whose mandate has not ended"""


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


def term_lasts(ends_on: date, today: date) -> None:
    """409 ``term-over`` after the last day of a community's term: nobody joins it any more."""
    if today > ends_on:
        raise Problem("term-over", f"The term of this community ended on {ends_on.isoformat()}.")


def still_represented(status: str, before: Iterable[str], after: Iterable[str]) -> None:
    """409 ``representatives-missing`` when an active member would lose the last of a role that it needs.

    ``before`` and ``after`` are the roles of its representatives whose mandate lasts. What was missing already (a mandate
    that ran out) is no reason to refuse a change.
    """
    if status == "active" and (lost := [role for role in NEEDED_ROLES if role in set(before) - set(after)]):
        detail = f"This is the last {' and the last '.join(lost)} representative of an active member: name a successor first."
        raise Problem("representatives-missing", detail)


def _term_lasts(facts: Facts) -> None:
    term_lasts(facts.ends_on, facts.today)


def _jurisdiction_has_signed(facts: Facts) -> None:
    if "jurisdiction" not in agreements.signed(facts.signatories):
        raise Problem("agreement-incomplete", "The jurisdiction's signature is missing: put it into the agreement first.")


def _agreement_stands(facts: Facts) -> None:
    agreement_stands(facts.signatories, facts.today)


def _is_represented(facts: Facts) -> None:
    if missing := [role for role in NEEDED_ROLES if role not in facts.roles]:
        raise Problem("representatives-missing", f"There is no {' and no '.join(missing)} representative whose mandate lasts.")


def _chair_is_free(facts: Facts) -> None:
    if facts.kind == "chair" and facts.has_chair:
        raise Problem("chair-taken", "Another jurisdiction chairs this community.")


def _has_room(facts: Facts) -> None:
    if facts.kind in COUNTED and facts.active >= facts.capacity:
        raise Problem("capacity-reached", f"All {facts.capacity} places are taken.")


_TO_BE_ACTIVE = (_term_lasts, _has_room, _chair_is_free, _agreement_stands, _is_represented)
"""in the order in which a caller is told; who returns from a suspension meets them as anybody does"""

_GUARDS: Mapping[str, tuple[Callable[[Facts], None], ...]] = {
    "sign": (_jurisdiction_has_signed,),
    "activate": _TO_BE_ACTIVE,
    "reinstate": _TO_BE_ACTIVE,
}
