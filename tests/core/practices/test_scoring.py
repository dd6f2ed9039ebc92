"""The score: every point with its reason, the bands, the hash, and the laws that hold for all submissions."""

import copy
import json
import random
from dataclasses import fields, replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.practices import rubric as rubrics
from services.core.practices.scoring import Assessment, inputs_hash, score
from services.core.practices.submission import Evidence, Finance, Indicator, Partner, Submission
from services.core.practices.validation import validate

RUBRIC = rubrics.load("2026-1")
RAW: dict[str, Any] = json.loads((files("services.core.practices") / "rubrics" / "2026-1.json").read_text("utf-8"))
YEAR = 2026
THEMES = ("energy_transition",)

FULL = Submission(
    title="Industrial Net Zero Alliance",
    summary="Factories make carbon inventories together.",
    theme="energy_transition",
    secondary_themes=("innovative_finance",),
    language="en",
    translations={"zh-Hant": {"title": "產業淨零大聯盟"}},
    problem="word " * 40,
    actions="word " * 80,
    partners=(Partner("Steel", "company"), Partner("Academy", "academy"), Partner("Union", "company")),
    finance=Finance(Decimal(1000), "TWD", 2023, ("budget", "green bond")),
    indicators=(
        Indicator("factories", "count", Decimal(0), Decimal(52), 2023, "register", "e1"),
        Indicator("saved", "t", None, Decimal(10), 2024),
    ),
    emissions_avoided_t_per_year=Decimal(10),
    co_benefits=("jobs", "health", "air"),
    sdg_targets=("9.4", "13.2"),
    obstacles=("staff", "cost"),
    lessons="word " * 40,
    transfer_conditions="word " * 40,
    commitment_ids=("c1",),
    consent_to_publish=True,
)


def assess(submission: Submission) -> Assessment:
    return score(submission, RUBRIC, validate(submission, THEMES, YEAR))


def points(submission: Submission) -> dict[str, Decimal]:
    return {criterion.code: criterion.points for criterion in assess(submission).criteria}


def test_the_full_and_the_empty_submission() -> None:
    best, nothing = assess(FULL), assess(Submission())
    assert (best.total, best.band, best.rubric_version) == (Decimal(100), "leadership", "2026-1")
    assert (nothing.total, nothing.band) == (Decimal(0), "disclosure")
    assert best.findings == ()
    assert len(nothing.findings) > 0


@pytest.mark.parametrize(
    ("criterion", "change", "expected"),
    [
        ("impact", {"indicators": ()}, "2"),
        ("impact", {"indicators": FULL.indicators[:1]}, "9.5"),
        ("impact", {"indicators": FULL.indicators[1:]}, "5.5"),
        ("impact", {"indicators": (replace(FULL.indicators[0], baseline=Decimal(52)), FULL.indicators[1])}, "8"),
        ("impact", {"indicators": (replace(FULL.indicators[0], method=" "), FULL.indicators[1])}, "9"),
        ("impact", {"indicators": (replace(FULL.indicators[0], evidence_id=None), FULL.indicators[1])}, "9"),
        ("impact", {"indicators": (replace(FULL.indicators[0], year=2027), FULL.indicators[1])}, "5.5"),
        ("impact", {"emissions_avoided_t_per_year": None}, "8"),
        ("innovation", {"problem": "word " * 20}, "8.5"),
        ("innovation", {"actions": "行" * 80}, "7.5"),
        ("innovation", {"secondary_themes": ()}, "8"),
        ("transferability", {"transfer_conditions": ""}, "6"),
        ("transferability", {"lessons": "word " * 10}, "7.75"),
        ("transferability", {"obstacles": ("staff",)}, "9"),
        ("transferability", {"obstacles": ("staff", " Staff ")}, "9"),
        ("transferability", {"translations": {}}, "9"),
        ("inclusion", {"co_benefits": ("jobs", "", " ")}, "6"),
        ("inclusion", {"sdg_targets": ("9.4", "99.9")}, "8"),
        ("governance", {"partners": FULL.partners[:2]}, "8"),
        ("governance", {"partners": (FULL.partners[0], FULL.partners[2])}, "7"),
        ("governance", {"commitment_ids": ()}, "8"),
        ("finance", {"finance": None}, "0"),
        ("finance", {"finance": Finance(Decimal(0), "", None, ("budget",))}, "6"),
        ("finance", {"finance": Finance(None, " ", 2023, ("budget", "bond", "bank"))}, "5"),
    ],
)
def test_each_check_gives_its_points(criterion: str, change: dict[str, Any], expected: str) -> None:
    changed = points(replace(FULL, **change))
    assert changed[criterion] == Decimal(expected)
    assert all(value == 10 for code, value in changed.items() if code != criterion)


def test_every_point_has_a_reason_that_cites_its_field() -> None:
    impact = assess(replace(FULL, emissions_avoided_t_per_year=None)).criteria[0]
    assert impact.reasons == (
        "3 of 3 points: a measured result with unit and year: given (/indicators)",
        "1 of 1 points: 2 of 2 measured results (/indicators)",
        "2 of 2 points: a result that differs from its baseline: given (/indicators)",
        "1 of 1 points: a result with its method: given (/indicators)",
        "1 of 1 points: a result with evidence: given (/indicators)",
        "0 of 2 points: the emissions avoided per year: not given (/emissions_avoided_t_per_year)",
    )
    for criterion, shown in zip(RUBRIC.criteria, assess(FULL).criteria, strict=True):
        assert len(shown.reasons) == len(criterion.checks)
        assert all(check.field in reason for check, reason in zip(criterion.checks, shown.reasons, strict=True))


@pytest.mark.parametrize(
    ("change", "total", "band"),
    [
        ({"lessons": "", "co_benefits": (), "actions": "", "translations": {}, "finance": None}, "65.50", "management"),
        ({"indicators": ()}, "76.00", "awareness"),  # 76 points, but no measured result
        ({"indicators": (), "emissions_avoided_t_per_year": None, "partners": (), "actions": ""}, "54.50", "awareness"),
        ({"lessons": "", "obstacles": ()}, "90.00", "management"),  # 90 points, but hard to copy
        ({"lessons": ""}, "94.00", "leadership"),
    ],
)
def test_bands_are_consecutive_and_gated(change: dict[str, Any], total: str, band: str) -> None:
    found = assess(replace(FULL, **change))
    assert (str(found.total), found.band) == (total, band)


def test_a_missed_band_closes_those_above_it() -> None:
    gated = replace(RUBRIC.bands[1], criteria_at_least={"finance": Decimal(5)})
    strict = replace(RUBRIC, bands=(RUBRIC.bands[0], gated, *RUBRIC.bands[2:]))
    found = score(replace(FULL, finance=None), strict, [])
    assert (str(found.total), found.band) == ("90.00", "disclosure")


def test_a_text_and_its_translation_score_alike() -> None:
    chinese = replace(FULL, problem="市" * 80, actions="市" * 160, lessons="市" * 80, transfer_conditions="市" * 80)
    assert assess(chinese).total == assess(FULL).total


def test_the_hash_covers_every_input() -> None:
    changes: dict[str, Any] = {
        field.name: (
            "changed" if isinstance(value := getattr(FULL, field.name), str) else (*value, *value[:1]) if isinstance(value, tuple) else None
        )
        for field in fields(Submission)
    }
    changes |= {"translations": {}, "consent_to_publish": False, "evidence": (Evidence("e1", "link"),)}
    hashes = {name: inputs_hash(replace(FULL, **{name: value}), "2026-1", []) for name, value in changes.items()}
    assert len({*hashes.values(), inputs_hash(FULL, "2026-1", [])}) == len(fields(Submission)) + 1
    assert inputs_hash(FULL, "2026-2", []) != inputs_hash(FULL, "2026-1", [])
    future = replace(FULL, indicators=(replace(FULL.indicators[0], year=2027),))
    assert inputs_hash(future, "2026-1", validate(future, THEMES, YEAR)) != inputs_hash(future, "2026-1", [])


def test_the_hash_is_the_same_for_ever() -> None:
    assert assess(FULL).inputs_hash == "4be862184a0c964f0ecf5d46ab8908e452feb810d3ee49868575c7717639a292"
    same = replace(FULL, emissions_avoided_t_per_year=Decimal("10.00"))
    assert assess(same).inputs_hash == assess(FULL).inputs_hash


def test_lone_surrogates_do_not_break_the_hash() -> None:
    assert len(inputs_hash(replace(FULL, title="\ud800"), "2026-1", [])) == 64


def test_the_rubric_sums_and_has_the_same_six_criteria_for_reviewers() -> None:
    assert rubrics.versions() == ["2026-1"]
    assert sum(criterion.weight for criterion in RUBRIC.criteria) == 100
    assert sum(RUBRIC.review_weights.values()) == 1
    assert list(RUBRIC.review_weights) == [criterion.code for criterion in RUBRIC.criteria]
    assert list(RUBRIC.review_weights) == ["impact", "innovation", "transferability", "inclusion", "governance", "finance"]
    assert all(criterion.max == 10 for criterion in RUBRIC.criteria)
    assert all(criterion.title and criterion.guidance for criterion in RUBRIC.review)
    with pytest.raises(LookupError, match="no rubric"):
        rubrics.load("../2026-1")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("criteria", 0, "weight"), "31", "sum to 100"),
        (("review", 0, "weight"), "0.31", "sum to 1"),
        (("criteria", 1, "code"), "impact", "stands twice"),
        (("review", 1, "code"), "novelty", "same criteria"),
        (("criteria", 0, "checks", 0, "kind"), "guess", "unknown kind"),
        (("criteria", 0, "checks", 0, "points"), "0", "no points"),
        (("criteria", 0, "checks", 0, "at_least"), 0, "asks nothing"),
        (("criteria", 0, "checks"), [], "no checks"),
        (("criteria", 0, "checks", 0, "field"), "/indicator", "does not exist"),
        (("criteria", 3, "checks", 1, "pattern"), "(", "malformed"),
        (("bands", 0, "code"), "awareness", "not the four"),
        (("bands", 1, "total_at_least"), "70", "do not rise"),
        (("bands", 0, "total_at_least"), "1", "do not rise"),
        (("bands", 2, "criteria_at_least"), {"luck": "1"}, "gate is unknown"),
    ],
)
def test_a_wrong_rubric_is_refused(path: tuple[Any, ...], value: object, message: str) -> None:
    data = copy.deepcopy(RAW)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ValueError, match=message):
        rubrics.parse(data)


texts = st.sampled_from(["", " ", "one", "word " * 39, "word " * 81, "市民" * 30])
amounts = st.none() | st.integers(0, 60).map(Decimal)
years = st.none() | st.integers(2015, 2030)
indicators = st.builds(Indicator, texts, texts, amounts, amounts, years, texts, st.none() | st.just("e1"))


def lists(*items: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(items), max_size=5).map(tuple)


submissions = st.builds(
    Submission,
    title=texts,
    summary=texts,
    theme=st.sampled_from(["", "energy_transition"]),
    secondary_themes=lists("a", "b"),
    language=texts,
    translations=st.sampled_from([{}, {"ja": {"title": "x"}}]),
    problem=texts,
    actions=texts,
    partners=st.lists(st.builds(Partner, texts, lists("x", "y").map("".join)), max_size=4).map(tuple),
    finance=st.none() | st.builds(Finance, amounts, texts, years, lists("a", "b", "")),
    indicators=st.lists(indicators, max_size=4).map(tuple),
    emissions_avoided_t_per_year=amounts,
    co_benefits=lists("a", "b", "c", "A ", ""),
    sdg_targets=lists("7.2", "11.b", "x", "99.1"),
    obstacles=lists("a", "b", ""),
    lessons=texts,
    transfer_conditions=texts,
    commitment_ids=lists("c1", "c2"),
    consent_to_publish=st.booleans(),
)


def emptied(submission: Submission, name: str) -> Submission:
    return replace(submission, **{name: getattr(Submission(), name)})


@given(submissions)
def test_law_filling_a_field_never_lowers_the_score(submission: Submission) -> None:
    full = assess(submission)
    order = [band.code for band in RUBRIC.bands]
    for field in fields(Submission):
        less = assess(emptied(submission, field.name))
        assert less.total <= full.total, field.name
        assert order.index(less.band) <= order.index(full.band), field.name


@given(submissions, indicators, st.sampled_from(["name", "unit", "baseline", "result", "year", "method", "evidence_id"]))
def test_law_filling_an_indicator_never_lowers_the_score(submission: Submission, indicator: Indicator, name: str) -> None:
    less = replace(indicator, **{name: getattr(Indicator(), name)})
    full = assess(replace(submission, indicators=(indicator, *submission.indicators))).total
    assert assess(replace(submission, indicators=(less, *submission.indicators))).total <= full
    assert assess(submission).total <= full


@given(submissions, st.randoms(use_true_random=False))
def test_law_the_order_of_list_items_leaves_no_trace(submission: Submission, dice: random.Random) -> None:
    mixed: dict[str, Any] = {}
    for field in fields(Submission):
        value = getattr(submission, field.name)
        if isinstance(value, tuple):
            mixed[field.name] = tuple(dice.sample(value, len(value)))
    one, other = assess(submission), assess(replace(submission, **mixed))
    assert (one.inputs_hash, one.total, one.band, one.criteria) == (other.inputs_hash, other.total, other.band, other.criteria)


@given(submissions)
def test_law_the_total_is_the_weighted_sum_of_what_is_shown(submission: Submission) -> None:
    found = assess(submission)
    total = sum((c.weight * c.points / c.max for c in found.criteria), Decimal(0))
    assert abs(found.total - total) <= Decimal("0.005")
    assert 0 <= found.total <= 100
    for criterion in found.criteria:
        assert 0 <= criterion.points <= criterion.max
        assert sum(Decimal(reason.split()[0]) for reason in criterion.reasons) == criterion.points
    assert assess(submission) == found
