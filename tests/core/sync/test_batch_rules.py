"""What is true of batches without a database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.sync import rules

LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(st.lists(JSON, max_size=20), st.integers(0, 1000))
def test_a_part_is_unpacked_as_it_was_packed(items: list[Any], first: int) -> None:
    some = [rules.sent(item, "unreadable" if index % 5 == 4 else "") for index, item in enumerate(items)]
    assert rules.unpacked(rules.packed(first, some, [first])) == (first, some, [first])


@given(st.dictionaries(st.text(), JSON))
def test_an_item_is_the_same_whatever_the_order_of_its_members(item: dict[str, Any]) -> None:
    item.pop("if_version", None)
    assert rules.sent(item).hash == rules.sent(dict(reversed(item.items()))).hash == rules.item_hash(item | {"if_version": 3})
    assert rules.sent(item | {"another": 1}).hash != rules.sent({name: value for name, value in item.items() if name != "another"}).hash


def test_an_item_that_expects_a_version_is_never_passed_by_its_hash() -> None:
    assert rules.sent({"external_id": "C1", "if_version": 1}).hash == b""
    assert rules.sent({"external_id": "C1", "if_version": None}).hash == b""


@given(st.lists(st.integers(1, 700), min_size=1, max_size=60))
def test_parts_hold_every_item_once_in_order_and_weigh_no_more_than_they_may(weights: list[int]) -> None:
    parts = rules.parts(weights)
    assert [place for part in parts for place in part] == list(range(len(weights)))
    assert all(len(part) == 1 or sum(weights[part.start : part.stop]) <= rules.PART for part in parts)
    assert all(len(part) > 0 for part in parts)


@pytest.mark.parametrize("value", [None, 5, "", " C1", "C1 ", "C\n1", "C\t1", "x" * 201, ["C1"], True])
def test_an_id_that_cannot_be_told_is_none(value: Any) -> None:
    assert rules.external_id({"external_id": value}) is None
    assert rules.external_id(value) is None


def test_an_id_may_be_in_any_script() -> None:
    assert rules.external_id({"external_id": "高雄-1"}) == "高雄-1"


def test_the_first_of_its_name_counts() -> None:
    assert rules.repeated(["a", "b", None, "a", None, "a", "b"]) == [3, 5, 6]


def test_representatives_make_an_item_heavier() -> None:
    assert [rules.weight(each) for each in ({}, 5, {"representatives": [1, 2]}, {"representatives": "x"})] == [1, 1, 3, 1]
