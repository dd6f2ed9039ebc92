"""What events keep of people, and what a registry's item must look like: no personal data, and pointers that begin at the item."""

from typing import Any
from uuid import UUID

import pytest

from services.core.communities.masks import differences, masked
from services.core.communities.schemas import StandingGiven, standing_of
from services.core.kit.errors import Problem
from tests.fixtures.cohort import EXPRESSION, SIGNED, representative

COMMUNITY = "01900000-0000-7000-8000-00000000000c"
MEMBERSHIP = {"community_id": COMMUNITY, "kind": "member", "standing": "active"}


def test_people_are_masked_and_free_texts_are_counted() -> None:
    person = {"name": "Chen Chi-Mai", "email": "chen@kcg.gov.tw", "phone": "+886 7 1", "title": "Mayor", "responsibilities": "All of it"}
    assert masked("leader", person) == {
        "name": "C***", "email": "c***@kcg.gov.tw", "phone": "***", "title": "Mayor", "responsibilities": "9 characters",
    }  # fmt: skip
    assert masked("name", None) is None
    assert masked("max_load", 3) == 3
    assert masked("official_name", "Kaohsiung") == "Kaohsiung"


def test_only_what_differs_is_told_as_it_was_and_as_it_is() -> None:
    after = EXPRESSION | {"leader": EXPRESSION["leader"] | {"email": "new@city.example"}, "motivation": None}
    assert differences({"kind": "member", "expression": EXPRESSION}, {"kind": "member", "expression": after}) == (
        {"expression": {"motivation": "42 characters", "leader": {"email": "m***@city.example"}}},
        {"expression": {"motivation": None, "leader": {"email": "n***@city.example"}}},
    )
    assert differences(None, {"kind": "chair"}) == ({"kind": None}, {"kind": "chair"})
    assert differences({"kind": "chair"}, {"kind": "chair"}) == ({}, {})


def test_an_item_that_fits_is_a_standing() -> None:
    found = standing_of(MEMBERSHIP | {"agreement": SIGNED}, [representative("political"), representative("technical")])
    assert isinstance(found, StandingGiven)
    standing = found.of(UUID(int=7))
    assert (standing.jurisdiction_id, str(standing.community_id), standing.kind) == (UUID(int=7), COMMUNITY, "member")
    assert standing.agreement is not None
    assert [one.role for one in standing.representatives] == ["political", "technical"]
    bare = standing_of(MEMBERSHIP, None)
    assert isinstance(bare, StandingGiven)
    assert (bare.of(UUID(int=7)).agreement, bare.of(UUID(int=7)).representatives) == (None, [])
    assert standing_of(None, None) is None
    assert standing_of(None, []) is None


@pytest.mark.parametrize(
    ("membership", "people", "pointers"),
    [
        (MEMBERSHIP | {"kind": "boss"}, None, ["/membership/kind"]),
        (MEMBERSHIP | {"standing": "expired"}, None, ["/membership/standing"]),
        ({"kind": "member", "standing": "active"}, None, ["/membership/community_id"]),
        (MEMBERSHIP | {"rank": 1}, None, ["/membership/rank"]),
        ("active", None, ["/membership"]),
        (MEMBERSHIP | {"agreement": {}}, None, ["/membership/agreement/signatories"]),
        (MEMBERSHIP, [representative("political"), representative("technical", email="no")], ["/representatives/1/email"]),
        (MEMBERSHIP | {"kind": 1}, [{"name": "x"}], ["/membership/kind", "/representatives/0/email", "/representatives/0/role"]),
        (MEMBERSHIP, {"name": "x"}, ["/representatives"]),
        (MEMBERSHIP, [representative("political")] * 51, ["/representatives"]),
        (MEMBERSHIP, [representative("political"), representative("political", email="POLITICAL+x@city.example")], ["/representatives/1"]),
        (None, [representative("political")], ["/representatives"]),
    ],
)
def test_an_item_that_does_not_fit_says_where(membership: Any, people: Any, pointers: list[str]) -> None:
    found = standing_of(membership, people)
    assert isinstance(found, Problem)
    assert (found.code, [error.pointer for error in found.errors]) == ("invalid-body", pointers)
