"""The published rubrics, and what is refused as one."""

import copy
import hashlib
import json
from importlib.resources import files
from typing import Any

import pytest

from services.core.practices import rubric as rubrics

FOLDER = files("services.core.practices") / "rubrics"
RAW: dict[str, dict[str, Any]] = {version: json.loads((FOLDER / f"{version}.json").read_text("utf-8")) for version in rubrics.versions()}


def test_the_versions_stand_in_their_order_and_a_published_one_is_never_edited() -> None:
    assert rubrics.versions() == ["2026-1", "2026-2"]
    published = hashlib.sha256((FOLDER / "2026-1.json").read_bytes()).hexdigest()
    assert published == "3b1bf651468e6c248e132214333c17b9cc08b6a373669a99c83d4f4226f545e8"


@pytest.mark.parametrize("version", rubrics.versions())
def test_a_rubric_sums_and_has_the_same_six_criteria_for_reviewers(version: str) -> None:
    rubric = rubrics.load(version)
    assert rubric.version == version
    assert sum(criterion.weight for criterion in rubric.criteria) == 100
    assert sum(rubric.review_weights.values()) == 1
    assert list(rubric.review_weights) == [criterion.code for criterion in rubric.criteria]
    assert list(rubric.review_weights) == ["impact", "innovation", "transferability", "inclusion", "governance", "finance"]
    assert all(criterion.max == 10 for criterion in rubric.criteria)
    assert all(criterion.title and criterion.guidance for criterion in rubric.review)


def test_there_are_no_others() -> None:
    with pytest.raises(LookupError, match="no rubric"):
        rubrics.load("../2026-1")


@pytest.mark.parametrize("version", rubrics.versions())
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
def test_a_wrong_rubric_is_refused(version: str, path: tuple[Any, ...], value: object, message: str) -> None:
    refused(version, path, value, message)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("criteria", 0, "checks", 0, "code"), "baseline", "code stands twice"),
        (("criteria", 0, "checks", 0, "code"), "", "check has no code"),
        (("criteria", 0, "gate", "check"), "problem", "no check of its criterion"),
        (("criteria", 0, "gate", "at_most"), "10", "holds nothing back"),
        (("criteria", 0, "gate", "at_most"), "-1", "holds nothing back"),
        (("bands", 3, "essentials"), ["luck"], "essential names no check"),
        (("criteria", 0, "checks", 1, "needs"), ["luck"], "needs what there is not"),
        (("criteria", 5, "checks", 0, "needs"), ["cost", "luck", "year"], "needs what there is not"),
        (("criteria", 5, "checks", 0, "at_least"), 2, "not all asked for"),
        (("validation", "severities", "bad-luck"), "warning", "finding is unknown"),
        (("validation", "severities", "no-lessons"), "fatal", "severity is unknown"),
        (("hashing",), 3, "hashing is unknown"),
        (("counting",), 3, "counting is unknown"),
    ],
)
def test_what_newer_rubrics_brought_is_looked_at_as_well(path: tuple[Any, ...], value: object, message: str) -> None:
    refused("2026-2", path, value, message)


def refused(version: str, path: tuple[Any, ...], value: object, message: str) -> None:
    data = copy.deepcopy(RAW[version])
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ValueError, match=message):
        rubrics.parse(data)


def test_a_limit_that_is_not_known_is_refused() -> None:
    data = copy.deepcopy(RAW["2026-2"])
    data["validation"]["limits"]["luck"] = 1
    with pytest.raises(TypeError, match="luck"):
        rubrics.parse(data)
