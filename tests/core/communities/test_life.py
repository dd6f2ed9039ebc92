"""The life of a membership as rules: the way to a standing, the guards in their order, and no illegal state after any sequence."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.core.communities import validation
from services.core.communities.rules import ENDED, IN_FORCE, KINDS, MEMBERSHIP, NEEDED_ROLES, holds_the_chair, path, takes_a_place
from services.core.communities.validation import Facts
from services.core.kit.errors import Problem

TODAY = date(2026, 6, 1)
STANDINGS = ("active", "suspended", "withdrawn")
BOTH = [{"party": party, "signed_on": "2026-05-01"} for party in ("jurisdiction", "secretariat")]


def _ways(start: str, length: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every sequence of that many steps that callers may take, and where it leads."""
    if length == 0:
        yield (), start
        return
    for way, here in _ways(start, length - 1):
        for action in MEMBERSHIP.allowed(here):
            yield (*way, action), MEMBERSHIP.next(here, action)


@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("status", [None, *MEMBERSHIP.statuses])
def test_the_way_to_a_standing_is_the_shortest_that_the_machine_has(status: str | None, standing: str) -> None:
    way = path(status, standing)
    if status in (None, *ENDED):
        assert way == (() if standing == "withdrawn" else path("draft", standing))
        return
    assert status is not None
    here = status
    for action in way:
        assert MEMBERSHIP.offered(action)
        here = MEMBERSHIP.next(here, action)
    assert here == standing
    assert "renew" not in way
    for shorter in range(len(way)):
        assert standing not in {end for _, end in _ways(status, shorter)}


def test_the_ways_that_registries_take_most() -> None:
    whole = ("submit", "review", "invite", "send_agreement", "sign", "activate")
    assert path(None, "active") == path("draft", "active") == path("withdrawn", "active") == path("expired", "active") == whole
    assert path(None, "suspended") == (*whole, "suspend")
    assert path("returned", "active") == whole
    assert path("suspended", "active") == ("reinstate",)
    assert path("active", "active") == path(None, "withdrawn") == path("withdrawn", "withdrawn") == ()


FITTING = Facts(
    kind="chair", today=TODAY, ends_on=TODAY, capacity=3, active=2, has_chair=False, signatories=BOTH, roles=frozenset(NEEDED_ROLES)
)  # fmt: skip
LATE = [BOTH[0], BOTH[1] | {"signed_on": "2026-06-02"}]


@pytest.mark.parametrize("action", ["activate", "reinstate"])
def test_the_guards_are_told_in_the_order_of_the_contract(action: str) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("term-over", {"ends_on": date(2026, 5, 31)}),
        ("capacity-reached", {"active": 3}),
        ("chair-taken", {"has_chair": True}),
        ("agreement-incomplete", {"signatories": BOTH[:1]}),
        ("agreement-dated-after-activation", {"signatories": LATE}),
        ("representatives-missing", {"roles": frozenset({"technical", "communications"})}),
    ]
    validation.check(action, FITTING)
    for number, (code, fields) in enumerate(wrong):
        all_that_follow = {name: value for _, later in reversed(wrong[number:]) for name, value in later.items()} | fields
        with pytest.raises(Problem) as refused:
            validation.check(action, _but(**all_that_follow))
        assert refused.value.code == code
    validation.check(action, _but(kind="observer", active=9, has_chair=True))


def test_who_speaks_last_for_an_active_member_stays_and_what_was_missing_is_no_reason() -> None:
    for before, after in ((["political", "technical"], ["political"]), (["political"], ["technical"])):
        with pytest.raises(Problem) as refused:
            validation.still_represented("active", before, after)
        assert refused.value.code == "representatives-missing"
        validation.still_represented("suspended", before, after)
    validation.still_represented("active", ["political", "political", "communications"], ["political"])
    validation.still_represented("active", [], [])


def _but(**fields: Any) -> Facts:
    return Facts(**{name: getattr(FITTING, name) for name in Facts.__slots__} | fields)


class _Member:
    def __init__(self, kind: str) -> None:
        self.kind, self.status = kind, "draft"
        self.signed: list[dict[str, Any]] = []
        self.roles: list[str] = []


ACTIONS = tuple(MEMBERSHIP.moves)


class Life(RuleBasedStateMachine):
    """A community of two places and whatever five jurisdictions try; `_Member` is the model, the rules are what is tried."""

    def __init__(self) -> None:
        super().__init__()
        self.members: list[_Member] = []
        self.ended: dict[int, str] = {}

    def _pick(self, number: int) -> _Member:
        return self.members[number % len(self.members)]

    @precondition(lambda self: len(self.members) < 5)
    @rule(kind=st.sampled_from(KINDS), ready=st.booleans())
    def draft(self, kind: str, ready: bool) -> None:
        member = _Member(kind)
        if ready:
            member.signed, member.roles = list(BOTH), list(NEEDED_ROLES)
            for action in path("draft", "active")[:-1]:
                member.status = MEMBERSHIP.next(member.status, action)
        self.members.append(member)

    @precondition(lambda self: self.members)
    @rule(number=st.integers(0, 9), action=st.sampled_from(ACTIONS))
    def step(self, number: int, action: str) -> None:
        member = self._pick(number)
        others = [one for one in self.members if one is not member]
        facts = Facts(
            kind=member.kind, today=TODAY, ends_on=TODAY, capacity=2,
            active=sum(takes_a_place(one.kind, one.status) for one in others),
            has_chair=any(holds_the_chair(one.kind, one.status) for one in others),
            signatories=member.signed, roles=frozenset(member.roles),
        )  # fmt: skip
        try:
            after = MEMBERSHIP.next(member.status, action)
            validation.check(action, facts)
        except Problem:
            return
        member.status = after

    @precondition(lambda self: self.members)
    @rule(number=st.integers(0, 9), count=st.integers(0, 2))
    def sign(self, number: int, count: int) -> None:
        member = self._pick(number)
        if member.status in ENDED or (member.status in IN_FORCE and count < 2):
            return
        member.signed = BOTH[:count]

    @precondition(lambda self: self.members)
    @rule(number=st.integers(0, 9), roles=st.lists(st.sampled_from(("political", "technical", "communications")), max_size=4))
    def represent(self, number: int, roles: list[str]) -> None:
        member = self._pick(number)
        try:
            validation.still_represented(member.status, member.roles, roles)
        except Problem:
            return
        member.roles = roles

    @invariant()
    def no_place_is_given_twice(self) -> None:
        assert sum(takes_a_place(one.kind, one.status) for one in self.members) <= 2
        assert sum(holds_the_chair(one.kind, one.status) for one in self.members) <= 1

    @invariant()
    def whoever_is_active_has_signed_and_is_represented(self) -> None:
        for one in self.members:
            assert one.status in MEMBERSHIP.statuses
            if one.status == "active":
                assert len(one.signed) == 2
                assert set(NEEDED_ROLES) <= set(one.roles)

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        for number, status in self.ended.items():
            assert self.members[number].status == status
        self.ended |= {number: one.status for number, one in enumerate(self.members) if one.status in ENDED}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
