"""Whatever the API takes can be assessed, drawn and told: no accepted number ends in an error of ours."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.api.pictures.words import number
from services.core.commitments.assessment import assessed, trajectory_of
from services.core.commitments.rules import Context, blocking
from services.core.commitments.targets import inventories, misplaced, target_of

SMALLEST, MOST_TONNES, MOST = Decimal("0.000001"), Decimal(10**12), Decimal(10**15)
years = st.integers(1900, 2200)
tonnes = st.sampled_from([Decimal(0), SMALLEST, Decimal(1), MOST_TONNES]) | st.decimals(0, MOST_TONNES, places=6)
signed = tonnes | st.just(-MOST_TONNES)
amounts = st.sampled_from([Decimal(0), SMALLEST, MOST]) | st.decimals(0, MOST, places=6)
percents = st.sampled_from([SMALLEST, Decimal(100)]) | st.decimals(SMALLEST, 100, places=6)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


targets = st.fixed_dictionaries(
    {
        "target_type": st.sampled_from(["base_year_absolute", "fixed_level", "base_year_intensity", "baseline_scenario"]),
        "base_year": years,
        "base_year_emissions_t": maybe(tonnes),
        "reduction_percent": percents,
        "target_year": years,
        "target_emissions_t": signed,
        "sector": st.sampled_from(["all", "energy"]),
        "net_zero": maybe(st.booleans()),
        "conditional_percent": maybe(st.sampled_from([Decimal(0), Decimal(100)])),
        "base_year_population": maybe(st.integers(0, 2_000_000_000)),
        "projected_population": maybe(st.integers(0, 2_000_000_000)),
        "reported_percent_achieved": maybe(st.sampled_from([Decimal(-(10**6)), Decimal(10**6)])),
        "intensity": st.fixed_dictionaries(
            {"unit": st.sampled_from(["per_capita", "other"]), "base_value": amounts, "projected_denominator": amounts}
        ),
        "baseline_scenario": st.fixed_dictionaries(
            {
                "target_year_emissions_t": tonnes,
                "series": st.lists(st.fixed_dictionaries({"year": years, "emissions_t": tonnes}), max_size=3),
            }
        ),
    }
)
reports = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.just(str(UUID(int=1))),
            "year": years,
            "emissions_t": maybe(signed),
            "population": maybe(st.integers(0, 2_000_000_000)),
            "denominator": maybe(amounts),
            "recalculated_base_year_emissions_t": maybe(tonnes),
            "reported_percent_achieved": maybe(percents),
        }
    ),
    max_size=4,
)
OF_A_TYPE = {"target_emissions_t": "fixed_level", "intensity": "base_year_intensity", "baseline_scenario": "baseline_scenario"}


TINY = {"base_year": 2000, "base_year_emissions_t": SMALLEST, "reduction_percent": Decimal(50), "target_year": 2030}
HUGE = [{"id": str(UUID(int=1)), "year": 2020, "emissions_t": MOST_TONNES, "population": None}]


@settings(max_examples=300, deadline=None)
@given(targets, reports)
@example({"target_type": "base_year_absolute", **TINY}, HUGE)
@example({"target_type": "fixed_level", **TINY, "target_emissions_t": MOST_TONNES}, [])
def test_it_can_be_assessed_and_told(given_: dict[str, Any], told: list[dict[str, Any]]) -> None:
    body = {name: value for name, value in given_.items() if OF_A_TYPE.get(name, given_["target_type"]) == given_["target_type"]}
    target = target_of(body)
    assert not misplaced(target)
    if blocking(target):
        return
    context = Context(
        reporting_year=2026, interim_target_years=(), country="JP", population=1, inventories=tuple(inventories(told, target))
    )
    found = assessed(target, context)
    path = trajectory_of(target, context)
    for part in (found.findings, found.promise, found.progress, found.sufficiency, path):
        assert orjson.loads(orjson.dumps(part)) is not None
    for row in path["years"]:
        assert number(Decimal(str(row["required_t"])), "zh-Hant")


@given(st.decimals(-(10**30), 10**30, places=6, allow_nan=False))
def test_every_amount_can_be_written(value: Decimal) -> None:
    assert number(value, "en")
