"""What the standards ask of a target: each rule, each severity, each pointer."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.commitments.rules import (
    NEEDS,
    RULES,
    BaselineScenario,
    Context,
    Finding,
    Intensity,
    Target,
    assess,
    blocking,
    check,
)

D = Decimal
ABSOLUTE = Target(
    "base_year_absolute", 2005, D(67372856), D(20), 2030, 2010,
    sector="all", boundary="same", gases=("CO2", "CH4", "N2O"), uses_credits=False, net_zero=False,
)  # fmt: skip
CONTEXT = Context(reporting_year=2021, interim_target_years=())
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


def test_a_sound_target_has_no_findings() -> None:
    assert check(ABSOLUTE, CONTEXT) == []


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


@pytest.mark.parametrize(
    ("boundary", "severity"),
    [("government_operations", "warning"), ("partial", "warning"), ("smaller", "info"), ("larger", "info")],
)
def test_r2_boundary(boundary: str, severity: str) -> None:
    assert codes(assess(replace(ABSOLUTE, boundary=boundary), CONTEXT)) == [("R2", severity, "/boundary")]


def test_r2_government_operations_is_not_a_headline_target() -> None:
    assert "not the city's headline target" in assess(replace(ABSOLUTE, boundary="government_operations"), CONTEXT)[0].message


def test_r2_goyangs_energy_target_is_not_city_wide() -> None:
    found = assess(replace(ABSOLUTE, sector="energy"), CONTEXT)
    assert codes(found) == [("R2", "info", "/sector")]
    assert "not a city-wide headline target" in found[0].message


def test_r5_a_far_target_needs_an_interim_one() -> None:
    far = replace(ABSOLUTE, target_year=2031)
    assert codes(assess(far, CONTEXT)) == [("R5", "warning", "/target_year")]
    assert codes(assess(far, replace(CONTEXT, interim_target_years=(2035,)))) == [("R5", "warning", "/target_year")]
    assert assess(far, replace(CONTEXT, interim_target_years=(2035, 2030))) == []
    assert assess(replace(ABSOLUTE, target_year=2030), CONTEXT) == []
    assert assess(replace(far, is_interim=True), CONTEXT) == []


def test_r8_gases() -> None:
    only = assess(replace(ABSOLUTE, gases=("CO2",)), CONTEXT)
    assert codes(only) == [("R8", "warning", "/gases")]
    assert "only CO2" in only[0].message
    two = assess(replace(ABSOLUTE, gases=("CO2", "N2O", "SF6")), CONTEXT)
    assert codes(two) == [("R8", "warning", "/gases")]
    assert "missing: CH4." in two[0].message
    assert assess(replace(ABSOLUTE, gases=("N2O", "HFC", "CH4", "CO2")), CONTEXT) == []


def test_r10_credits_and_conditions() -> None:
    assert codes(assess(replace(ABSOLUTE, uses_credits=True), CONTEXT)) == [("R10", "warning", "/uses_credits")]
    assert codes(assess(replace(ABSOLUTE, conditional_percent=D(10)), CONTEXT)) == [("R10", "info", "/conditional_percent")]
    assert assess(replace(ABSOLUTE, conditional_percent=D(0)), CONTEXT) == []


def test_r13_net_zero_by_2050() -> None:
    later = Context(2021, (2030,))
    assert codes(assess(replace(ABSOLUTE, net_zero=True, target_year=2051), later)) == [("R13", "warning", "/target_year")]
    assert assess(replace(ABSOLUTE, net_zero=True, target_year=2050), later) == []
    assert assess(replace(ABSOLUTE, net_zero=False, target_year=2060), later) == []


def test_a_year_set_after_the_reporting_year_is_a_typing_error() -> None:
    assert codes(assess(replace(ABSOLUTE, year_set=2022), CONTEXT)) == [("year_set", "warning", "/year_set")]
    assert assess(replace(ABSOLUTE, year_set=2021), CONTEXT) == []


def test_what_cannot_be_assessed_says_so_and_is_never_a_pass() -> None:
    bare = Target("base_year_absolute", 2005, D(100), D(20), 2040)
    found = check(bare)
    assert [f.rule for f in found] == ["R2", "R8", "R10", "R13", "R5", "year_set"]
    for finding in found:
        assert finding.severity == "info"
        assert finding.message.startswith("Not assessed, because ")
    unknown_year = assess(replace(ABSOLUTE, target_year=None), CONTEXT)
    assert [(f.rule, f.message[:22]) for f in unknown_year] == [("R5", "Not assessed, because ")]
    assert codes(assess(ABSOLUTE, replace(CONTEXT, reporting_year=None))) == [("year_set", "info", "/year_set")]


def test_only_r0_and_r3_block() -> None:
    assert {case.split(".")[0] for case, (severity, _) in RULES.items() if severity == "blocking"} == {"R0", "R3"}


optional_years = st.none() | st.integers(1900, 2200)
targets = st.builds(
    Target,
    st.sampled_from([*NEEDS, "other"]),
    optional_years,
    st.none() | st.decimals(0, 10**9, places=1),
    st.none() | st.decimals(-10, 200, places=1),
    optional_years,
    optional_years,
    boundary=st.sampled_from([None, "same", "larger", "smaller", "partial", "government_operations"]),
    gases=st.lists(st.sampled_from(["CO2", "CH4", "N2O", "SF6"])).map(tuple),
    uses_credits=st.none() | st.booleans(),
    net_zero=st.none() | st.booleans(),
)


@given(targets, st.builds(Context, optional_years, st.none() | st.lists(st.integers(2000, 2060)).map(tuple)))
def test_law_every_finding_is_complete_and_blocking_comes_only_from_blocking(target: Target, context: Context) -> None:
    for finding in check(target, context):
        assert finding.pointer.startswith("/")
        assert finding.message
        assert finding.source
        assert finding.severity in {"blocking", "warning", "info"}
    assert all(f.severity == "blocking" for f in blocking(target))
    assert all(f.severity != "blocking" for f in assess(target, context))
