"""Which inventories do not count: years to come, other areas, other sectors."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.core.commitments.assessment import assessed, trajectory_of
from services.core.commitments.inventories import Inventory, SectorCell
from services.core.commitments.progress import standing
from services.core.commitments.rules import Context, Target
from services.core.commitments.trajectory import path

D = Decimal
TARGET = Target("base_year_absolute", 2020, D(10_000), D(50), 2030)


def test_a_year_that_is_not_over_does_not_count() -> None:
    inventories = [Inventory(2150, D(4000), base_year_emissions_t=D(20_000)), Inventory(2025, D(7000))]
    found = standing(TARGET, inventories, 2026)
    assert (found.latest_year, found.status) == (2025, "ahead")
    assert [found.achieved_percent, found.base_year_emissions_t] == [60, 10_000]
    assert found.passed_over == ((2150, "It is of a year that is not over."),)
    assert [row.year for row in path(TARGET, inventories, 2026)] == list(range(2020, 2031))
    assert standing(TARGET, inventories, 2025).latest_year == 2025, "the reporting year itself is reported"
    assert standing(TARGET, inventories, 2024).latest_year is None
    assert standing(TARGET, inventories).latest_year == 2150, "where this year is not known, nothing lies after it"


def test_the_assessment_knows_which_year_it_is() -> None:
    context = Context(2026, inventories=(Inventory(2150, D(4000)), Inventory(2025, D(7000))))
    found = assessed(TARGET, context)
    assert found.progress["latest_year"] == 2025
    future = [f for f in found.findings if f["rule"] == "plausible"]
    assert [(f["severity"], f["pointer"]) for f in future] == [("warning", "/progress_reports/2150/year")]
    years = trajectory_of(TARGET, context)["years"]
    assert [year["year"] for year in years if year["reported_t"] is not None] == [2025]
    only = assessed(TARGET, replace(context, inventories=context.inventories[:1]))
    assert only.progress["reason"] == "Not assessable, because the only inventory, of 2150, is of a year that is not over."
    assert {f["pointer"] for f in only.findings if f["rule"] == "R8"} == {"/gases", "/progress_reports"}, "its content is not looked at"


@pytest.mark.parametrize(
    ("boundary", "area"),
    [
        ("government_operations", "the local government's own operations"),
        ("partial", "part of the city"),
        ("smaller", "an area smaller than the city"),
        ("larger", "an area larger than the city"),
    ],
)
def test_a_target_that_does_not_say_its_boundary_stands_for_the_whole_city(boundary: str, area: str) -> None:
    ((_, why),) = standing(TARGET, [Inventory(2025, D(7000), boundary=boundary)]).passed_over
    assert why == f"It covers {area}; the target does not say its boundary, so that it stands for the whole city."
    for same in (None, "same"):
        assert standing(TARGET, [Inventory(2025, D(7000), boundary=same)]).status == "ahead"
    assert standing(replace(TARGET, boundary=boundary), [Inventory(2025, D(7000), boundary=boundary)]).status == "ahead"


def test_the_total_of_an_inventory_without_sectors_is_the_sectors_and_that_is_said() -> None:
    waste = replace(TARGET, sector="waste")
    found = standing(waste, [Inventory(2025, D(7000))])
    assert found.achieved_percent == 60
    assert found.why.endswith("It names no sectors, so its total is taken as the emissions of the sector waste.")
    for target, sectors in ((TARGET, ()), (replace(TARGET, sector="all"), ()), (waste, (SectorCell("waste", D(7000)),))):
        assert "names no sectors" not in standing(target, [Inventory(2025, D(7000), sectors=sectors)]).why
