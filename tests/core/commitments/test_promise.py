"""What was promised: the sentence of each type of target, and its figures."""

from decimal import Decimal, localcontext
from typing import Any

import pytest

from services.core.commitments.progress import UNASSESSED
from services.core.commitments.promise import promise
from services.core.commitments.rules import BaselineScenario, Intensity, Target
from tests.fixtures.figures import recomputed

D = Decimal


def absolute(base: str, percent: str, last: int = 2030, **more: Any) -> Target:
    return Target("base_year_absolute", 2005, D(base), D(percent), last, **more)


def scenario(first: int, base: str, percent: str, bau: str, **more: Any) -> Target:
    return Target("baseline_scenario", first, D(base), D(percent), 2030, baseline_scenario=BaselineScenario(D(bau)), **more)


KAOHSIUNG = absolute("67372856", "20")
SUWON = Target("base_year_intensity", 2005, D(5843189), D(40), 2030, intensity=Intensity("per_capita", D("5.54"), D(1_200_000)))
ADELAIDE = Target("fixed_level", 2007, D(1252913), target_year=2025, target_emissions_t=D(438520))
MALANG = scenario(2012, "1323755", "20", "2639566")


@pytest.mark.parametrize(
    ("target", "statement"),
    [
        (KAOHSIUNG, "Emit 20 % less than in 2005 by 2030: at most 53,898,284.8 t CO2e a year."),
        (
            absolute("67372856", "100", 2050, net_zero=True),
            "Emit 100 % less than in 2005 by 2050: 0 t CO2e a year. This is a net-zero target.",
        ),
        (
            SUWON,
            ("Emit 40 % less per person than in 2005 by 2030: 3.324 t CO2e per person, at most 3,988,800 t CO2e a year"
            " for 1,200,000 people."),
        ),
        (
            Target("base_year_intensity", None, None, D(10), 2025, intensity=Intensity("per_gdp", D(2), D(50))),
            "Emit 10 % less per unit of GDP by 2025: 1.8 t CO2e per unit of GDP, at most 90 t CO2e a year for 50 units of GDP.",
        ),
        (
            Target("base_year_intensity", 2010, None, D(10), 2025, intensity=Intensity("other", D(2), D(50))),
            "Emit 10 % less per unit than in 2010 by 2025: 1.8 t CO2e per unit, at most 90 t CO2e a year for 50 units.",
        ),
        (ADELAIDE, "Emit at most 438,520 t CO2e a year by 2025. That is 65 % less than in 2007."),
        (Target("fixed_level", target_year=2050, target_emissions_t=D(0)), "Emit 0 t CO2e a year by 2050."),
        (Target("fixed_level", 2010, D(5), target_year=2050, target_emissions_t=D(5)),
         "Emit at most 5 t CO2e a year by 2050. That is as much as in 2010."),
        (
            MALANG,
            ("Emit 20 % less than expected without the measures by 2030: at most 2,111,652.8 t CO2e a year."
            " That is 59.5 % more than in 2012."),
        ),
        (
            absolute("100", "15.6", is_interim=True, sector="transport", boundary="government_operations"),
            ("As a step on the way, in transport, in the local government's own operations: emit 15.6 % less than in 2005 by 2030:"
            " at most 84.4 t CO2e a year."),
        ),
        (absolute("100", "50", sector="all", boundary="same"), "Emit 50 % less than in 2005 by 2030: at most 50 t CO2e a year."),
        (absolute("100", "50", boundary="partial"), "In part of the city: emit 50 % less than in 2005 by 2030: at most 50 t CO2e a year."),
    ],
)  # fmt: skip
def test_the_promise_in_a_sentence(target: Target, statement: str) -> None:
    assert promise(target)["statement"] == statement


@pytest.mark.parametrize(
    ("target", "allowed", "change", "points", "compound"),
    [
        (KAOHSIUNG, 53898284.8, -20, 0.8, 0.8886),
        (absolute("67372856", "30"), 47160999.2, -30, 1.2, 1.4166),
        (SUWON, 3988800, -31.7359, 1.6, 2.0226),  # the rates are those of the intensity: 40 % in 25 years
        (ADELAIDE, 438520, -65, 3.6111, 5.6655),
        (MALANG, 2111652.8, 59.5199, -3.3067, -2.6284),  # allowed to grow
        (scenario(2010, "9341782", "30", "35000000"), 24500000, 162.2626, -8.1131, -4.939),  # Jakarta
        (Target("fixed_level", target_year=2050, target_emissions_t=D(0)), 0, None, None, None),
    ],
)
def test_its_figures(target: Target, allowed: float, change: float | None, points: float | None, compound: float | None) -> None:
    found = promise(target)
    assert found["target_year_emissions_t"] == allowed
    assert (found["change_against_base_year_percent"], found["annual_rate_points"]) == (change, points)
    assert found["annual_rate_compound"] == compound
    assert found.keys() == UNASSESSED["promise"].keys()
    for figure in found["figures"]:
        assert figure["value"] == found[figure["name"]]
        assert recomputed(figure) == figure["value"], figure


@pytest.mark.parametrize("kind", ["base_year_absolute", "fixed_level", "base_year_intensity", "baseline_scenario", "something_else"])
def test_half_a_target_promises_nothing(kind: str) -> None:
    found = promise(Target(kind, target_year=2030, sector="waste"))
    assert {name: value for name, value in found.items() if name != "figures"} == {
        name: None for name in UNASSESSED["promise"] if name != "figures"
    }
    assert [figure["value"] for figure in found["figures"]] == [None] * 4


def test_edges_of_the_base_year() -> None:
    zero = promise(absolute("0", "50"))
    assert [zero["target_year_emissions_t"], zero["change_against_base_year_percent"], zero["annual_rate_compound"]] == [0, None, None]
    same_year = promise(absolute("100", "50", 2005))
    assert [same_year["annual_rate_points"], same_year["annual_rate_compound"]] == [None, None]
    assert same_year["change_against_base_year_percent"] == -50


def test_nothing_depends_on_the_callers_context() -> None:
    whole = promise(SUWON), promise(MALANG)
    with localcontext(prec=2):
        assert (promise(SUWON), promise(MALANG)) == whole
