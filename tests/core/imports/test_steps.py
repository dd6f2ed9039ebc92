"""What a row means for what is known of its target, and how a file is told apart into parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.imports import rules


@pytest.mark.parametrize(
    ("year", "is_same", "is_edited", "expected"),
    [
        (2021, True, False, ("keep", "")),
        (2021, True, True, ("keep", "")),
        (2021, False, False, ("revise", "")),
        (2021, False, True, ("pass", "edited_here")),
        (2022, True, False, ("confirm", "")),
        (2022, True, True, ("keep", "")),
        (2022, False, False, ("revise", "")),
        (2022, False, True, ("pass", "edited_here")),
        (2020, True, False, ("keep", "")),
        (2020, False, False, ("keep", "newer_edition")),
        (2020, False, True, ("keep", "newer_edition")),
    ],
)
def test_the_step_of_a_row(year: int, is_same: bool, is_edited: bool, expected: tuple[str, str]) -> None:
    assert rules.step(year=year, is_same=is_same, known_year=2021, is_edited=is_edited) == expected


@given(st.lists(st.sampled_from(["", *(str(n) for n in range(8))]), max_size=900))
def test_every_row_is_in_one_part_and_an_account_that_fits_is_in_one_only(accounts: list[str]) -> None:
    parts = rules.parts(accounts)
    assert sorted(place for part in parts for place in part) == list(range(len(accounts)))
    assert all(len(part) <= rules.PART for part in parts)
    for account in set(accounts) - {""}:
        if accounts.count(account) <= rules.PART:
            assert sum(any(accounts[place] == account for place in part) for part in parts) == 1


def test_no_rows_are_one_empty_part_so_that_the_job_can_end() -> None:
    assert rules.parts([]) == [[]]


def test_counts_add_up_and_always_name_everything() -> None:
    assert rules.added({}, {}) == dict.fromkeys(rules.COUNTS, 0)
    assert rules.added({"rows": 2, "skipped": 1}, {"rows": 3, "created": 3})["rows"] == 5
