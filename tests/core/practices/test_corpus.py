"""Thirty practices made from real public cases, and eight of them told in two languages: what a careful reader expects comes out."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.core.communities.rules import THEMES
from services.core.practices import assessment, rubric
from services.core.practices.assessment import Circumstances
from services.core.practices.content import FIELDS, submission_of
from services.core.practices.schemas import PracticeFields
from services.core.practices.scoring import Assessment
from services.core.practices.validation import LONG

Json = dict[str, Any]
CORPUS = Path(__file__).parents[2] / "corpus"
PAGE = Path(__file__).parents[3] / "docs" / "assessed-examples.md"
CASES: list[Json] = [json.loads(path.read_text("utf-8")) for path in sorted((CORPUS / "practices").glob("*.json"))]
PARALLEL: list[Json] = [json.loads(path.read_text("utf-8")) for path in sorted((CORPUS / "parallel").glob("*.json"))]
RUBRIC = rubric.load("2026-2")
CIRCUMSTANCES = Circumstances(2026, tuple(THEMES))
CLOSE = 3
"""How far apart, of 100 points, the scores of a text and its translation may lie: translators make texts longer or shorter."""
CLOSE_IN_HALVES = 4
"""The same for texts cut in half, where hardly one earns its points in full: one telling is denser than another."""


def assessed(content: Json) -> Assessment:
    return assessment.assess(submission_of(content), CIRCUMSTANCES, RUBRIC)


def findings(assessed_: Assessment) -> list[tuple[str, str]]:
    return sorted((each.code, each.pointer) for each in assessed_.findings)


def test_the_corpus_is_whole() -> None:
    assert len({case["key"] for case in CASES}) == len(CASES) >= 30
    assert {case["expected_band"] for case in CASES} == {band.code for band in RUBRIC.bands}
    assert {case["content"]["theme"] for case in CASES} == set(THEMES)
    assert len({case["content"]["language"] for case in CASES}) >= 4
    assert all(case["sources"] and all(source["url"].startswith("http") for source in case["sources"]) for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["key"])
def test_the_band_that_a_careful_reader_expects_comes_out(case: Json) -> None:
    content = case["content"]
    assert set(content) == {*FIELDS, "evidence"}
    PracticeFields.model_validate_json(json.dumps({name: content[name] for name in FIELDS}))
    found = assessed(content)
    assert found.band == case["expected_band"], [reason for criterion in found.criteria for reason in criterion.reasons]
    old = assessment.assess(submission_of(content), CIRCUMSTANCES, rubric.load("2026-1"))
    assert found.inputs_hash != old.inputs_hash


@pytest.mark.parametrize("case", PARALLEL, ids=lambda case: case["key"])
def test_a_text_and_its_translation_meet_the_same_rules_and_score_alike(case: Json) -> None:
    (_, one), (_, other) = sorted(case["languages"].items())
    first, second = assessed(one), assessed(other)
    assert findings(first) == findings(second)
    assert (first.band, abs(first.total - second.total) <= CLOSE) == (second.band, True), (first.total, second.total)


def test_half_of_a_text_and_of_its_translation_score_alike() -> None:
    """Long texts earn all points in any case; halves show whether letters are weighed too heavily or too lightly."""
    apart: dict[str, list[Decimal]] = {}
    for case in PARALLEL:
        totals = {language: assessed(halved(content)).total for language, content in case["languages"].items()}
        for language in totals.keys() - {"en"}:
            assert abs(totals[language] - totals["en"]) <= CLOSE_IN_HALVES, (case["key"], totals)
            apart.setdefault(language, []).append(totals[language] - totals["en"])
    assert all(abs(sum(each, Decimal(0)) / len(each)) <= 1 for each in apart.values()), apart


def halved(content: Json) -> Json:
    """The practice with the first half of each long text: by letters, since translators part sentences differently."""
    return content | {name: content[name][: len(content[name]) // 2] for name in LONG}


def test_the_page_shows_what_came_out() -> None:
    page = PAGE.read_text("utf-8")
    assert table() in page, f"Give docs/assessed-examples.md this table:\n{table()}"
    assert translations() in page, f"Give docs/assessed-examples.md this table:\n{translations()}"


def table() -> str:
    head = ["practice", "band", "total", *(criterion.code for criterion in RUBRIC.criteria), "why a careful reader expects it"]
    rows = [head, ["---"] * len(head)]
    order = [band.code for band in reversed(RUBRIC.bands)]
    for case in sorted(CASES, key=lambda each: (order.index(each["expected_band"]), -assessed(each["content"]).total, each["key"])):
        found = assessed(case["content"])
        points = [f"{criterion.points.normalize():f}" for criterion in found.criteria]
        title = case["content"]["title"]
        rows.append([title if case["city"] in title else f"{case['city']}: {title}", found.band, str(found.total), *points, case["why"]])
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)


def translations() -> str:
    rows = [["practice", "language", "band", "total"], ["---"] * 4]
    for case in PARALLEL:
        for language, content in sorted(case["languages"].items()):
            found = assessed(content)
            rows.append([case["key"], language, found.band, str(found.total)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
