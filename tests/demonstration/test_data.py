"""The demonstration's data keep what the handbook asks: sources, labels, and shapes that the API takes."""

import itertools
import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.core.commitments.rules import blocking
from services.core.commitments.schemas import CommitmentCreate
from services.core.commitments.targets import target_of
from services.core.commitments.trajectory import target_year_emissions
from services.core.jurisdictions.schemas import JurisdictionCreate
from services.core.practices import rubric
from services.core.practices.content import plain, submission_of
from services.core.practices.schemas import PracticeFields
from services.core.practices.submission import Circumstances, Submission
from services.core.practices.validation import blocks, validate
from services.local.demonstration.cohort import community_for, founding_cohort, practice_submissions, reviewers_opinions

COHORT = founding_cohort()
PRACTICES = practice_submissions()
OPINIONS = reviewers_opinions()["practices"]
THEMES = set(COHORT["community"]["community"]["themes"])
PRACTICE_FIELDS = {
    "call_id",
    "jurisdiction_id",
    "title",
    "summary",
    "theme",
    "secondary_themes",
    "language",
    "problem",
    "actions",
    "partners",
    "finance",
    "indicators",
    "emissions_avoided_t_per_year",
    "co_benefits",
    "sdg_targets",
    "obstacles",
    "lessons",
    "transfer_conditions",
    "commitment_ids",
    "consent_to_publish",
}


def emails(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [x for k, v in value.items() for x in ([v] if k == "email" else emails(v))]
    return [x for v in value for x in emails(v)] if isinstance(value, list) else []


def by_key(entries: list[dict[str, Any]], key: str = "key") -> Any:
    return [pytest.param(e, id=str(e[key])) for e in entries]


def test_seven_jurisdictions_five_themes_fifteen_places() -> None:
    assert [j["key"] for j in COHORT["jurisdictions"]] == ["kaohsiung", "yokohama", "kyoto", "batangas", "iloilo", "newcastle", "goyang"]
    assert len(THEMES) == 5
    community = COHORT["community"]["community"]
    assert (community["capacity"], community["founding_agreement"]["signed_on"]) == (15, "2025-03-21")
    assert {n for j in COHORT["jurisdictions"] for n in j["jurisdiction"]["names"].values()} >= {"高雄市", "横浜市", "京都市", "고양시"}


@pytest.mark.parametrize("entry", by_key(COHORT["jurisdictions"]))
def test_every_fact_of_a_jurisdiction_names_its_sources(entry: dict[str, Any]) -> None:
    facts = entry["jurisdiction"]
    JurisdictionCreate.model_validate(facts)
    named = {k for k, v in facts.items() if v not in (None, []) and k != "external_ids"}
    named |= {f"external_ids.{e['source']}" for e in facts["external_ids"]}
    assert named == set(entry["sources"])
    assert all(entry["sources"].values())
    assert set(itertools.chain(*entry["sources"].values())) <= set(COHORT["sources"])


def test_every_other_fact_names_its_sources_or_says_that_it_is_illustrative() -> None:
    assert set(COHORT["community"]["community"]) == set(COHORT["community"]["sources"])
    entries = [*COHORT["commitments"], *COHORT["progress_reports"], *COHORT["memberships"]]
    later = [c["later_revision"] for c in COHORT["commitments"] if "later_revision" in c]
    assert [x["reduction_percent"] for x in later] == [30]
    for entry in [*entries, *later]:
        assert entry["sources"]
        assert set(entry["sources"]) <= set(COHORT["sources"])
    assert all(m["reason"] for m in COHORT["memberships"])
    assert all(t["illustrative"] or t["sources"] for t in COHORT["community"]["other_terms"])
    for practice in PRACTICES["practices"]:
        assert practice["sources"]
        assert set(practice["sources"]) <= set(PRACTICES["sources"])


def test_only_the_chair_and_the_expression_of_interest_are_said_to_be_public() -> None:
    public = {m["jurisdiction"]: (m["kind"], m["status"]) for m in COHORT["memberships"] if not m["illustrative"]}
    assert public == {"kaohsiung": ("chair", "active"), "goyang": ("member", "expressed_interest")}


def test_people_are_invented_and_can_be_told_from_real_ones() -> None:
    assert all(e.endswith(".example") for e in emails([COHORT, PRACTICES, OPINIONS]))
    assert all(r["name"].endswith("(illustrative)") for m in COHORT["memberships"] for r in m["representatives"])
    addresses = [r["email"] for m in COHORT["memberships"] for r in m["representatives"]]
    assert len(addresses) == len(set(addresses))


def test_active_members_meet_the_guards_and_five_cities_have_two_reviewers() -> None:
    active = [m for m in COHORT["memberships"] if m["status"] == "active"]
    for member in active:
        assert {"political", "technical"} <= {r["role"] for r in member["representatives"]}
        assert {s["party"] for s in member["agreement"]["signatories"]} == {"jurisdiction", "secretariat"}
        assert all("2025-01-01" <= s["signed_on"] <= "2026-11-24" for s in member["agreement"]["signatories"])
        assert all(set(r["themes"]) <= THEMES for r in member["representatives"])
    assert sum(1 for m in active if sum(r["reviewer"] for r in m["representatives"]) >= 2) >= 5


def test_targets_are_the_published_ones() -> None:
    levels = {
        c["ref"]: round(c["commitment"]["base_year_emissions_t"] * (1 - c["commitment"]["reduction_percent"] / 100), 3)
        for c in COHORT["commitments"]
        if c["commitment"]["target_type"] == "base_year_absolute"
    }
    assert levels == {
        "kaohsiung-2050": 0,
        "kaohsiung-2030": 53_898_284.8,
        "yokohama-2030": 15_113_000,
        "kyoto-2030": 4_704_000,
        "batangas-2030": 316_413,
        "goyang-2030-energy": 5_185_200.088,
    }
    stated = {c["ref"]: c["commitment"].get("reported_target_year_emissions_t") for c in COHORT["commitments"]}
    assert {ref: stated[ref] for ref in levels} == levels
    assert [p["commitment"] for p in COHORT["progress_reports"]] == ["kyoto-2030", "kaohsiung-2030"]
    assert round((7_840_000 - 6_540_648) / (7_840_000 - 4_704_000) * 100, 2) == 41.43


@pytest.mark.parametrize("entry", by_key(COHORT["commitments"], "ref"))
def test_a_commitment_fits_the_api_and_so_does_its_revision(entry: dict[str, Any]) -> None:
    given = CommitmentCreate.model_validate_json(json.dumps(entry["commitment"]))
    assert not blocking(target_of(given.model_dump()))
    if later := entry.get("later_revision"):
        whole = CommitmentCreate.model_validate_json(json.dumps(entry["commitment"] | later["patch"]))
        assert target_year_emissions(target_of(whole.model_dump())) == Decimal(str(later["target_year_emissions_t"]))


def test_figures_that_contradict_each_other_stand_side_by_side_with_their_sources() -> None:
    measures = next(c for c in COHORT["commitments"] if c["ref"] == "kaohsiung-2050")["commitment"]["measures"]
    trained = [i for m in measures for i in m["indicators"] if i["name"] == "People trained since 2023"]
    assert [i["value"] for i in trained] == [3000, 4500]
    assert len({i["source"] for i in trained}) == 2
    assert all(i["source"] and i["as_of"] and i["unit"] for m in measures for i in m["indicators"])


@pytest.mark.parametrize("entry", by_key(PRACTICES["practices"]))
def test_a_submission_is_complete_and_its_first_draft_only_where_the_script_says_so(entry: dict[str, Any]) -> None:
    text = entry["practice"]
    assert set(text) | {"call_id", "jurisdiction_id", "commitment_ids"} == PRACTICE_FIELDS
    assert len(text["summary"].split()) <= 150
    assert {text["theme"], *text["secondary_themes"]} <= THEMES
    assert len(text["obstacles"]) <= 3
    assert all(re.fullmatch(r"(1[0-7]|[1-9])\.(\d{1,2}|[a-d])", target) for target in text["sdg_targets"])
    assert all(i["method"] and i["unit"] and i["year"] for i in text["indicators"])
    assert {c["ref"] for c in COHORT["commitments"]} >= set(entry["commitments"])
    missing = set(entry.get("left_out_of_first_draft", []))
    assert missing <= set(text)
    newest = rubric.load(rubric.versions()[-1])
    circumstances = Circumstances(2026, tuple(THEMES))
    findings = validate(as_submission(text, missing), circumstances, newest)
    assert blocks(findings) == bool(missing)
    assert not validate(as_submission(text, set()), circumstances, newest)


def test_evidence_stands_behind_figures_that_are_there() -> None:
    entry = next(p for p in PRACTICES["practices"] if p["key"] == "newcastle-power")
    figures = entry["practice"]["indicators"]
    files = [e for e in entry["evidence"] if "file" in e]
    assert [files[0]["rows"][place + 1][1:4] for place in files[0]["behind"]] == [[i["result"], i["unit"], i["year"]] for i in figures]
    assert all(e["url"].startswith("https://") for e in entry["evidence"] if "url" in e)
    assert "evidence" in {name for p in PRACTICES["practices"] if p.get("left_out_of_first_draft") for name in p}


def as_submission(text: dict[str, Any], missing: set[str]) -> Submission:
    given = PracticeFields.model_validate_json(json.dumps({k: v for k, v in text.items() if k not in missing}))
    return submission_of({name: plain(value) for name, value in given.model_dump().items()})


def test_figures_from_elsewhere_are_labelled_illustrative() -> None:
    for entry in PRACTICES["practices"]:
        if entry["jurisdiction"] not in {"kaohsiung", "kyoto"}:
            assert all("llustrative" in i["method"] for i in entry["practice"]["indicators"])
        assert "illustrative" in entry["practice"]["summary"]


@pytest.mark.parametrize("key", sorted(OPINIONS))
def test_reviews_lead_to_the_expected_outcome_under_any_fair_weights(key: str) -> None:
    expected = next(p["expected"] for p in PRACTICES["practices"] if p["key"] == key)
    reviews = OPINIONS[key]["reviews"]
    codes = reviewers_opinions()["criteria"]
    assert len(reviews) == 3
    for review in reviews:
        assert [s["criterion"] for s in review["scores"]] == codes
        assert all(0 <= s["value"] <= 10 for s in review["scores"])
        assert review["recommendation"] in {"recognise", "commend", "revise", "decline"}
        assert 1 <= review["confidence"] <= 5
    assert sum(r["recommendation"] == "revise" for r in reviews) < 2
    for heavy in [None, *range(6)]:
        weights = [1 / 6] * 6 if heavy is None else [0.3 if i == heavy else 0.14 for i in range(6)]
        totals = [sum(w * s["value"] * 10 for w, s in zip(weights, r["scores"], strict=True)) for r in reviews]
        assert max(totals) - min(totals) <= 30
        mean = sum(totals) / 3
        assert ("recognised" if mean >= 70 else "commended" if mean > 50 else "declined") == expected


def test_the_script_has_a_decline_a_commendation_and_a_recognition() -> None:
    assert {p["expected"] for p in PRACTICES["practices"]} == {"recognised", "commended"}
    assert any(o["declines"] for o in OPINIONS.values())
    assert set(OPINIONS) == {p["key"] for p in PRACTICES["practices"]}


@pytest.mark.parametrize(
    ("today", "ends", "noted"),
    [("2026-11-24", "2026-12-31", False), ("2027-01-02", "2027-12-31", True), ("2030-01-01", "2034-12-31", True)],
)
def test_the_term_reaches_the_day_of_the_play(today: str, ends: str, noted: bool) -> None:
    community, note = community_for(date.fromisoformat(today))
    assert (community["ends_on"], note is not None) == (ends, noted)
