"""What a city states against what follows: a fixed level, a recalculated base year, a typed share of the target."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.core.commitments.inventories import Inventory
from services.core.commitments.progress import shown, standing
from services.core.commitments.rules import BaselineScenario, Context, Finding, Target
from services.core.commitments.stated import identity, recalculated, typed_share

D = Decimal
TARGET = Target("base_year_absolute", 2020, D(10_000), D(50), 2030)
FIXED = Target("fixed_level", 2020, D(10_000), D(40), 2030, target_emissions_t=D(6000))


def test_r4_a_fixed_level_is_the_one_that_follows_from_base_and_reduction() -> None:
    assert list(identity(FIXED)) == []
    assert list(identity(replace(FIXED, target_emissions_t=D(6050)))) == [], "half a percent of the base"
    (found,) = identity(replace(FIXED, target_emissions_t=D(6051)))
    assert (found.rule, found.severity, found.pointer) == ("R4", "warning", "/target_emissions_t")
    assert found.message == "The target is 6,051 t, but 40 percent less than 10,000 t are 6,000 t. Correct one of them."
    for member in ("base_year_emissions_t", "reduction_percent"):
        assert list(identity(replace(FIXED, target_emissions_t=D(1), **{member: None}))) == []  # type: ignore[arg-type]
    ours = replace(FIXED, target_emissions_t=D(5000), reported_target_year_emissions_t=D(4000))
    assert [each.pointer for each in identity(ours)] == ["/target_emissions_t", "/reported_target_year_emissions_t"]


def moved(target: Target, *inventories: Inventory) -> list[Finding]:
    return list(recalculated(target, standing(target, inventories)))


def test_a_recalculated_base_year_is_said_with_what_it_changes() -> None:
    (found,) = moved(TARGET, Inventory(2025, D(9000), base_year_emissions_t=D(12_000)))
    assert (found.rule, found.severity) == ("recalculated", "warning")
    assert found.pointer == "/progress_reports/2025/recalculated_base_year_emissions_t"
    assert found.message == (
        "With the inventory of 2025 the base year is recalculated to 12,000 t instead of 10,000 t, 20 percent more."
        " 50 percent of the target are achieved; without it, 20 percent would be."
    )
    assert "not verified" in found.source


@pytest.mark.parametrize(("base", "severity"), [("10500", "info"), ("10501", "warning"), ("9500", "info"), ("9499", "warning")])
def test_five_percent_of_the_base_year_is_significant(base: str, severity: str) -> None:
    (found,) = moved(TARGET, Inventory(2025, D(7000), base_year_emissions_t=D(base)))
    assert found.severity == severity
    assert ("more" in found.message) == (D(base) > 10_000)


def test_a_recalculation_that_holds_for_a_later_inventory_is_said_too() -> None:
    (found,) = moved(TARGET, Inventory(2024, D(8000), base_year_emissions_t=D(12_000)), Inventory(2026, D(6000)))
    assert found.pointer == "/progress_reports/2024/recalculated_base_year_emissions_t"
    assert "100 percent of the target are achieved; without it, 80 percent would be." in found.message


def test_where_nothing_was_recalculated_nothing_is_said() -> None:
    assert moved(TARGET) == []
    assert moved(TARGET, Inventory(2025, D(7000))) == []
    assert moved(TARGET, Inventory(2025, D(7000), base_year_emissions_t=D(10_000))) == []
    assert moved(replace(FIXED, base_year_emissions_t=None), Inventory(2025, D(7000), base_year_emissions_t=D(9000))) == []
    scenario = Target("baseline_scenario", 2020, D(0), D(50), 2030, baseline_scenario=BaselineScenario(D(200)))
    (from_zero,) = moved(scenario, Inventory(2025, D(90), base_year_emissions_t=D(100)))
    assert (from_zero.severity, "instead of 0 t. " in from_zero.message) == ("warning", True)


def f4(target: Target, *inventories: Inventory) -> list[tuple[str, str, str]]:
    found = typed_share(target, Context(inventories=inventories), standing(target, inventories))
    return [(each.severity, each.pointer, each.message) for each in found]


def test_f4_the_share_typed_with_the_target_stands_in_where_the_inventory_has_none() -> None:
    typed = replace(TARGET, reported_percent_achieved=D(74))
    ((severity, pointer, message),) = f4(typed, Inventory(2025, D(7000)))
    assert (severity, pointer) == ("warning", "/reported_percent_achieved")
    assert message == "74 percent achieved was typed; the reported figures give 60."
    assert f4(replace(TARGET, reported_percent_achieved=D(61)), Inventory(2025, D(7000))) == []
    assert f4(typed, Inventory(2025, D(7000), typed_percent=D(60))) == [], "the inventory's own comes first"
    ((_, pointer, _),) = f4(typed, Inventory(2025, D(7000), typed_percent=D(50)))
    assert pointer == "/progress_reports/2025/reported_percent_achieved"


def test_f4_is_not_assessed_without_computed_progress() -> None:
    typed = replace(TARGET, reported_percent_achieved=D(74))
    assert f4(typed) == [
        (
            "info",
            "/reported_percent_achieved",
            "Not assessed, because the city typed 74 percent achieved, and no inventory counts for this target.",
        )
    ]
    ((severity, _, message),) = f4(replace(typed, base_year_emissions_t=None), Inventory(2025, D(7000)))
    assert (severity, message) == ("info", "Not assessed, because the city typed 74 percent achieved, and the share cannot be computed.")
    assert f4(TARGET) == []


def test_the_typed_share_is_shown_from_the_same_place() -> None:
    typed = replace(TARGET, reported_percent_achieved=D(74))
    for inventories, value in (((), 74), ((Inventory(2025, D(7000)),), 74), ((Inventory(2025, D(7000), typed_percent=D(60)),), 60)):
        assert shown(typed, standing(typed, inventories))["reported_percent_achieved"] == value
    assert shown(TARGET, standing(TARGET, []))["reported_percent_achieved"] is None
