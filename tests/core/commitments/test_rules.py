"""What blocks a target: R0 and R3, each with its pointer."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.commitments.rules import NEEDS, BaselineScenario, Finding, Intensity, Target, blocking

D = Decimal
ABSOLUTE = Target(
    "base_year_absolute", 2005, D(67372856), D(20), 2030, 2010,
    sector="all", boundary="same", gases=("CO2", "CH4", "N2O"), uses_credits=False, net_zero=False,
)  # fmt: skip
COMPLETE = {
    "base_year_absolute": ABSOLUTE,
    "fixed_level": Target("fixed_level", target_year=2050, target_emissions_t=D(0)),
    "base_year_intensity": Target("base_year_intensity", 2005, None, D(40), 2030, intensity=Intensity("per_capita", D("5.54"), D(1200000))),
    "baseline_scenario": Target("baseline_scenario", None, None, D(30), 2030, baseline_scenario=BaselineScenario(D(35000000))),
}


def codes(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(f.rule, f.severity, f.pointer) for f in findings]


def without(target: Target, pointer: str) -> Target:
    """The target with one field of the create body emptied."""
    head, _, rest = pointer.strip("/").partition("/")
    value: Any = replace(getattr(target, head), **{rest: None}) if rest else None
    return replace(target, **cast("Any", {head: value}))


@pytest.mark.parametrize("kind", sorted(COMPLETE))
def test_what_the_type_needs_is_enough(kind: str) -> None:
    assert blocking(COMPLETE[kind]) == []


@pytest.mark.parametrize(("kind", "pointer"), [(kind, pointer) for kind in NEEDS for pointer in NEEDS[kind]])
def test_r0_each_needed_field(kind: str, pointer: str) -> None:
    found = blocking(without(COMPLETE[kind], pointer))
    assert codes(found) == [("R0", "blocking", pointer)]
    assert found[0].message.endswith(".")


def test_r0_the_needs_of_the_four_types() -> None:
    assert {kind: sorted(needs) for kind, needs in NEEDS.items()} == {
        "base_year_absolute": ["/base_year", "/base_year_emissions_t", "/reduction_percent", "/target_year"],
        "fixed_level": ["/target_emissions_t", "/target_year"],
        "base_year_intensity": [
            "/intensity/base_value", "/intensity/projected_denominator", "/reduction_percent", "/target_year",
        ],
        "baseline_scenario": ["/baseline_scenario/target_year_emissions_t", "/reduction_percent", "/target_year"],
    }  # fmt: skip


def test_r0_a_missing_group_names_its_fields_and_zero_is_not_missing() -> None:
    assert codes(blocking(replace(COMPLETE["base_year_intensity"], intensity=None))) == [
        ("R0", "blocking", "/intensity/base_value"),
        ("R0", "blocking", "/intensity/projected_denominator"),
    ]
    assert blocking(COMPLETE["fixed_level"]) == []
    assert codes(blocking(Target("ambition"))) == [("R0", "blocking", "/target_type")]


@pytest.mark.parametrize("kind", sorted(COMPLETE))
def test_r3_holds_for_every_type_on_the_fields_that_are_there(kind: str) -> None:
    target = COMPLETE[kind]
    assert codes(blocking(replace(target, base_year=2050, target_year=2050))) == [("R3", "blocking", "/target_year")]
    assert blocking(replace(target, base_year=2049, target_year=2050)) == []
    assert codes(blocking(replace(target, year_set=2031, base_year=None, target_year=2030)))[-1] == (
        "R3", "blocking", "/year_set",
    )  # fmt: skip
    assert blocking(replace(target, year_set=target.target_year)) == []
    for percent in ("0", "-3", "100.01"):
        assert codes(blocking(replace(target, reduction_percent=D(percent)))) == [("R3", "blocking", "/reduction_percent")]
    for percent in ("0.01", "100"):
        assert blocking(replace(target, reduction_percent=D(percent))) == []


def test_r3_dipolog_has_no_target_year_so_only_r0_speaks() -> None:
    assert codes(blocking(replace(ABSOLUTE, target_year=None, year_set=2030))) == [("R0", "blocking", "/target_year")]


def test_only_r0_and_r3_block() -> None:
    assert {f.rule for kind in COMPLETE for f in blocking(Target(kind, 2030, None, D(0), 2020, 2021))} == {"R0", "R3"}


optional_years = st.none() | st.integers(1900, 2200)
targets = st.builds(
    Target,
    st.sampled_from([*NEEDS, "other"]),
    optional_years,
    st.none() | st.decimals(0, 10**9, places=1),
    st.none() | st.decimals(-10, 200, places=1),
    optional_years,
    optional_years,
)


@given(targets)
def test_law_what_blocks_is_complete(target: Target) -> None:
    for found in blocking(target):
        assert found.pointer.startswith("/")
        assert found.message.endswith(".")
        assert found.source
        assert found.severity == "blocking"
