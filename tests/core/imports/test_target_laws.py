"""Laws of reading city targets, whatever the cells hold."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.core.commitments import rules, targets
from services.core.commitments.schemas import CommitmentCreate
from services.core.imports import edition, reading
from services.core.imports.edition import Line
from tests.fixtures.target_files import HEADER_2020, HEADER_2021, cells

NUMBERS = st.one_of(
    st.integers(-10, 3_000).map(str), st.floats().map(str), st.decimals(allow_nan=False).map(str),
    st.sampled_from(["", "NA", "NE", "2030", "1e+05", "30 %", "-0", "0E-30", "9" * 41, "٢٠٣٠", "²"]), st.text(max_size=20),
)  # fmt: skip
LABELS = st.one_of(st.sampled_from([column for column in cells().values() if column]), st.text(max_size=60))
CELLS = st.one_of(NUMBERS, LABELS, st.text(max_size=300))
ROW = st.fixed_dictionaries({}, optional=dict.fromkeys(HEADER_2021, CELLS))
LIKELY = st.fixed_dictionaries(
    dict.fromkeys(
        ("base_year", "year_set", "base", "percent", "target_year", "level", "people", "intensity", "scenario", "achieved"), NUMBERS
    )
    | {
        "kind": st.sampled_from(
            [
                "Base year emissions (absolute) target", "Fixed level target", "Base year intensity target",
                "Baseline scenario (business as usual) target",
            ]
        ),
        "unit": st.sampled_from(["Metric tonnes of CO2e per capita", "Metric tonnes of CO2e per unit GDP", ""]),
        "description": st.text(max_size=200),
    }
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(ROW)
@example({"Type of target": "Fixed level target", "Base year": "\ud800", "Target description": "\x00\u202e"})
def test_no_row_raises_and_each_has_a_verdict(raw: dict[str, str]) -> None:
    for header in (HEADER_2020, HEADER_2021):
        found = edition.detect(header)
        line = Line(7, {header[HEADER_2021.index(column)]: cell for column, cell in raw.items()})
        read = reading.read(found, line)
        assert read == reading.read(found, line)
        assert (read.line, read.status in {"target", "skipped", "rejected"}) == (7, True)
        assert bool(read.rules) == (read.status == "rejected")
        assert (read.target is not None) == (read.status == "target")
        assert (read.reason == "no_target") == (read.status == "skipped")


@settings(max_examples=500, deadline=None)
@given(LIKELY)
def test_a_target_can_always_be_stored_and_a_rejection_is_the_rules_own(told: dict[str, str]) -> None:
    read = reading.read(edition.detect(HEADER_2021), Line(2, cells(**told)))
    if read.target is not None:
        assert read.target.keys() <= {*reading.MEMBERS, "target_type", "visibility"}
        stored = CommitmentCreate.model_validate(read.target).model_dump(exclude_unset=True)
        assert stored == read.target
        assert rules.blocking(targets.target_of(stored)) == []
        assert read.target_year_emissions_t is not None
    else:
        assert set(read.rules) <= {"R0", "R3"}
        assert read.rules


@settings(max_examples=100, deadline=None)
@given(LIKELY, st.randoms())
def test_the_order_of_columns_changes_nothing(told: dict[str, str], random: object) -> None:
    row = cells(**told)
    columns = list(row)
    random.shuffle(columns)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    found = edition.detect(HEADER_2021)
    assert reading.read(found, Line(2, {column: row[column] for column in columns})) == reading.read(found, Line(2, row))
