"""What returns a draft, what only warns, and how words are counted in every script."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.practices.submission import Finance, Indicator, Partner, Submission
from services.core.practices.validation import SEVERITIES, Finding, blocks, validate
from services.core.practices.words import word_count

YEAR = 2026
THEMES = ("energy_transition", "innovative_finance")
RESULT = Indicator("Factories with a carbon inventory", "factories", Decimal(0), Decimal(52), 2023, "count by the alliance", "evidence-1")
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
)


def found(submission: Submission) -> list[tuple[str, str, str]]:
    return [(f.code, f.severity, f.pointer) for f in validate(submission, THEMES, YEAR)]


def test_a_complete_submission_has_no_findings() -> None:
    assert found(ALLIANCE) == []
    assert not blocks(validate(ALLIANCE, THEMES, YEAR))


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
    assert found(submission) == [(code, "blocking", pointer)]
    assert blocks(validate(submission, THEMES, YEAR))


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
    assert found(submission) == [(code, "warning", pointer)]
    assert not blocks(validate(submission, THEMES, YEAR))


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
    assert found(replace(ALLIANCE, **change)) == []


def test_everything_is_said_at_once() -> None:
    codes = {code for code, _, _ in found(Submission())}
    assert codes == set(SEVERITIES) - {
        "summary-too-long",
        "sdg-target-malformed",
        "result-year-in-future",
        "baseline-equals-result",
        "too-many-obstacles",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" \n— … !", 0),
        ("Net zero by 2050", 4),
        ("it's a well-known case of 1,250.5 MW", 7),
        ("café", 1),
        ("cafe\u0301", 1),
        ("高雄市推動淨零", 4),  # seven characters
        ("高雄市推動淨零。高雄", 5),  # each run is rounded up
        ("カーボンニュートラル", 5),
        ("CO2 減量 30%", 3),
        ("탄소 중립 도시", 3),
        ("ประเทศไทยสวยงาม", 3),
        ("กขคงจฉ", 2),  # six letters
        ("กิกิกิกิกิ", 1),  # five letters with their vowel signs
        ("हिन्दी भाषा", 2),
        ("ｶｰﾎﾞﾝ", 2),
        ("ＮＥＴ　ＺＥＲＯ", 2),
        ("a_b", 2),
    ],
)
def test_words_are_counted_in_every_script(text: str, words: int) -> None:
    assert word_count(text) == words


def test_a_summary_and_its_translation_meet_the_same_limit() -> None:
    english = (
        "The city helps its factories to make carbon inventories. Experts visit each factory, explain the standard, "
        "and leave a plan with measures and costs. In the first year fifty-two factories took part."
    )
    chinese = "市府協助轄內工廠進行溫室氣體盤查。專家逐一到廠說明標準，並留下包含減量措施與成本的計畫。第一年共有五十二家工廠參與。"
    assert word_count(english) == pytest.approx(word_count(chinese), rel=0.25)


def test_three_hundred_characters_are_a_full_summary() -> None:
    assert found(replace(ALLIANCE, summary="淨" * 300)) == []
    assert found(replace(ALLIANCE, summary="淨" * 301)) == [("summary-too-long", "blocking", "/summary")]


@given(st.text(), st.text())
def test_law_a_longer_text_never_has_fewer_words(one: str, other: str) -> None:
    assert word_count(f"{one} {other}") == word_count(one) + word_count(other)


@given(st.lists(st.sampled_from(["7.2", "11.b", "99", "", "seven"])).map(tuple), st.text(), st.integers(1990, 2100))
def test_law_findings_point_into_the_practice(sdgs: tuple[str, ...], title: str, year: int) -> None:
    submission = replace(ALLIANCE, sdg_targets=sdgs, title=title, indicators=(replace(RESULT, year=year),))
    for finding in validate(submission, THEMES, YEAR):
        assert isinstance(finding, Finding)
        assert finding.severity == SEVERITIES[finding.code]
        assert hasattr(submission, finding.pointer.split("/")[1])
        assert finding.message.endswith(".")
