"""Which targets of a file are commitments already that somebody made here."""

import json
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from services.core.commitments.rules import BaselineScenario, Intensity, Target
from services.core.imports.twins import Held, adopted, held

TARGET = Target("base_year_absolute", 2005, Decimal(67372856), Decimal(20), 2030, sector="all", boundary="same")
REVISED = replace(TARGET, reduction_percent=Decimal(30))
ONE, TWO = UUID(int=1), UUID(int=2)


def test_what_a_commitment_promises_now_or_promised_first_is_its_own() -> None:
    assert adopted([TARGET], [Held(ONE, 4, TARGET, None)]) == {0: (ONE, 4)}
    assert adopted([TARGET], [Held(ONE, 4, REVISED, TARGET)]) == {0: (ONE, 1)}
    assert adopted([TARGET], [Held(ONE, 4, REVISED, None)]) == {}


@pytest.mark.parametrize(
    "other",
    [
        {"base_year": 2006}, {"base_year_emissions_t": Decimal(1)}, {"reduction_percent": Decimal(21)}, {"target_year": 2031},
        {"sector": "energy"}, {"boundary": None}, {"target_type": "fixed_level"}, {"target_emissions_t": Decimal(0)},
        {"intensity": Intensity("per_capita", Decimal(5))}, {"baseline_scenario": BaselineScenario(Decimal(9))},
    ],
)  # fmt: skip
def test_another_figure_or_another_scope_is_another_target(other: dict[str, object]) -> None:
    different = replace(TARGET, **other)  # type: ignore[arg-type]  # members of a Target
    assert adopted([different], [Held(ONE, 1, TARGET, TARGET)]) == {}
    assert adopted([different], [Held(ONE, 1, different, None)]) == {0: (ONE, 1)}


def test_what_is_no_figure_of_a_target_tells_no_two_apart() -> None:
    more = replace(TARGET, gases=("CO2",), year_set=2010, reported_percent_achieved=Decimal(56), net_zero=False)
    assert adopted([TARGET], [Held(ONE, 1, more, None)]) == {0: (ONE, 1)}


def test_a_first_promise_counts_where_the_later_one_has_another_year() -> None:
    longer = replace(REVISED, target_year=2035)
    assert adopted([TARGET], [Held(ONE, 2, longer, TARGET)]) == {0: (ONE, 1)}
    assert adopted([replace(TARGET, target_year=2040)], [Held(ONE, 2, longer, TARGET)]) == {}


def test_each_commitment_is_taken_once_and_the_present_goes_first() -> None:
    assert adopted([TARGET, TARGET], [Held(ONE, 1, TARGET, TARGET)]) == {0: (ONE, 1)}
    assert adopted([TARGET, TARGET], [Held(ONE, 1, TARGET, None), Held(TWO, 3, TARGET, None)]) == {0: (ONE, 1), 1: (TWO, 3)}
    assert adopted([TARGET, REVISED], [Held(ONE, 2, REVISED, TARGET)]) == {1: (ONE, 2)}
    assert adopted([TARGET], [Held(ONE, 2, REVISED, TARGET), Held(TWO, 5, TARGET, None)]) == {0: (TWO, 5)}


def test_a_commitment_is_read_out_of_what_was_stored_and_sealed() -> None:
    now = {"target_type": "base_year_absolute", "base_year": 2005, "base_year_emissions_t": 67372856.1, "reduction_percent": 30,
           "target_year": 2030, "sector": "all", "boundary": "same", "intensity": None}  # fmt: skip
    moved = [{"field": name, "before": None, "after": value} for name, value in (now | {"reduction_percent": 20}).items() if value]
    found = held(ONE, 2, json.dumps(now), json.dumps({"moved": moved}))
    assert found.first is not None
    exact = replace(TARGET, base_year_emissions_t=Decimal("67372856.1"))
    assert (found.now, found.first) == (replace(exact, reduction_percent=Decimal(30)), exact)
    assert held(ONE, 2, json.dumps(now), None).first is None
