"""Totals, decisions and labels."""

import random
from decimal import Decimal
from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.reviews.rules import (
    FinalReview,
    NeedsDecision,
    Outcome,
    Recommendation,
    Thresholds,
    aliases,
    decide,
    faults,
    total,
)

D = Decimal
WEIGHTS = {"impact": D("0.30"), "innovation": D("0.15"), "transferability": D("0.20"), "rest": D("0.35")}
THRESHOLDS = Thresholds(recognised=D(70), commended=D(50))


def reviews(*totals: float | str, recommendation: Recommendation = "recognise") -> list[FinalReview]:
    return [FinalReview(D(str(each)), recommendation) for each in totals]


def verdict(given_reviews: list[FinalReview], outstanding: int = 0, *, due: bool = False) -> str | None:
    found = decide(given_reviews, 3, THRESHOLDS, outstanding, past_review_due=due)
    if isinstance(found, NeedsDecision):
        return found.why
    return found.verdict if found else None


def test_a_total_is_the_weighted_sum_times_ten() -> None:
    assert total({"impact": 8, "innovation": 6, "transferability": 7, "rest": 4}, WEIGHTS) == D("61.00")
    assert total(dict.fromkeys(WEIGHTS, 10), WEIGHTS) == 100
    assert total(dict.fromkeys(WEIGHTS, 0), WEIGHTS) == 0


@pytest.mark.parametrize(
    ("scores", "wrong"),
    [
        ({"impact": 8}, ["innovation", "transferability", "rest"]),
        (dict.fromkeys(WEIGHTS, 5) | {"luck": 5}, ["luck"]),
        (dict.fromkeys(WEIGHTS, 5) | {"impact": 11}, ["impact"]),
        (dict.fromkeys(WEIGHTS, 5) | {"impact": -1}, ["impact"]),
    ],
)
def test_a_review_with_faults_has_no_total(scores: dict[str, int], wrong: list[str]) -> None:
    assert [criterion for criterion, _ in faults(scores, WEIGHTS)] == wrong
    with pytest.raises(ValueError, match=wrong[0]):
        total(scores, WEIGHTS)


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ((70, 70, 70), "recognised"),  # at the threshold counts
        ((69.9, 70, 70), "commended"),
        ((80, 70, 60), "recognised"),
        ((50, 50, 50), "commended"),
        ((50, 50, 49.9), "declined"),
        ((0, 0, 0), "declined"),
        ((85, 70, 55), "recognised"),  # exactly 30 apart is not more than 30
        ((85.1, 70, 55), "totals-apart"),
        ((90, 40, 40), "totals-apart"),
        ((70, 70, 70, 70), "recognised"),
    ],
)
def test_the_mean_decides(totals: tuple[float, ...], expected: str) -> None:
    assert verdict(reviews(*totals)) == expected


def test_the_mean_is_compared_before_it_is_rounded() -> None:
    found = decide(reviews("69.9999", "70", "70"), 3, THRESHOLDS, 0, past_review_due=False)
    assert found == Outcome("commended", D("70.0000"), "The mean of 70.0000 reaches 50 for commendation.")


@pytest.mark.parametrize(
    ("count", "outstanding", "due", "expected"),
    [
        (2, 0, False, None),
        (2, 1, False, None),
        (3, 0, False, "recognised"),
        (3, 1, False, None),  # one more has accepted: wait for it
        (3, 1, True, "recognised"),
        (2, 1, True, "too-few-reviews"),
        (0, 0, True, "too-few-reviews"),
        (0, 0, False, None),
        (4, 0, False, "recognised"),
    ],
)
def test_when_it_is_time(count: int, outstanding: int, due: bool, expected: str | None) -> None:
    assert verdict(reviews(*[75] * count), outstanding, due=due) == expected


def test_a_quorum_of_nothing_still_needs_a_review() -> None:
    found = decide([], 0, THRESHOLDS, 0, past_review_due=True)
    assert found == NeedsDecision("too-few-reviews", None, "0 of 0 reviews were final in time.")


def test_more_than_half_recommending_a_revision_decides_before_the_score() -> None:
    two = [*reviews(90, 90, recommendation="revise"), *reviews(90)]
    assert verdict(two) == "revise"
    assert verdict([*reviews(90, recommendation="revise"), *reviews(90, 90)]) == "recognised"
    assert verdict([*reviews(90, 90, recommendation="revise"), *reviews(90, 90)]) == "recognised"  # half is no majority
    assert verdict([*reviews(20, 90, recommendation="revise"), *reviews(90)]) == "totals-apart"  # people decide first


def test_too_few_reviews_still_show_their_mean() -> None:
    found = decide(reviews(80, 70), 3, THRESHOLDS, 0, past_review_due=True)
    assert found == NeedsDecision("too-few-reviews", D(75), "2 of 3 reviews were final in time.")


def test_aliases_are_a_permutation_that_forgets_the_order() -> None:
    ids = ["u1", "u2", "u3"]
    drawn = {tuple(aliases(ids, random.Random(seed)).items()) for seed in range(60)}
    assert len({tuple(sorted(dict(each).items())) for each in drawn}) == 6
    for mixed in permutations(ids):
        assert aliases(mixed, random.Random(7)) == aliases(ids, random.Random(7))
    assert sorted(aliases(ids, random.Random(1)).values()) == ["A", "B", "C"]
    many = aliases((str(n) for n in range(30)), random.Random(1))
    assert sorted(many.values(), key=lambda label: (len(label), label))[24:] == ["Y", "Z", "AA", "AB", "AC", "AD"]
    assert aliases([], random.Random(1)) == {}


final_reviews = st.lists(st.builds(FinalReview, st.decimals(0, 100, places=1), st.sampled_from(get_args(Recommendation))), max_size=6)


@given(final_reviews, st.integers(1, 5), st.integers(0, 2), st.booleans(), st.randoms(use_true_random=False))
def test_law_the_order_of_reviews_does_not_matter(
    given_reviews: list[FinalReview],
    quorum: int,
    outstanding: int,
    due: bool,
    dice: random.Random,
) -> None:
    mixed = dice.sample(given_reviews, len(given_reviews))
    assert decide(given_reviews, quorum, THRESHOLDS, outstanding, past_review_due=due) == decide(
        mixed, quorum, THRESHOLDS, outstanding, past_review_due=due
    )


@given(final_reviews, st.integers(1, 5), st.integers(0, 2))
def test_law_at_the_due_time_there_is_always_an_answer(given_reviews: list[FinalReview], quorum: int, outstanding: int) -> None:
    found = decide(given_reviews, quorum, THRESHOLDS, outstanding, past_review_due=True)
    assert found is not None
    assert isinstance(found, Outcome) <= (len(given_reviews) >= quorum)


@given(st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.integers(0, 10), min_size=4))
def test_law_a_total_lies_within_zero_and_a_hundred(scores: dict[str, int]) -> None:
    assert 0 <= total(scores, WEIGHTS) <= 100
