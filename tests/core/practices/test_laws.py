"""The laws of the score, for all submissions that there can be, under every rubric that is published."""

import random
from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.practices import assessment
from services.core.practices import rubric as rubrics
from services.core.practices.content import FIELDS, plain, submission_of
from services.core.practices.hashing import first_inputs_hash, inputs_hash
from services.core.practices.schemas import PracticeFields
from services.core.practices.scoring import Assessment
from services.core.practices.submission import Circumstances, Evidence, Finance, Indicator, Partner, Relation, Resemblance, Submission
from tests.core.practices.test_scoring import FULL

YEAR = 2026
NOW = Circumstances(YEAR, ("energy_transition",))
every_rubric = pytest.mark.parametrize("version", rubrics.versions())

texts = st.sampled_from(["", " ", "one", "word " * 39, "word " * 101, "市民" * 30])
amounts = st.none() | st.integers(-5, 60).map(Decimal) | st.just(Decimal("0.001"))
years = st.none() | st.integers(2015, 2030)
indicators = st.builds(
    Indicator, texts, texts | st.just("%"), amounts, amounts, years, texts, st.none() | st.sampled_from(["e1", "e2", "e9"])
)
attached = st.builds(
    Evidence,
    st.sampled_from(["e1", "e2"]),
    st.sampled_from(["link", "file"]),
    texts,
    st.sampled_from(["", "https://city.example/report", "https://localhost", "https://b.example"]),
    sha256=st.sampled_from(["", "aa", "bb"]),
)


def lists(*items: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(items), max_size=5).map(tuple)


submissions = st.builds(
    Submission,
    title=texts,
    summary=texts,
    theme=st.sampled_from(["", "energy_transition", "a"]),
    secondary_themes=lists("a", "b", "energy_transition"),
    language=st.sampled_from(["", "en", "ja", "zh-Hant"]),
    translations=st.dictionaries(
        st.sampled_from(["ja", "en-GB", "zh-Hant"]), st.dictionaries(st.sampled_from(["title", "summary", "actions"]), texts)
    ),
    problem=texts,
    actions=texts,
    partners=st.lists(st.builds(Partner, texts, lists("x", "y").map("".join)), max_size=4).map(tuple),
    finance=st.none() | st.builds(Finance, amounts, texts, years, lists("a", "b", "")),
    indicators=st.lists(indicators, max_size=4).map(tuple),
    emissions_avoided_t_per_year=amounts,
    co_benefits=lists("a", "b", "c", "A ", ""),
    sdg_targets=lists("7.2", "7.3", "11.b", "x", "99.1", "17.20"),
    obstacles=lists("a", "b", ""),
    lessons=texts,
    transfer_conditions=texts,
    commitment_ids=lists("c1", "c2"),
    consent_to_publish=st.booleans(),
    evidence=st.lists(attached, max_size=3, unique_by=lambda item: item.id).map(tuple),
)
resemblances = st.builds(
    Resemblance,
    st.sampled_from(["same-call", "own", "other"]),
    st.integers(50, 100).map(lambda share: Decimal(share) / 100),
    st.none() | st.just("p1"),
)
circumstances = st.builds(
    Circumstances, st.integers(2024, 2027), lists("energy_transition", "a"), st.lists(resemblances, max_size=3).map(tuple)
)


def assess(submission: Submission, version: str, now: Circumstances = NOW) -> Assessment:
    return assessment.assess(submission, now, rubrics.load(version))


def standing(found: Assessment) -> tuple[Decimal, int]:
    return found.total, rubrics.BANDS.index(found.band)


def is_no_less(more: Assessment, less: Assessment) -> bool:
    (total, band), (lesser, lower) = standing(more), standing(less)
    return (
        total >= lesser
        and band >= lower
        and all(one.points >= other.points for one, other in zip(more.criteria, less.criteria, strict=True))
    )


@every_rubric
@given(submissions)
def test_law_filling_a_field_never_lowers_the_score(version: str, submission: Submission) -> None:
    full = assess(submission, version)
    for field in fields(Submission):
        less = replace(submission, **{field.name: getattr(Submission(), field.name)})
        assert is_no_less(full, assess(less, version)), field.name


@every_rubric
@given(submissions, st.data())
@settings(max_examples=50)
def test_law_filling_a_part_of_a_field_never_lowers_the_score(version: str, submission: Submission, data: st.DataObject) -> None:
    """An item more in a list, a member more of an item, of the money, or of a translation."""
    full = assess(submission, version)
    for name in ("indicators", "partners", "evidence", "obstacles", "co_benefits", "sdg_targets", "secondary_themes", "commitment_ids"):
        if items := getattr(submission, name):
            at = data.draw(st.integers(0, len(items) - 1))
            assert is_no_less(full, assess(put(submission, name, items[:at] + items[at + 1 :]), version)), name
            for less in without_a_member(items[at]):
                changed = (*items[:at], less, *items[at + 1 :])
                assert is_no_less(full, assess(put(submission, name, changed), version)), (name, less)
    for poorer in without_a_member(submission.finance):
        assert is_no_less(full, assess(replace(submission, finance=poorer), version))
    for locale, told in submission.translations.items():
        for name in told:
            fewer = {**submission.translations, locale: {**told, name: ""}}
            assert is_no_less(full, assess(replace(submission, translations=fewer), version))


def without_a_member(item: Any) -> list[Any]:
    """The indicator, partner or money with one member less, for each of them."""
    if not isinstance(item, Indicator | Partner | Finance):
        return []
    nothing = Partner("") if isinstance(item, Partner) else type(item)()
    return [replace(item, **{field.name: getattr(nothing, field.name)}) for field in fields(item)]


@every_rubric
@given(submissions, circumstances, st.randoms(use_true_random=False))
def test_law_the_order_of_list_items_leaves_no_trace(version: str, submission: Submission, now: Circumstances, dice: random.Random) -> None:
    def mixed(whole: Any) -> Any:
        items = {field.name: value for field in fields(whole) if isinstance(value := getattr(whole, field.name), tuple)}
        return replace(whole, **{name: tuple(dice.sample(value, len(value))) for name, value in items.items()})

    one, other = assess(submission, version, now), assess(mixed(submission), version, mixed(now))
    assert (one.inputs_hash, standing(one)) == (other.inputs_hash, standing(other))
    assert sorted((f.code, f.severity) for f in one.findings) == sorted((f.code, f.severity) for f in other.findings)
    for before, after in zip(one.criteria, other.criteria, strict=True):
        assert (before.points, before.capped_at) == (after.points, after.capped_at)
        assert [[cite.text for cite in check.cites] for check in before.checks] == [[c.text for c in check.cites] for check in after.checks]


@every_rubric
@given(submissions)
def test_law_the_total_is_the_weighted_sum_of_what_is_shown(version: str, submission: Submission) -> None:
    told = assessment.told(assess(submission, version), NOW)
    shares = [Decimal(str(c["weight"])) * Decimal(str(c["points"])) / Decimal(str(c["max"])) for c in told["criteria"]]
    assert abs(told["total"] - sum(shares)) <= Decimal("0.005")
    assert 0 <= told["total"] <= 100
    for criterion, asked in zip(told["criteria"], rubrics.load(version).criteria, strict=True):
        earned = [Decimal(reason.split()[0]) for reason in criterion["reasons"][: len(asked.checks)]]
        points = Decimal(str(criterion["points"]))
        assert points == Decimal(str(criterion.get("capped_at", sum(earned))))
        assert 0 <= points <= sum(earned) <= criterion["max"]
        assert len(criterion["reasons"]) == len(asked.checks) + ("capped_at" in criterion)
        for check, given_points, reason in zip(criterion.get("checks", []), earned, criterion["reasons"], strict=False):
            assert (Decimal(str(check["points"])), check["reason"]) == (given_points, reason)
    assert assess(submission, version) == assess(submission, version)


@given(submissions, circumstances)
def test_law_every_quote_stands_in_the_practice(submission: Submission, now: Circumstances) -> None:
    for criterion in assess(submission, "2026-2", now).criteria:
        for check in criterion.checks:
            assert bool(check.cites) == (check.points > 0)
            for cite in check.cites:
                place = at(submission, cite.pointer)
                match place:
                    case Indicator():
                        assert " ".join(place.name.split())[:40] in cite.text
                    case Evidence():
                        said = place.title.strip() or place.name.strip() or place.url.strip() or place.id
                        assert said.startswith(cite.text.removesuffix("…"))
                    case Decimal() | int():
                        assert Decimal(cite.text) == place
                    case _:
                        assert " ".join(place.split()).startswith(cite.text.removesuffix("…"))


def at(submission: Submission, pointer: str) -> Any:
    """What stands in the practice at the pointer."""
    place: Any = submission
    for part in pointer.split("/")[1:]:
        match place:
            case tuple():
                place = place[int(part)]
            case dict():
                place = place[part]
            case _:
                place = getattr(place, part)
    return place


CHANGES: dict[str, Callable[[Any], Any]] = {
    "translations": lambda told: {**told, "th": {"title": f"{told.get('th', {}).get('title', '')}ชื่อ"}},
    "finance": lambda finance: replace(finance, cost=(finance.cost or Decimal(0)) + 1) if finance else Finance(Decimal(7)),
    "emissions_avoided_t_per_year": lambda amount: (amount or Decimal(0)) + 1,
    "consent_to_publish": lambda given_: not given_,
    "partners": lambda items: (*items, Partner("one more")),
    "indicators": lambda items: (*items, Indicator("one more")),
    "evidence": lambda items: (*items, Evidence("e7", "file")),
    "year": lambda year: year + 1,
    "resembling": lambda items: (*items, Resemblance("other", Decimal("0.123"))),
}


def put(whole: Any, name: str, value: object) -> Any:
    return replace(whole, **{name: value})


def more_of(said: Any) -> Any:
    return f"{said}!" if isinstance(said, str) else (*said, "one more")


def other_than(value: Any, name: str) -> Any:
    match value:
        case str():
            return f"{value}!"
        case Decimal() | int():
            return value + 1
        case _:
            return Decimal("123.5") if name in ("baseline", "result") else "other"


def changed(whole: Any, name: str) -> Any:
    return put(whole, name, CHANGES.get(name, more_of)(getattr(whole, name)))


@given(submissions, circumstances)
def test_law_the_hash_covers_every_input(submission: Submission, now: Circumstances) -> None:
    hashes = [inputs_hash(submission, now, "2026-2"), inputs_hash(submission, now, "2026-3")]
    hashes += [inputs_hash(changed(submission, field.name), now, "2026-2") for field in fields(Submission)]
    hashes += [inputs_hash(submission, changed(now, field.name), "2026-2") for field in fields(Circumstances)]
    for indicator in submission.indicators[:1]:
        for field in fields(Indicator):
            other = put(indicator, field.name, other_than(getattr(indicator, field.name), field.name))
            hashes.append(inputs_hash(replace(submission, indicators=(other, *submission.indicators[1:])), now, "2026-2"))
    for item in submission.evidence[:1]:
        for field in fields(Evidence):
            evidence = (put(item, field.name, other_than(getattr(item, field.name), field.name)), *submission.evidence[1:])
            hashes.append(inputs_hash(replace(submission, evidence=evidence), now, "2026-2"))
    assert len(set(hashes)) == len(hashes)


def test_the_first_hash_covers_the_submission_the_version_and_the_findings() -> None:
    hashes = {first_inputs_hash(changed(FULL, field.name), "2026-1", []) for field in fields(Submission)}
    hashes |= {first_inputs_hash(FULL, "2026-1", []), first_inputs_hash(FULL, "2026-2", [])}
    assert len(hashes) == len(fields(Submission)) + 2
    future = assess(replace(FULL, indicators=(replace(FULL.indicators[0], year=2027),)), "2026-1")
    assert future.inputs_hash != first_inputs_hash(replace(FULL, indicators=(replace(FULL.indicators[0], year=2027),)), "2026-1", [])


def test_lone_surrogates_do_not_break_a_hash() -> None:
    for version in rubrics.versions():
        assert len(assess(replace(FULL, title="\ud800"), version).inputs_hash) == 64


lines = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
long_texts = (lines | st.sampled_from(["see https://[::1]/x and http://a@b.c", "word " * 160, "😀" * 90, "市" * 400])).map(
    lambda t: t[:200]
)
quantities = st.none() | st.floats(-1e15, 1e15, allow_nan=False) | st.integers(-(10**15), 10**15)
ids = st.none() | st.uuids().map(str)
year_numbers = st.none() | st.integers(1900, 2200)
given_indicators = st.fixed_dictionaries(
    {"name": long_texts, "unit": long_texts, "baseline": quantities, "result": quantities, "year": year_numbers, "method": long_texts},
    optional={"evidence_id": ids},
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("title", "summary", "problem", "actions", "lessons", "transfer_conditions"), long_texts),
        "language": st.sampled_from(["", "en", "zh-Hant-TW", "x1-y2"]).filter(lambda tag: tag != "x1-y2"),
        "translations": st.dictionaries(
            st.sampled_from(["ja", "en", "ko"]), st.fixed_dictionaries({"title": long_texts, "actions": long_texts})
        ),
        "indicators": st.lists(given_indicators, max_size=3),
        "finance": st.none() | st.fixed_dictionaries({"cost": st.none() | st.floats(0, 1e15), "year": year_numbers}),
        "emissions_avoided_t_per_year": st.none() | st.floats(-1e12, 1e12),
        "sdg_targets": st.lists(st.sampled_from(["7.2", "x", "99", "11.b"]), max_size=5),
        "obstacles": st.lists(long_texts.filter(str.strip), max_size=5),
        "commitment_ids": st.lists(st.uuids().map(str), max_size=2, unique=True),
        "consent_to_publish": st.booleans(),
    },
)


@every_rubric
@given(bodies, circumstances)
@settings(max_examples=60)
def test_law_whatever_the_api_takes_can_be_assessed(version: str, body: dict[str, Any], now: Circumstances) -> None:
    taken = PracticeFields.model_validate(body).model_dump()
    content = {name: plain(taken[name]) for name in FIELDS}
    told = assessment.told(assess(submission_of(content), version, now), now)
    assert told["rubric_version"] == version
    again = assessment.circumstances_of(told["inputs"])
    assert assess(submission_of(content), version, again).inputs_hash == told["inputs_hash"]


def test_the_relations_are_those_of_the_contract() -> None:
    assert set(get_args(Relation)) == {"same-call", "own", "other"}
