"""The sealed history: one text for one content, and no change, loss or move of a revision that a verification would not find."""

import hashlib
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.commitments.chain import Revision, canonical, hash_of, moved, seal, verify

Json = dict[str, Any]
COMMITMENT = UUID("0192f6a0-0000-7000-8000-000000000001")


def shown(sealed: Json) -> Json:
    """A revision as the API shows it."""
    content = json.loads(sealed["content"])
    return {name: content[name] for name in ("kind", "at", "by", "reason", "moved", "weakened")} | sealed


def history(count: int = 3, commitment: UUID = COMMITMENT) -> list[Json]:
    items: list[Json] = []
    for number in range(1, count + 1):
        revision = Revision(
            commitment_id=commitment,
            number=number,
            at=f"2026-01-0{number}T00:00:00.000000Z",
            kind="made" if number == 1 else "revised",
            by="person",
            reason=None if number == 1 else "Beschluss 高雄",
            moved=[{"field": "reduction_percent", "before": None, "after": Decimal(30 + number)}],
        )
        items.append(shown(seal(revision, items[-1]["hash"] if items else None)))
    return items


def test_a_content_is_written_in_one_way_only() -> None:
    value = {"b": [True, None, 1, Decimal("1.50"), Decimal(30), Decimal("1E+3"), 2.5], "a": {"高": '雄"\n'}, "id": COMMITMENT}
    assert canonical(value) == f'{{"a":{{"高":"雄\\"\\n"}},"b":[true,null,1,1.5,30,1000,2.5],"id":"{COMMITMENT}"}}'
    assert json.loads(canonical(value))["a"] == {"高": '雄"\n'}
    assert canonical(Decimal("123456789012.123456")) == "123456789012.123456", "exact, where a double would not be"
    assert canonical(Decimal("1E+9000000")) == "1E+9000000", "never written out"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False, places=6),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_law_a_content_read_and_written_again_is_the_same_text(value: Any) -> None:
    text = canonical(value)
    assert canonical(json.loads(text, parse_float=Decimal)) == text


def test_a_hash_is_what_anybody_can_compute() -> None:
    first, second, _ = history()
    assert first["previous_hash"] is None
    assert first["hash"] == hashlib.sha256(first["content"].encode()).hexdigest()
    assert second["hash"] == hashlib.sha256((first["hash"] + second["content"]).encode()).hexdigest()


def test_a_whole_history_is_unbroken() -> None:
    items = history()
    verdict = verify(items, head=items[1]["hash"])
    assert (verdict.revisions, verdict.unsealed, verdict.head, verdict.faults) == (3, 0, items[2]["hash"], ())
    assert verify([]).head is None


def test_numbers_that_say_the_same_are_the_same() -> None:
    items = history(1)
    items[0]["moved"][0]["after"] = 31.0
    assert verify(items).faults == ()


def places(items: list[Json], **more: Any) -> set[int]:
    return {int(fault.split()[1].rstrip(":")) for fault in verify(items, **more).faults}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_changed_content_is_found_where_it_was_changed(number: int) -> None:
    items = history()
    items[number - 1]["content"] = items[number - 1]["content"].replace(f":{30 + number},", ":99,")
    assert places(items) == {number}


def test_a_content_sealed_anew_breaks_the_next_link() -> None:
    items = history()
    changed = items[1]["content"].replace("32", "99")
    items[1] |= {"content": changed, "hash": hash_of(changed, items[0]["hash"]), "moved": json.loads(changed)["moved"]}
    assert places(items) == {3}


def test_a_history_sealed_anew_is_found_by_the_hash_that_somebody_noted() -> None:
    noted, items = history()[1]["hash"], history()
    previous = None
    for item in items:
        content = item["content"].replace("32", "99")
        item |= {"content": content, "previous_hash": previous, "moved": json.loads(content)["moved"]}
        previous = item["hash"] = hash_of(content, previous)
    assert verify(items).faults == (), "whole in itself"
    assert verify(items, head=noted).faults == (f"the hash {noted} that was noted earlier is not in the chain any more",)


def test_a_lost_a_moved_and_a_doubled_revision_are_found() -> None:
    first, second, third = history()
    assert places([first, third]) == {2}
    assert places([second, third]) == {1, 2}
    assert places([first, third, second]) == {2, 3}
    assert places([first, second, second, third]) == {3, 4}


@pytest.mark.parametrize(
    ("name", "value"),
    [("kind", "weakened"), ("by", "system"), ("reason", "Another"), ("at", "2020-01-01T00:00:00Z"), ("moved", []), ("weakened", [{}])],
)
def test_what_is_shown_beside_the_content_must_be_what_it_says(name: str, value: Any) -> None:
    items = history()
    items[1][name] = value
    assert verify(items).faults == (f"revision 2: what is shown is not what was sealed: {name}",)


def test_true_is_not_one() -> None:
    items = history(1)
    items[0]["number"] = True
    assert places(items) == {1}


def test_revisions_of_another_commitment_do_not_belong() -> None:
    items = history(1)
    other = Revision(commitment_id=UUID(int=7), number=2, at="x", kind="revised", by="person", moved=[])
    assert verify([*items, shown(seal(other, items[0]["hash"]))]).faults == ("revision 2: it belongs to another commitment",)


OLD: Json = {"number": 1, "kind": "made", "at": "x", "by": "person", "reason": None, "moved": [], "weakened": [], "content": None,
             "previous_hash": None, "hash": None}  # fmt: skip


def test_what_is_older_than_the_sealing_comes_first_or_is_a_fault() -> None:
    second = Revision(commitment_id=COMMITMENT, number=2, at="x", kind="revised", by="person", moved=[])
    sealed = shown(seal(second))
    verdict = verify([OLD, sealed])
    assert (verdict.unsealed, verdict.faults) == (1, ())
    assert verify([OLD]).head is None
    assert verify([OLD, sealed, OLD | {"number": 3}]).faults == ("revision 3: it is not sealed, but one before it is",)
    items = history()
    assert places([OLD, *items[1:]]) == {2}, "a seal that was taken off the first one"


@pytest.mark.parametrize("content", ["", "[]", "no json", "[" * 100_000, 7])
def test_a_content_that_is_none_is_a_fault_and_no_crash(content: Any) -> None:
    items = history(1)
    items[0]["content"] = content
    assert places(items) == {1}


def test_what_moved_is_told_member_by_member() -> None:
    given: Json = {"title": "A", "gases": [], "base_year": None, "target_year": 2030}
    assert moved(None, given) == [
        {"field": "target_year", "before": None, "after": 2030},
        {"field": "title", "before": None, "after": "A"},
    ]
    assert moved(given, given | {"gases": ["CO2"]}) == [{"field": "gases", "before": [], "after": ["CO2"]}]
