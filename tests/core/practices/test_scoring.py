"""The score under the first rubric, which is published and gives for ever what it gave: every point, the bands, the hash."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.core.practices import assessment
from services.core.practices import rubric as rubrics
from services.core.practices.content import submission_of
from services.core.practices.scoring import Assessment, score
from services.core.practices.submission import Circumstances, Finance, Indicator, Partner, Submission

RUBRIC = rubrics.load("2026-1")
YEAR = 2026
THEMES = ("energy_transition",)
AT_THAT_TIME: list[dict[str, Any]] = json.loads((Path(__file__).parent / "assessed_2026_1.json").read_text("utf-8"))
"""Whole assessments as they were made before there was a second rubric."""

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
    return assessment.assess(submission, Circumstances(YEAR, THEMES), RUBRIC)


def points(submission: Submission) -> dict[str, Decimal]:
    return {criterion.code: criterion.points for criterion in assess(submission).criteria}


@pytest.mark.parametrize("then", AT_THAT_TIME, ids=lambda then: then["case"])
def test_an_old_assessment_comes_out_to_the_letter(then: dict[str, Any]) -> None:
    circumstances = Circumstances(YEAR, ("energy_transition", "innovative_finance"))
    now = assessment.told(assessment.assess(submission_of(then["content"]), circumstances, RUBRIC), circumstances)
    assert now | {"total": str(now["total"])} == then["assessment"]


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
    found = score(replace(FULL, finance=None), Circumstances(YEAR, THEMES), strict, [])
    assert (str(found.total), found.band) == ("90.00", "disclosure")


def test_a_text_and_its_translation_score_alike() -> None:
    chinese = replace(FULL, problem="市" * 80, actions="市" * 160, lessons="市" * 80, transfer_conditions="市" * 80)
    assert assess(chinese).total == assess(FULL).total


def test_the_hash_is_the_same_for_ever() -> None:
    assert assess(FULL).inputs_hash == "4be862184a0c964f0ecf5d46ab8908e452feb810d3ee49868575c7717639a292"
    same = replace(FULL, emissions_avoided_t_per_year=Decimal("10.00"))
    assert assess(same).inputs_hash == assess(FULL).inputs_hash
