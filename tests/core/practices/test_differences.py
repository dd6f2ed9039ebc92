"""What differs between two versions: member by member, items by what they are, and the same from either side."""

import copy
import random
import time
from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.core.practices.content import FIELDS
from services.core.practices.differences import Change, Op, changed, differences, told
from tests.fixtures.calls import PRACTICE

Json = dict[str, Any]
TEXTS = ("title", "summary", "theme", "language", "problem", "actions", "lessons", "transfer_conditions")
LISTS = ("secondary_themes", "partners", "indicators", "co_benefits", "sdg_targets", "obstacles", "commitment_ids", "evidence")
TRANSLATED = ("title", "summary", "problem", "actions", "lessons", "transfer_conditions")
NOTHING: Json = {
    **dict.fromkeys(TEXTS, ""), **{name: [] for name in LISTS}, "translations": {}, "finance": None, "emissions_avoided_t_per_year": None,
    "consent_to_publish": False,
}  # fmt: skip
HEAT: Json = {
    "name": "Heat delivered", "unit": "GWh", "baseline": 0, "result": 40, "year": 2023, "evidence_id": None,
    "method": "metered at the ring",
}  # fmt: skip


def content(**fields: Any) -> Json:
    """A frozen content, complete unless ``fields`` say otherwise."""
    return NOTHING | PRACTICE | fields


def found(before: Json | None, after: Json | None) -> list[tuple[str, str | None, Any, Any]]:
    return [(entry["op"], entry["pointer"], entry["before"], entry["after"]) for entry in told(differences(before, after))["changes"]]


def test_the_first_version_adds_all_that_it_says() -> None:
    first = content(indicators=[HEAT])
    changes = found(None, first)
    assert {op for op, *_ in changes} == {"added"}
    assert ("added", "/summary", None, PRACTICE["summary"]) in changes
    assert ("added", "/indicators/0", None, HEAT) in changes
    assert ("added", "/finance", None, PRACTICE["finance"]) in changes
    assert ("added", "/consent_to_publish", None, True) in changes
    assert not [pointer for _, pointer, *_ in changes if pointer in ("/co_benefits", "/evidence")], "what is empty says nothing"
    assert all(entry["was_at"] is None for entry in told(differences(None, first))["changes"])


def test_changes_come_in_the_order_in_which_a_practice_is_read() -> None:
    first = content()
    changes = differences(first, NOTHING)
    order = [*FIELDS, "evidence"]
    assert members(changes) == sorted(members(changes), key=order.index)
    assert len(members(changes)) > 12
    assert changed(first, NOTHING) == members(changes)


def members(changes: list[Change]) -> list[str]:
    """The members of a practice in which something changed."""
    return list(dict.fromkeys((each.is_at or each.was_at or "").split("/")[1] for each in changes))


def test_of_a_text_that_changed_the_words_are_told_and_of_codes_they_are_not() -> None:
    changes = told(differences(content(), content(lessons="Begin with the suppliers of two large factories.", theme="innovative_finance")))
    theme, lessons = changes["changes"]
    assert theme == {
        "op": "changed", "pointer": "/theme", "was_at": "/theme", "before": "energy_transition", "after": "innovative_finance",
    }  # fmt: skip
    assert [edit["text"] for edit in lessons["words"] if edit["op"] == "insert"] == ["two", "factories"]
    assert changes["summary"] == {"added": 0, "removed": 0, "changed": 2}
    added = told(differences(content(lessons=""), content()))
    assert [entry["op"] for entry in added["changes"]] == ["added"]
    assert "words" not in added["changes"][0]


def test_items_are_matched_by_what_they_are() -> None:
    jobs, homes = HEAT | {"name": "Jobs", "unit": "jobs"}, HEAT | {"name": "Homes"}
    before = content(indicators=[HEAT, jobs])
    assert found(before, content(indicators=[jobs, HEAT])) == []
    after = content(indicators=[homes, jobs, HEAT | {"name": "heat  delivered", "result": 84.5, "method": ""}])
    assert found(before, after) == [
        ("added", "/indicators/0", None, homes),
        ("removed", "/indicators/0/method", "metered at the ring", None),
        ("changed", "/indicators/2/name", "Heat delivered", "heat  delivered"),
        ("changed", "/indicators/2/result", 40, 84.5),
    ]
    assert found(before, content(indicators=[HEAT])) == [("removed", "/indicators/1", jobs, None)]


def test_of_two_items_with_one_name_the_more_alike_are_one() -> None:
    earlier, later = HEAT, HEAT | {"year": 2024, "result": 60}
    changes = found(content(indicators=[earlier, later]), content(indicators=[later | {"result": 61}, earlier | {"unit": "MWh"}]))
    assert changes == [("changed", "/indicators/0/result", 60, 61), ("changed", "/indicators/1/unit", "GWh", "MWh")]


def test_an_item_that_says_its_thing_twice_is_two() -> None:
    one, two = content(obstacles=["who owns the pipes"]), content(obstacles=["who owns the pipes"] * 2)
    assert found(one, two) == [("added", "/obstacles/1", None, "who owns the pipes")]


def test_an_item_that_says_nothing_is_none() -> None:
    silent = dict.fromkeys(HEAT) | {"name": "", "unit": "", "method": ""}
    assert found(content(indicators=[silent, HEAT]), content(indicators=[HEAT, silent, silent])) == []


def test_texts_in_lists_are_one_when_most_of_them_is_common() -> None:
    before = content(obstacles=["small factories have no staff for it", "who owns the pipes"])
    after = content(obstacles=["nobody asked", "small factories have no money for it"])
    assert found(before, after) == [
        ("added", "/obstacles/0", None, "nobody asked"),
        ("changed", "/obstacles/1", before["obstacles"][0], after["obstacles"][1]),
        ("removed", "/obstacles/1", "who owns the pipes", None),
    ]
    assert "words" in told(differences(before, after))["changes"][1]


def test_codes_are_there_or_not_however_alike_they_look() -> None:
    changes = found(content(sdg_targets=["11.2", "13.2"]), content(sdg_targets=["13.2", "11.3"]))
    assert changes == [("added", "/sdg_targets/1", None, "11.3"), ("removed", "/sdg_targets/0", "11.2", None)]
    one = {"id": "a1", "kind": "link", "title": "Meter readings", "url": "https://city.example/a"}
    swapped = found(content(evidence=[one]), content(evidence=[one | {"id": "a2"}]))
    assert [op for op, *_ in swapped] == ["added", "removed"], "evidence is what its id says"


def test_finance_is_compared_by_member_and_translations_by_locale() -> None:
    finance = {"cost": 5, "currency": "TWD", "year": 2023, "sources": ["budget"]}
    before = content(finance=finance, translations={"ja": {"title": "同盟", "summary": ""}, "de": {"title": "Allianz"}})
    after = content(finance=finance | {"cost": 6, "sources": ["bond"]}, translations={"ja": {"title": "同盟", "summary": "要約"}})
    assert found(before, after) == [
        ("removed", "/translations/de", {"machine_translated": False, "title": "Allianz"}, None),
        ("added", "/translations/ja/summary", None, "要約"),
        ("changed", "/finance/cost", 5, 6),
        ("added", "/finance/sources/0", None, "bond"),
        ("removed", "/finance/sources/0", "budget", None),
    ]


def test_versions_of_before_are_compared_as_if_they_said_what_they_could_not() -> None:
    old = content(translations={"ja": {"title": "同盟"}})
    del old["evidence"]
    assert found(old, content(translations={"ja": {"title": "同盟", "summary": "", "machine_translated": False}})) == []
    machine = content(translations={"ja": {"title": "同盟", "machine_translated": True}})
    assert found(old, machine) == [("changed", "/translations/ja/machine_translated", False, True)]
    assert found(NOTHING, content(**NOTHING | {"translations": {"ja": {"title": "", "machine_translated": True}}})) == []


words = st.sampled_from(["", "heat", "heat network", "heat networks", "pipes", "余热", "余热网", "jobs for the young"])
numbers = st.none() | st.integers(0, 3) | st.sampled_from([0.5, 84.5])
likenesses = st.text("abc", min_size=3, max_size=5)
"""Short texts of which many are as like one as they are another."""
points = st.lists(words.filter(bool), max_size=4) | st.lists(likenesses, max_size=5)
codes = st.lists(st.sampled_from(["11.2", "11.3", "13.2", "7.2"]), max_size=3)
indicators = st.fixed_dictionaries(
    {"name": words, "unit": words, "baseline": numbers, "result": numbers, "year": numbers, "method": words, "evidence_id": st.none()}
)
proofs = st.fixed_dictionaries({"id": st.sampled_from(["e1", "e2", "e3"]), "kind": st.just("link"), "title": words})
translations = st.dictionaries(
    st.sampled_from(["ja", "de", "zh-Hant"]),
    st.fixed_dictionaries(dict.fromkeys(TRANSLATED, words), optional={"machine_translated": st.booleans()}),
    max_size=3,
)
contents = st.fixed_dictionaries(
    {
        **dict.fromkeys(TEXTS, words), **dict.fromkeys(("secondary_themes", "sdg_targets", "commitment_ids"), codes),
        "translations": translations, "co_benefits": points, "obstacles": points,
        "partners": st.lists(st.fixed_dictionaries({"name": words.filter(bool), "kind": words}), max_size=4),
        "finance": st.none() | st.fixed_dictionaries({"cost": numbers, "currency": words, "year": numbers, "sources": points}),
        "indicators": st.lists(indicators, max_size=4), "emissions_avoided_t_per_year": numbers, "consent_to_publish": st.booleans(),
    },
    optional={"evidence": st.lists(proofs, max_size=3, unique_by=lambda proof: proof["id"])},
)  # fmt: skip


@given(contents)
def test_a_version_does_not_differ_from_itself(one: Json) -> None:
    assert differences(one, one) == []
    assert differences(one, copy.deepcopy(one)) == []


@given(contents, st.randoms(use_true_random=False))
def test_order_alone_is_no_difference(one: Json, chance: Any) -> None:
    other = copy.deepcopy(one)
    for name in LISTS:
        chance.shuffle(other.get(name, []))
    assert differences(one, other) == []
    assert changed(one, other) == []


@given(contents, contents)
def test_from_the_other_side_it_is_the_mirror_image(one: Json, other: Json) -> None:
    swapped: dict[Op, Op] = {"added": "removed", "removed": "added", "changed": "changed"}
    back = [
        replace(each, op=swapped[each.op], was_at=each.is_at, is_at=each.was_at, before=each.after, after=each.before)
        for each in differences(other, one)
    ]
    assert sorted(map(repr, differences(one, other))) == sorted(map(repr, back))


@given(contents, contents)
def test_the_changes_applied_to_the_earlier_version_are_the_later_one(one: Json, other: Json) -> None:
    assert said(applied(one, differences(one, other))) == said(other)
    assert said(applied({}, differences(None, other))) == said(other)


@given(contents, contents, st.lists(st.sampled_from([*TEXTS, *LISTS, "translations", "finance"]), max_size=12))
def test_which_members_changed_is_told_without_the_changes(one: Json, other: Json, shared: list[str]) -> None:
    other |= {name: copy.deepcopy(one[name]) for name in shared if name in one}
    assert changed(one, other) == members(differences(one, other))
    assert changed(None, other) == members(differences(None, other))


@given(contents, contents)
def test_pointers_lead_to_what_is_told(one: Json, other: Json) -> None:
    for change in differences(one, other):
        if change.op != "added":
            assert looked_up(one, change.was_at) == change.before
        if change.op != "removed":
            assert looked_up(other, change.is_at) == change.after


def looked_up(whole: Json, pointer: str | None) -> Any:
    """What stands there; who made a translation is told though older versions do not say."""
    assert pointer is not None
    place: Any = whole
    for step in pointer.split("/")[1:]:
        place = place[int(step)] if isinstance(place, list) else place.get(step, False if step == "machine_translated" else None)
    is_translation = pointer.startswith("/translations/") and pointer.count("/") == 2
    return {"machine_translated": False, **place} if is_translation else place


def applied(earlier: Json, changes: list[Change]) -> Json:
    """The earlier version with the changes in it; items that were removed are left as None, new ones come last."""
    whole = copy.deepcopy(earlier)
    for change in changes:
        pointer = change.is_at if change.was_at is None else change.was_at
        assert pointer is not None
        *way, last = pointer.split("/")[1:]
        place: Any = whole
        for step in way:
            if isinstance(place, list):
                place = place[int(step)]
            else:
                new: Any = {} if step == "translations" else []
                place[step] = place.get(step) or new
                place = place[step]
        if isinstance(place, list) and change.was_at is None:
            place.append(change.after)
        elif isinstance(place, list):
            place[int(last)] = change.after
        else:
            place[last] = change.after
    return whole


def said(value: Any) -> Any:
    """All that a content says, so that two can be compared: without what is empty, lists without their order."""
    if isinstance(value, dict):
        parts = {name: said(each) for name, each in value.items() if name != "translations"}
        if "translations" in value:
            spoken = {locale: texts for locale, texts in value["translations"].items() if texts and any(texts.get(n) for n in TRANSLATED)}
            parts["translations"] = {
                locale: said(texts) | {"machine_translated": texts.get("machine_translated", False)} for locale, texts in spoken.items()
            }
        return {name: each for name, each in parts.items() if each not in (None, "", {}, Counter())}
    if isinstance(value, list):
        return Counter(repr(sorted(kept.items())) if isinstance(kept, dict) else kept for each in value if (kept := said(each)))
    return value


def test_long_lists_that_have_nothing_in_common_take_little_time() -> None:
    texts = [written(2_000, seed) for seed in range(60)]
    before = content(obstacles=texts[:30], indicators=[HEAT | {"name": text[:200]} for text in texts[:50]])
    after = content(obstacles=texts[30:], indicators=[HEAT | {"name": text[200:400]} for text in texts[:50]])
    began = time.perf_counter()
    changes = differences(before, after)
    assert time.perf_counter() - began < 2
    assert Counter(change.op for change in changes) == {"added": 80, "removed": 80}


def written(size: int, seed: int) -> str:
    chance = random.Random(seed)
    return "".join(chr(0x4E00 + chance.randrange(4_000)) for _ in range(size))
