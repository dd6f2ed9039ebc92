"""The page for city officers says what the newest rubric does: its tables, its findings, and its recipe for the hash."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given

from services.core.practices import assessment
from services.core.practices import rubric as rubrics
from services.core.practices.content import plain, submission_of
from services.core.practices.schemas import PracticeFields
from services.core.practices.submission import Circumstances, Resemblance
from services.core.practices.validation import TRANSLATED
from tests.core.practices.test_laws import bodies
from tests.core.practices.test_scoring import AT_THAT_TIME

PAGE = (Path(__file__).parents[3] / "docs" / "how-practices-are-assessed.md").read_text("utf-8")
RUBRIC = rubrics.load(rubrics.versions()[-1])


def rows_of_points() -> list[str]:
    """A row per check: its criterion, what is asked, the field, the points, and how much earns them in full."""
    rows = ["| criterion (weight) | what is asked | field | points | in full at |", "| --- | --- | --- | --- | --- |"]
    for criterion in RUBRIC.criteria:
        name = f"{criterion.code} ({criterion.weight} %)"
        for check in criterion.checks:
            rows.append(f"| {name} | {check.says} (`{check.code}`) | `{check.field}` | {check.points} | {check.at_least} |")
            name = ""
    return rows


def rows_of_bands() -> list[str]:
    rows = ["| band | total at least | criteria at least (of 10) | essentials |", "| --- | --- | --- | --- |"]
    for band in RUBRIC.bands:
        floors = ", ".join(f"{code} {points}" for code, points in band.criteria_at_least.items())
        rows.append(f"| {band.code} | {band.total_at_least} | {floors} | {', '.join(f'`{code}`' for code in band.essentials)} |")
    return rows


def test_the_tables_are_those_of_the_newest_rubric() -> None:
    assert "\n".join(rows_of_points()) in PAGE
    assert "\n".join(rows_of_bands()) in PAGE


def test_every_finding_stands_on_the_page_with_how_serious_it_is() -> None:
    listed = dict(re.findall(r"^\| `([a-z-]+)` \| (blocking|warning|info) \|", PAGE, re.MULTILINE))
    assert listed == dict(RUBRIC.validation.severities)


def test_the_limits_and_gates_stand_on_the_page() -> None:
    limits = RUBRIC.validation.limits
    for said in (
        f"{limits.summary_words} words",
        f"{limits.title_words} words",
        f"before {limits.earliest_year}",
        f"factor of {limits.far_apart}",
    ):
        assert said in PAGE
    for share in (limits.duplicate_share, limits.near_duplicate_share):
        assert f"{int(share * 100)} %" in PAGE
    for criterion in RUBRIC.criteria:
        if criterion.gate:
            assert f"no more than {criterion.gate.at_most} of {int(criterion.max)} points" in PAGE
            assert f"`{criterion.gate.check}`" in PAGE
    assert all(name in PAGE for name in TRANSLATED)


def recipe() -> Any:
    """The function `inputs_hash` of the page's own code."""
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code[1], names)  # noqa: S102  it is our own page: what it prints for others must be true
    return names["inputs_hash"]


def as_read(value: object) -> Any:
    """The value as somebody reads it who gets it as JSON."""
    return json.loads(json.dumps(value), parse_float=Decimal)


def test_the_recipe_gives_the_hash_of_whole_assessments() -> None:
    known = Circumstances(2026, ("smart_city", "energy_transition"), (Resemblance("own", Decimal("0.715"), "p1", "An older one"),))
    for entry in AT_THAT_TIME:
        told = assessment.told(assessment.assess(submission_of(entry["content"]), known, RUBRIC), known)
        assert recipe()(as_read(entry["content"]), as_read(told["inputs"]), told["rubric_version"]) == told["inputs_hash"]


def test_the_recipe_leaves_out_who_made_a_translation() -> None:
    translations = {"ja": {"title": "同盟", "machine_translated": True}, "ko": {"machine_translated": True}}
    content = {**AT_THAT_TIME[0]["content"], "translations": translations}
    now = Circumstances(2026, ("energy_transition",))
    told = assessment.told(assessment.assess(submission_of(content), now, RUBRIC), now)
    assert recipe()(as_read(content), as_read(told["inputs"]), told["rubric_version"]) == told["inputs_hash"]


@given(bodies)
def test_the_recipe_gives_the_hash_of_whatever_the_api_takes(body: dict[str, Any]) -> None:
    content = plain(PracticeFields.model_validate(body).model_dump())
    now = Circumstances(2026, ("energy_transition",))
    told = assessment.told(assessment.assess(submission_of(content), now, RUBRIC), now)
    assert recipe()(as_read(content), as_read(told["inputs"]), told["rubric_version"]) == told["inputs_hash"]
