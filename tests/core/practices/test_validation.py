"""What returns a draft, and what only warns: under the first rubric as it always was, under the second much more."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.practices import rubric as rubrics
from services.core.practices.findings import CODES, FIRST, Finding
from services.core.practices.submission import Circumstances, Evidence, Finance, Indicator, Partner, Relation, Resemblance, Submission
from services.core.practices.validation import blocks, same_language, validate

YEAR = 2026
THEMES = ("energy_transition", "innovative_finance")
NOW = Circumstances(YEAR, THEMES)
BOTH = ("2026-1", "2026-2")
RESULT = Indicator("Factories with a carbon inventory", "factories", Decimal(0), Decimal(52), 2023, "count by the alliance", "evidence-1")
REPORT = Evidence("evidence-1", "link", "Report of 2023", "https://www.example.org/report")
ALLIANCE = Submission(
    title="Industrial Net Zero Alliance",
    summary="Kaohsiung helps its factories to make carbon inventories and to plan their way to net zero.",
    theme="energy_transition",
    language="en",
    problem="Most of the city's emissions come from heavy industry.",
    actions="The city gathers factories in an alliance, and sends experts who help with the first carbon inventory.",
    partners=(Partner("China Steel", "company"), Partner("Net-Zero Academy", "academy")),
    finance=Finance(sources=("green bonds",)),
    indicators=(RESULT,),
    sdg_targets=("9.4", "13.2"),
    obstacles=("small factories have no staff for it",),
    lessons="Begin with the suppliers of one large factory.",
    transfer_conditions="A few large companies that lead their suppliers.",
    consent_to_publish=True,
    evidence=(REPORT,),
)


def findings(submission: Submission, version: str = "2026-2", now: Circumstances = NOW) -> list[Finding]:
    return validate(submission, now, rubrics.load(version))


def found(submission: Submission, version: str = "2026-2", now: Circumstances = NOW) -> list[tuple[str, str, str]]:
    return [(f.code, f.severity, f.pointer) for f in findings(submission, version, now)]


@pytest.mark.parametrize("version", BOTH)
def test_a_complete_submission_has_no_findings(version: str) -> None:
    assert found(ALLIANCE, version) == []
    assert not blocks(findings(ALLIANCE, version))


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"title": " "}, "title-missing", "/title"),
        ({"summary": ""}, "summary-missing", "/summary"),
        ({"summary": "word " * 151}, "summary-too-long", "/summary"),
        ({"problem": "\u3000"}, "problem-missing", "/problem"),
        ({"actions": ""}, "actions-missing", "/actions"),
        ({"language": ""}, "language-missing", "/language"),
        ({"theme": "circular_economy"}, "theme-not-in-call", "/theme"),
        ({"theme": ""}, "theme-not-in-call", "/theme"),
        ({"indicators": ()}, "no-measured-result", "/indicators"),
        ({"indicators": (replace(RESULT, result=None),)}, "no-measured-result", "/indicators"),
        ({"indicators": (replace(RESULT, unit=" "),)}, "no-measured-result", "/indicators"),
        ({"indicators": (replace(RESULT, name=" "),)}, "no-measured-result", "/indicators"),
        ({"indicators": (replace(RESULT, year=None),)}, "no-measured-result", "/indicators"),
        ({"consent_to_publish": False}, "consent-missing", "/consent_to_publish"),
    ],
)
def test_what_returns_the_draft(change: dict[str, Any], code: str, pointer: str) -> None:
    submission = replace(ALLIANCE, **change)
    assert found(submission, "2026-1") == [(code, "blocking", pointer)]
    assert (code, "blocking", pointer) in found(submission)
    assert all(blocks(findings(submission, version)) for version in BOTH)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"partners": ALLIANCE.partners[:1]}, "few-partners", "/partners"),
        ({"partners": (Partner("Taipower"), Partner(" taipower"), Partner(""))}, "few-partners", "/partners"),
        ({"sdg_targets": ()}, "no-sdg-target", "/sdg_targets"),
        ({"sdg_targets": ("7.2", "18.1")}, "sdg-target-malformed", "/sdg_targets/1"),
        ({"sdg_targets": ("11.e",)}, "sdg-target-malformed", "/sdg_targets/0"),
        ({"sdg_targets": ("0.1",)}, "sdg-target-malformed", "/sdg_targets/0"),
        ({"sdg_targets": ("7.2\n",)}, "sdg-target-malformed", "/sdg_targets/0"),
        ({"indicators": (RESULT, replace(RESULT, year=2027))}, "result-year-in-future", "/indicators/1/year"),
        ({"indicators": (replace(RESULT, baseline=Decimal("52.0")),)}, "baseline-equals-result", "/indicators/0/result"),
        ({"finance": None}, "no-finance", "/finance"),
        ({"finance": Finance(currency="TWD")}, "no-finance", "/finance"),
        ({"lessons": ""}, "no-lessons", "/lessons"),
        ({"transfer_conditions": ""}, "no-transfer-conditions", "/transfer_conditions"),
        ({"obstacles": ("a", "b", "c", "d")}, "too-many-obstacles", "/obstacles"),
    ],
)
def test_what_only_warns(change: dict[str, Any], code: str, pointer: str) -> None:
    submission = replace(ALLIANCE, **change)
    assert found(submission, "2026-1") == [(code, "warning", pointer)]
    assert (code, "warning", pointer) in found(submission)
    assert not blocks(findings(submission))


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "word " * 150},
        {"obstacles": ("a", "b", "c")},
        {"finance": Finance(cost=Decimal(0))},
        {"sdg_targets": ("7.2", "11.b", "17.16")},
        {"indicators": (replace(RESULT, year=YEAR),)},
        {"theme": "innovative_finance"},
        {"indicators": (RESULT, Indicator("planned", "factories"))},
    ],
)
def test_what_is_just_allowed(change: dict[str, Any]) -> None:
    assert found(replace(ALLIANCE, **change), "2026-1") == []


def test_everything_is_said_at_once() -> None:
    codes = {code for code, _, _ in found(Submission())}
    assert codes == {code for code, _, _ in found(Submission(), "2026-1")}
    assert codes == set(FIRST) - {
        "summary-too-long",
        "sdg-target-malformed",
        "result-year-in-future",
        "baseline-equals-result",
        "too-many-obstacles",
    }


def test_three_hundred_characters_are_a_full_summary_under_the_first_rubric() -> None:
    assert found(replace(ALLIANCE, summary="淨" * 300), "2026-1") == []
    assert found(replace(ALLIANCE, summary="淨" * 301), "2026-1") == [("summary-too-long", "blocking", "/summary")]
    assert found(replace(ALLIANCE, summary="淨" * 225)) == []
    assert found(replace(ALLIANCE, summary="淨" * 226)) == [("summary-too-long", "blocking", "/summary")]


def figure(**change: Any) -> dict[str, Any]:
    return {"indicators": (replace(RESULT, **change),)}


FULL_JA: Mapping[str, str] = {"title": "同盟", "summary": "要約", "actions": "行動"}
LONG = " ".join(f"word{n}" for n in range(40))
COST = Finance(Decimal(5), "TWD", 2023, ("budget",))


@pytest.mark.parametrize(
    ("change", "code", "severity", "pointer"),
    [
        ({"title": "word " * 31}, "title-too-long", "warning", "/title"),
        (
            {"translations": {"ja": {**FULL_JA, "summary": "要約" * 150}}},
            "translated-summary-too-long",
            "blocking",
            "/translations/ja/summary",
        ),
        (
            {"translations": {"vi": {**FULL_JA, "summary": "từ " * 189}}},
            "translated-summary-too-long",
            "blocking",
            "/translations/vi/summary",
        ),
        ({"translations": {"en-GB": FULL_JA}}, "translation-of-itself", "warning", "/translations/en-GB"),
        ({"translations": {"ja": {"title": "同盟"}}}, "translation-incomplete", "info", "/translations/ja/summary"),
        ({"secondary_themes": ("smart_city", "energy_transition")}, "theme-repeated", "warning", "/secondary_themes/1"),
        ({"indicators": (RESULT, Indicator("saved", "", None, Decimal(3), 2023))}, "unit-missing", "warning", "/indicators/1/unit"),
        ({"indicators": (RESULT, Indicator("saved", "t", None, Decimal(3)))}, "year-missing", "warning", "/indicators/1/year"),
        (figure(year=1989), "result-year-implausible", "warning", "/indicators/0/year"),
        (figure(baseline=Decimal("0.0052")), "figures-far-apart", "info", "/indicators/0/result"),
        (figure(baseline=Decimal(520_000)), "figures-far-apart", "info", "/indicators/0/result"),
        (figure(baseline=Decimal(-5)), "figures-of-opposite-sign", "info", "/indicators/0/result"),
        (figure(unit=" ％", result=Decimal(101)), "percentage-out-of-range", "info", "/indicators/0/result"),
        (figure(unit="per cent", baseline=Decimal(120)), "percentage-out-of-range", "info", "/indicators/0/baseline"),
        (
            {"indicators": (RESULT, replace(RESULT, name="Factories  with a carbon INVENTORY"))},
            "indicator-repeated",
            "warning",
            "/indicators/1",
        ),
        (figure(evidence_id="evidence-2"), "evidence-unknown", "warning", "/indicators/0/evidence_id"),
        ({"sdg_targets": ("9.4", "9.9")}, "sdg-target-unknown", "warning", "/sdg_targets/1"),
        ({"sdg_targets": ("17.20",)}, "sdg-target-unknown", "warning", "/sdg_targets/0"),
        ({"sdg_targets": ("17.a",)}, "sdg-target-unknown", "warning", "/sdg_targets/0"),
        ({"partners": (*ALLIANCE.partners, Partner("china steel"))}, "partner-repeated", "warning", "/partners/2/name"),
        ({"partners": (*ALLIANCE.partners, Partner("China\u200b Steel."))}, "partner-repeated", "warning", "/partners/2/name"),
        ({"lessons": "Begin with suppliers. " * 14}, "text-repeats", "warning", "/lessons"),
        ({"lessons": "先從供應商做起。" * 8}, "text-repeats", "warning", "/lessons"),
        ({"lessons": LONG, "transfer_conditions": f"{LONG.upper()}!"}, "text-repeats", "warning", "/transfer_conditions"),
        ({"finance": replace(COST, currency="")}, "cost-without-currency", "warning", "/finance/currency"),
        ({"finance": replace(COST, year=None)}, "cost-without-year", "warning", "/finance/year"),
        ({"finance": replace(COST, year=YEAR + 1)}, "cost-year-in-future", "warning", "/finance/year"),
        ({"finance": replace(COST, sources=("",))}, "no-money-source", "info", "/finance/sources"),
        ({"lessons": "See https://localhost/x."}, "link-malformed", "warning", "/lessons"),
        ({"translations": {"ja": {**FULL_JA, "actions": "http:/city.jp を見る"}}}, "link-malformed", "warning", "/translations/ja/actions"),
        ({"obstacles": ("none, see ftp://city.example/x",)}, "link-malformed", "warning", "/obstacles/0"),
        ({"evidence": (REPORT, Evidence("e2", "link", "", "https://city"))}, "link-malformed", "warning", "/evidence/1/url"),
    ],
)
def test_what_the_second_rubric_finds_besides(change: dict[str, Any], code: str, severity: str, pointer: str) -> None:
    submission = replace(ALLIANCE, **change)
    assert found(submission) == [(code, severity, pointer)]
    assert found(submission, "2026-1") == []


@pytest.mark.parametrize(
    "change",
    [
        {"title": "word " * 30},
        {"translations": {"ja": FULL_JA, "zh-Hans": FULL_JA}},
        figure(baseline=Decimal("0.00521")),
        figure(baseline=Decimal(-5), result=Decimal(-7)),
        figure(unit="%", baseline=Decimal(0), result=Decimal(100)),
        figure(unit="%", baseline=Decimal(-100), result=Decimal(-30)),
        figure(unit="kWh", result=Decimal(101)),
        figure(year=1990),
        {"sdg_targets": ("9.4", "11.B")},
        {"lessons": LONG},
        {"lessons": "Begin with suppliers. " * 13},  # 39 words
        {"language": "vi", "summary": "từ " * 188},
        {"translations": {"vi": {**FULL_JA, "summary": "từ " * 188}}},
        {"indicators": (RESULT, replace(RESULT, year=2024))},
        {"sdg_targets": ("1.a", "9.c", "17.19", "11.b")},
        {"finance": replace(COST, year=YEAR)},
        {"lessons": "See https://www.kcg.gov.tw/報告（2023）, and (https://en.wikipedia.org/wiki/Carbon_(element))."},
    ],
)
def test_what_the_second_rubric_allows(change: dict[str, Any]) -> None:
    assert found(replace(ALLIANCE, **change)) == []


@pytest.mark.parametrize(
    ("relation", "share", "finding", "says"),
    [
        ("same-call", "0.9", ("duplicate-in-call", "warning", "/actions"), "withdraw one"),
        ("same-call", "0.89", ("near-duplicate", "warning", "/actions"), "what differs"),
        ("own", "1", ("near-duplicate", "warning", "/actions"), "what is new"),
        ("other", "0.7", ("near-duplicate", "warning", "/actions"), "own words"),
        ("other", "0.69", None, ""),
    ],
)
def test_what_resembles_an_earlier_practice(relation: Relation, share: str, finding: tuple[str, str, str] | None, says: str) -> None:
    known = Circumstances(YEAR, THEMES, (Resemblance(relation, Decimal(share), "p-1", "The Alliance"),))
    assert found(ALLIANCE, "2026-1", known) == []
    assert found(ALLIANCE, now=known) == ([finding] if finding else [])
    for told in findings(ALLIANCE, now=known):
        assert says in told.message
        assert "“The Alliance” (practice p-1)" in told.message
        assert told.message.startswith(f"About {int(Decimal(share) * 100)} % of this text also stands in “The Alliance” (practice p-1)")
    hidden = Circumstances(YEAR, THEMES, (Resemblance(relation, Decimal(share)),))
    assert all("also stands in another city's practice that is not public" in told.message for told in findings(ALLIANCE, now=hidden))


def test_that_no_change_counts_as_none_is_said_since_the_second_rubric() -> None:
    same = replace(ALLIANCE, indicators=(replace(RESULT, baseline=RESULT.result),))
    first, second = (findings(same, version)[0].message for version in BOTH)
    assert first == "Baseline and result are the same: nothing has changed, or one of them was typed twice."
    assert second == f"{first} It counts as no change."


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("en", "EN-gb", True),
        ("en-US", "en-GB", True),
        ("zh-Hant", "zh-Hant-TW", True),
        ("zh", "zh-Hant", True),
        ("zh-Hant", "zh-Hans", False),
        ("en", "ja", False),
        ("", "en", False),
    ],
)
def test_when_two_tags_name_one_language(one: str, other: str, *, same: bool) -> None:
    assert same_language(one, other) is same
    assert same_language(other, one) is same


def test_every_code_is_in_force_under_the_newest_rubric_and_can_be_found() -> None:
    assert set(rubrics.load("2026-2").validation.severities) == set(CODES)
    old = {code: severity for code, severity in rubrics.load("2026-2").validation.severities.items() if code in FIRST}
    assert old == FIRST


words = st.sampled_from(["7.2", "11.b", "9.9", "", "seven", "https://x", "http://a.b/c", "市" * 400, "word " * 200])
numbers = st.none() | st.sampled_from([Decimal(-5), Decimal(0), Decimal("0.01"), Decimal(150), Decimal(10**15)])
figures = st.builds(Indicator, words, words | st.just("%"), numbers, numbers, st.none() | st.integers(1900, 2200), words, st.none() | words)


@given(
    st.builds(
        Submission,
        words,
        words,
        words,
        secondary_themes=st.lists(words, max_size=3).map(tuple),
        language=words,
        translations=st.dictionaries(st.sampled_from(["en", "ja", "zh-Hant"]), st.fixed_dictionaries({"title": words, "summary": words})),
        partners=st.lists(st.builds(Partner, words), max_size=4).map(tuple),
        finance=st.none() | st.builds(Finance, numbers, words, st.none() | st.integers(1900, 2200), st.lists(words).map(tuple)),
        indicators=st.lists(figures, max_size=4).map(tuple),
        sdg_targets=st.lists(words).map(tuple),
        obstacles=st.lists(words).map(tuple),
        evidence=st.lists(st.builds(Evidence, words, st.sampled_from(["link", "file"]), words, words), max_size=3).map(tuple),
    )
)
def test_law_findings_point_into_the_practice(submission: Submission) -> None:
    for version in BOTH:
        for finding in findings(submission, version):
            assert finding.severity == rubrics.load(version).validation.severities[finding.code]
            assert finding.message.endswith((".", "?"))
            assert finding.message[0].isupper() or finding.message[0].isdigit()
            assert leads_somewhere(submission, finding.pointer), finding.pointer


def leads_somewhere(submission: Submission, pointer: str) -> bool:
    """Whether the pointer's parts are there; the last one may be what is missing."""
    place: Any = submission
    for part in pointer.split("/")[1:]:
        if place is None:
            return False
        match place:
            case Mapping():
                place = place.get(part)
            case tuple():
                place = place[int(part)]
            case _:
                place = getattr(place, part)
    return True
