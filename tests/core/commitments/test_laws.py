"""Laws of the arithmetic, for all targets and inventories (hypothesis)."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import TypeVar

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.core.commitments.formulas import annual_rate_compound, expected_percent, shown
from services.core.commitments.inventories import Inventory, SectorCell
from services.core.commitments.progress import figures, standing
from services.core.commitments.progress import shown as as_shown
from services.core.commitments.promise import promise
from services.core.commitments.rules import BaselineScenario, Intensity, Target
from services.core.commitments.trajectory import Standing, path, target_year_emissions
from tests.fixtures.figures import recomputed

D = Decimal
T = TypeVar("T")
unhurried = settings(deadline=None)  # a busy machine breaks no law
tonnes = st.decimals(min_value=1, max_value=10**9, places=2)
percents = st.decimals(min_value="0.01", max_value=100, places=2)
people = st.integers(1, 10**7).map(D)
spans = st.tuples(st.integers(1990, 2030), st.integers(1, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def some(value: T | None) -> T:
    assert value is not None
    return value


def percentages(found: Standing) -> tuple[object, ...]:
    return found.latest_year, found.reduction_percent, found.achieved_percent, found.expected_percent, found.status, found.reason


def four_types(base: D, percent: D, span: tuple[int, int], size: D, growth: int = 1) -> Iterator[Target]:
    """The same base, percentage and years in all four types; business as usual is ``growth`` times the base."""
    first, last = span
    with localcontext(prec=60):
        intensity = Intensity("per_capita", base / size, size)
        yield Target("base_year_absolute", first, base, percent, last)
        yield Target("fixed_level", first, base, None, last, target_emissions_t=base * (100 - percent) / 100)
        yield Target("base_year_intensity", first, base, percent, last, intensity=intensity)
        yield Target("baseline_scenario", first, base, percent, last, baseline_scenario=BaselineScenario(base * growth))


@unhurried
@given(tonnes, percents, spans, people)
def test_achieved_is_exactly_a_hundred_at_the_target_and_nothing_at_the_base(base: D, percent: D, span: tuple[int, int], size: D) -> None:
    for target in four_types(base, percent, span, size, growth=2):
        found = standing(target, [Inventory(span[1], target_year_emissions(target), size)])
        assert [found.achieved_percent, found.status] == [100, "achieved"], target.target_type
        at_first = standing(target, [Inventory(span[0], base, size)])
        assert [at_first.achieved_percent, at_first.reduction_percent, at_first.expected_percent] == [0, 0, 0], target.target_type


@unhurried
@given(tonnes, percents, spans, people, st.integers(1, 9))
def test_the_path_meets_base_and_target_exactly(base: D, percent: D, span: tuple[int, int], size: D, growth: int) -> None:
    for target in four_types(base, percent, span, size, growth):
        rows = path(target, [])
        assert [row.year for row in rows] == list(range(span[0], span[1] + 1))
        assert rows[0].required_t == shown(base)
        assert rows[-1].required_t == shown(some(target_year_emissions(target)))


@unhurried
@given(tonnes, percents, spans, people)
def test_the_path_never_rises(base: D, percent: D, span: tuple[int, int], size: D) -> None:
    for target in four_types(base, percent, span, size):
        rows = [row.required_t for row in path(target, [])]
        assert rows == sorted(rows, reverse=True), target.target_type


@unhurried
@given(tonnes, percents, spans, st.integers(0, 59))
def test_a_city_on_its_path_stands_at_what_is_expected(base: D, percent: D, span: tuple[int, int], later: int) -> None:
    assume(base > 1000)
    target, year = Target("base_year_absolute", span[0], base, percent, span[1]), min(span[0] + later, span[1])
    level = next(row.required_t for row in path(target, []) if row.year == year)
    found = standing(target, [Inventory(year, level)])
    assert found.status in ("on_track", "achieved")
    assert abs(some(found.achieved_percent) - some(found.expected_percent)) <= D("0.1")
    row = next(row for row in path(target, [Inventory(year, level)]) if row.year == year)
    assert row.gap_t == 0


@unhurried
@given(spans, st.integers(1980, 2100), st.integers(1980, 2100))
def test_what_is_expected_never_falls(span: tuple[int, int], one: int, other: int) -> None:
    early, late = sorted((one, other))
    assert 0 <= some(expected_percent(*span, early)) <= some(expected_percent(*span, late)) <= 100


@unhurried
@given(tonnes, tonnes, percents, spans, people, st.sampled_from([D("0.001"), D(7), D(1000), D("907.18474")]))
def test_units_do_not_change_percentages(base: D, emitted: D, percent: D, span: tuple[int, int], size: D, factor: D) -> None:
    year = (span[0] + span[1]) // 2
    pairs = zip(four_types(base, percent, span, size, 2), four_types(base * factor, percent, span, size, 2), strict=True)
    for target, in_other_units in pairs:
        one = standing(target, [Inventory(year, emitted, size)])
        other = standing(in_other_units, [Inventory(year, emitted * factor, size)])
        assert percentages(one) == percentages(other), target.target_type
        names = ("change_against_base_year_percent", "annual_rate_points", "annual_rate_compound")
        assert [promise(target)[name] for name in names] == [promise(in_other_units)[name] for name in names]


@unhurried
@given(tonnes, tonnes, percents, spans, people)
def test_ways_to_state_the_same_target_agree(base: D, emitted: D, percent: D, span: tuple[int, int], size: D) -> None:
    """A percentage and the level that it leaves; business as usual that stays as it is; an intensity of a city that does not grow."""
    inventories = [Inventory((span[0] + span[1]) // 2, emitted, size)]
    stated, *others = four_types(base, percent, span, size)
    names = ("target_year_emissions_t", "change_against_base_year_percent", "annual_rate_points", "annual_rate_compound")
    for other in others:
        assert percentages(standing(other, inventories)) == percentages(standing(stated, inventories)), other.target_type
        assert path(other, inventories) == path(stated, inventories), other.target_type
        assert [promise(other)[name] for name in names] == [promise(stated)[name] for name in names], other.target_type


@unhurried
@given(tonnes, tonnes, percents, spans, people, st.integers(2, 9))
def test_recalculating_all_by_the_same_factor_changes_nothing(
    base: D, emitted: D, percent: D, span: tuple[int, int], size: D, factor: int
) -> None:
    year = (span[0] + span[1]) // 2
    for target in four_types(base, percent, span, size):
        if target.target_type in ("base_year_absolute", "base_year_intensity"):
            as_was = Inventory(year, emitted, size)
            anew = replace(as_was, emissions_t=emitted * factor, base_year_emissions_t=base * factor)
            assert percentages(standing(target, [anew])) == percentages(standing(target, [as_was])), target.target_type


@unhurried
@given(tonnes, tonnes, percents, spans, people)
def test_recalculating_to_what_was_promised_changes_no_figure(base: D, emitted: D, percent: D, span: tuple[int, int], size: D) -> None:
    as_was = Inventory((span[0] + span[1]) // 2, emitted, size)
    anew = replace(as_was, base_year_emissions_t=base)
    for target in four_types(base, percent, span, size, 3):
        assert percentages(standing(target, [anew])) == percentages(standing(target, [as_was])), target.target_type
        assert path(target, [anew]) == path(target, [as_was])


@unhurried
@given(tonnes, tonnes, tonnes, percents, spans)
def test_less_emitted_is_never_less_achieved(base: D, one: D, other: D, percent: D, span: tuple[int, int]) -> None:
    assume(one != other)
    target = Target("base_year_absolute", span[0], base, percent, span[1])
    low, high = (some(standing(target, [Inventory(span[1], e)]).achieved_percent) for e in sorted((one, other)))
    assert low >= high


@unhurried
@given(tonnes, percents, spans)
def test_compounding_the_yearly_rate_ends_at_the_target(base: D, percent: D, span: tuple[int, int]) -> None:
    assume(percent < 100)
    n = span[1] - span[0]
    goal = some(target_year_emissions(Target("base_year_absolute", span[0], base, percent, span[1])))
    rate = some(annual_rate_compound(base, goal, n))
    with localcontext(prec=50):
        assert abs(base * (1 - rate / 100) ** D(n) - goal) < D("1e-20")


any_tonnes = st.none() | st.decimals(min_value=-(10**12), max_value=10**12, places=6)
not_less_than_none = st.none() | st.decimals(min_value=0, max_value=10**15, places=6)
any_percent = st.none() | st.decimals(min_value=-(10**6), max_value=10**6, places=6)
any_year = st.integers(1900, 2200)
kinds = st.sampled_from(["base_year_absolute", "fixed_level", "base_year_intensity", "baseline_scenario"])
sector_names = st.none() | st.sampled_from(["all", "energy", "transport", "waste", "buildings", "ippu", "afolu", "other"])
boundaries = st.none() | st.sampled_from(["same", "larger", "smaller", "partial", "government_operations"])
any_gases = st.lists(st.sampled_from(["CO2", "CH4", "N2O", "SF6"]), unique=True).map(tuple)
any_scopes = st.lists(st.integers(1, 3), unique=True).map(tuple)
notation_keys = st.none() | st.sampled_from(["NO", "IE", "NE", "C"])
codes = st.sampled_from(["I", "I.1", "I.2", "I.1.1", "II", "ii.1", "III.", "V", "transport", "waste", "all", "x"])
targets = st.builds(
    Target, kinds, st.none() | any_year, any_tonnes, any_percent, st.none() | any_year, target_emissions_t=any_tonnes,
    intensity=st.none() | st.builds(
        Intensity, st.sampled_from(["per_capita", "per_gdp", "other"]), not_less_than_none, not_less_than_none
    ),
    baseline_scenario=st.none() | st.builds(
        BaselineScenario, any_tonnes, st.lists(st.tuples(any_year, any_tonnes.map(lambda t: t or D(0))), max_size=4).map(tuple)
    ),
    sector=sector_names, boundary=boundaries, gases=any_gases, scopes=any_scopes, is_interim=st.booleans(),
    net_zero=st.none() | st.booleans(), base_year_population=st.none() | st.integers(0, 2 * 10**9),
)  # fmt: skip
reports = st.lists(
    st.builds(
        Inventory, any_year, any_tonnes, not_less_than_none, notation_keys, boundaries, any_gases, any_scopes,
        st.lists(st.builds(SectorCell, codes, any_tonnes, notation_keys), max_size=5).map(tuple),
        includes_grid_generation=st.none() | st.booleans(), base_year_emissions_t=not_less_than_none,
        verified=st.none() | st.booleans(),
    ),
    max_size=5,
)  # fmt: skip


@unhurried
@given(targets, reports)
def test_no_input_raises_and_nothing_is_lost(target: Target, inventories: list[Inventory]) -> None:
    found = standing(target, inventories)
    promise(target), as_shown(target, found), path(target, inventories)
    assert len(figures(target, found)) >= 6
    assert (found.status == "no_data") == (found.reason is not None)
    counted = [] if found.latest_year is None else [found.latest_year]
    assert sorted([*counted, *(year for year, _ in found.passed_over)]) == sorted(each.year for each in inventories)


@unhurried
@given(targets, reports)
def test_every_figure_that_is_shown_can_be_computed_again(target: Target, inventories: list[Inventory]) -> None:
    found = standing(target, inventories)
    for figure in (*promise(target)["figures"], *as_shown(target, found)["figures"]):
        inputs = [abs(each["value"] or 0) for each in figure["inputs"]]
        if figure["value"] is not None and max(inputs) < 10**8 and abs(figure["value"]) < 10**8:  # what a JSON number holds to the digit
            assert abs(D(str(recomputed(figure))) - D(str(figure["value"]))) <= D("0.0001"), figure


@unhurried
@given(targets, reports, st.randoms(use_true_random=False))
def test_the_order_of_inventories_does_not_matter(target: Target, inventories: list[Inventory], random: object) -> None:
    shuffled = list(inventories)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = standing(target, inventories), standing(target, shuffled)
    assert percentages(one) == percentages(other)
    assert one.passed_over == other.passed_over
    assert path(target, inventories) == path(target, shuffled)
