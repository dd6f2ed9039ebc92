"""The status, and what is due, as a reader computes them again from the figures."""

from decimal import Decimal
from typing import Any

import pytest

from services.core.commitments.inventories import Inventory
from services.core.commitments.progress import figures, shown, standing
from services.core.commitments.rules import BaselineScenario, Intensity, Target
from tests.fixtures.figures import named, recomputed

D = Decimal
ABSOLUTE = Target("base_year_absolute", 2020, D(10_000), D(50), 2030)
FIXED = Target("fixed_level", 2020, D(10_000), D(50), 2030, target_emissions_t=D(5000))
PER_HEAD = Target("base_year_intensity", 2020, D(10_000), D(50), 2030, intensity=Intensity("per_capita", D(10), D(1000)))
BAU = Target("baseline_scenario", 2020, D(10_000), D(50), 2030, baseline_scenario=BaselineScenario(D(10_000)))


def by_its_words(figure: dict[str, Any]) -> str:
    """The formula of the status, read from left to right."""
    given = {each["name"]: each["value"] for each in figure["inputs"]}
    achieved, expected, tolerance = given["achieved_percent"], given["expected_percent"], given["status_tolerance"]
    for status, holds in (
        ("achieved", achieved is not None and achieved >= 100),
        ("no_data", achieved is None or expected is None),
        ("behind", None not in (given["target_year"], given["year"]) and given["year"] > given["target_year"]),
    ):
        if holds:
            return status
    if achieved < expected - tolerance:
        return "behind"
    return "ahead" if achieved >= expected + tolerance else "on_track"


@pytest.mark.parametrize(
    ("year", "emissions", "status"),
    [
        (2025, "7250", "ahead"), (2025, "7251", "on_track"), (2025, "7750", "on_track"), (2025, "7751", "behind"),
        (2025, "5000", "achieved"), (2030, "5100", "on_track"), (2031, "5100", "behind"), (2031, "5000", "achieved"),
    ],
)  # fmt: skip
def test_the_status_can_be_computed_again(year: int, emissions: str, status: str) -> None:
    for target in (ABSOLUTE, FIXED, BAU):
        found = standing(target, [Inventory(year, D(emissions))])
        figure = named(shown(target, found)["figures"], "status")
        assert (figure["value"], figure["unit"]) == (None, "")
        assert by_its_words(dict(figure)) == found.status == status
        assert figure in figures(target, found)


def test_the_status_figure_carries_the_tolerance_that_was_used() -> None:
    found = standing(ABSOLUTE, [Inventory(2025, D(7000))], tolerance=11)
    figure = named(shown(ABSOLUTE, found)["figures"], "status")
    assert {"name": "status_tolerance", "value": 11} in figure["inputs"]
    assert by_its_words(dict(figure)) == found.status == "on_track"
    unknown = standing(PER_HEAD, [Inventory(2025, D(7000))])
    assert by_its_words(dict(named(shown(PER_HEAD, unknown)["figures"], "status"))) == unknown.status == "no_data"


@pytest.mark.parametrize(
    ("target", "of"),
    [(ABSOLUTE, "the base year"), (PER_HEAD, "the base year's intensity"), (BAU, "business as usual")],
)
def test_the_reduction_that_is_due(target: Target, of: str) -> None:
    for year, due in ((2020, 0), (2025, 25), (2030, 50), (2035, 50)):
        found = standing(target, [Inventory(year, D(7000), D(1000))])
        figure = named(shown(target, found)["figures"], "expected_reduction_percent")
        assert (figure["value"], recomputed(figure), figure["unit"]) == (due, due, f"percent of {of}")


def test_a_fixed_level_has_no_percentage_that_is_due() -> None:
    found = standing(FIXED, [Inventory(2025, D(7000))])
    assert "expected_reduction_percent" not in [each["name"] for each in shown(FIXED, found)["figures"]]


@pytest.mark.parametrize(("target", "curve"), [(PER_HEAD, "denominator(year)"), (BAU, "baseline_t(year)")])
def test_the_path_says_how_a_curve_is_read(target: Target, curve: str) -> None:
    formula = named(figures(target, standing(target, [])), "years.required_t")["formula"]
    assert f"; {curve}: straight lines between the years whose values are listed" in formula
    assert "straight lines" not in named(figures(ABSOLUTE, standing(ABSOLUTE, [])), "years.required_t")["formula"]
