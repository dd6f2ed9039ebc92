"""Laws of the findings on a stored target, for whatever is given."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.commitments import checks
from services.core.commitments.inventories import Inventory, SectorCell
from services.core.commitments.progress import standing
from services.core.commitments.rules import NEEDS, BaselineScenario, Context, Finding, Intensity, Target


def assess(target: Target, context: Context) -> list[Finding]:
    return checks.assess(target, context, standing(target, context.inventories, context.reporting_year))


years = st.none() | st.integers(1900, 2200)
amounts = st.none() | st.decimals(-(10**9), 10**12, places=2)
kinds = st.sampled_from(["CO2", "CH4", "N2O", "SF6"])
boundaries = st.sampled_from([None, "same", "larger", "smaller", "partial", "government_operations", "?"])
people = st.none() | st.integers(0, 10**8)
cells = st.builds(
    SectorCell, st.sampled_from(["I", "I.1", "II.1.1", "III.1.3", "energy", "x."]), amounts, st.sampled_from([None, "NO", "NE", "C"])
)
inventories = st.builds(
    Inventory, st.integers(1900, 2200), amounts, amounts, boundary=boundaries, gases=st.lists(kinds).map(tuple),
    scopes=st.lists(st.integers(1, 3)).map(tuple), sectors=st.lists(cells, max_size=4).map(tuple), typed_percent=amounts,
    includes_grid_generation=st.none() | st.booleans(), base_year_emissions_t=amounts, reported_on=st.none() | st.dates(),
)  # fmt: skip
targets = st.builds(
    Target, st.sampled_from([*NEEDS, "other"]), years, amounts, st.none() | st.decimals(-10, 200, places=1), years, years, amounts,
    st.none() | st.builds(Intensity, st.sampled_from(["per_capita", "per_gdp", "other"]), amounts, amounts),
    st.none() | st.builds(BaselineScenario, amounts),
    sector=st.sampled_from([None, "all", "energy"]), boundary=boundaries, gases=st.lists(kinds).map(tuple),
    conditional_percent=st.none() | st.decimals(0, 100, places=1), uses_credits=st.none() | st.booleans(),
    net_zero=st.none() | st.booleans(), is_interim=st.booleans(), base_year_population=people, projected_population=people,
    reported_target_year_emissions_t=amounts, reported_percent_achieved=amounts,
)  # fmt: skip
countries = st.sampled_from([None, "JP", "TH", "MY", "SG", "MM", "TW", "US"])
contexts = st.builds(
    Context, years, st.none() | st.lists(st.integers(2000, 2060)).map(tuple), countries,
    people, st.none() | st.dates(), st.lists(inventories, max_size=3).map(tuple),
    later_target_years=st.lists(st.integers(2000, 2060)).map(tuple),
)  # fmt: skip


@settings(deadline=None)
@given(targets, contexts)
def test_law_every_finding_is_complete_and_none_blocks(target: Target, context: Context) -> None:
    for finding in assess(target, context):
        assert finding.pointer.startswith("/")
        assert finding.message.endswith((".", "?"))
        assert finding.source
        assert finding.severity in {"warning", "info"}


def spoke(rule: str, target: Target, context: Context) -> bool:
    return any(finding.rule == rule for finding in assess(target, context))


DECIDING = {"R1": "country", "R5": "interim_target_years", "R7": "reporting_year", "R9": "joined_on", "year_set": "reporting_year"}


@settings(deadline=None)
@given(targets, contexts, st.sampled_from(sorted(DECIDING)))
def test_law_a_rule_whose_input_is_taken_away_is_never_quieter(target: Target, context: Context, rule: str) -> None:
    """Where a rule spoke, it speaks without its input too: “not assessed”, never silence."""
    without = replace(context, **{DECIDING[rule]: None})  # type: ignore[arg-type]
    if spoke(rule, target, context):
        assert spoke(rule, target, without)


@settings(deadline=None)
@given(targets, contexts, st.sampled_from(["boundary", "gases", "uses_credits", "conditional_percent", "net_zero", "year_set"]))
def test_law_an_unknown_field_of_the_target_is_said(target: Target, context: Context, field: str) -> None:
    emptied = replace(target, **{field: () if field == "gases" else None})  # type: ignore[arg-type]
    said = [f for f in assess(emptied, context) if f.pointer == f"/{field}"]
    assert said
    assert all(f.message.startswith("Not assessed, because ") for f in said)
