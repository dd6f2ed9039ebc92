"""What the reviews of a practice add up to, and what they decide."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import product
from string import ascii_uppercase
from typing import Final, Literal

Recommendation = Literal["recognise", "commend", "revise", "decline"]
Verdict = Literal["recognised", "commended", "declined", "revise"]
Doubt = Literal["too-few-reviews", "totals-apart"]

HIGHEST: Final = 10
APART: Final = Decimal(30)
SHOWN: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The call's thresholds, 0..100; a score at or over them counts."""

    recognised: Decimal
    commended: Decimal


@dataclass(frozen=True, slots=True)
class FinalReview:
    """A final review: its total (0..100) and what the reviewer recommends."""

    total: Decimal
    recommendation: Recommendation


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision: the verdict, the score (mean of the totals, four decimals, half to even), and why, in words."""

    verdict: Verdict
    score: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class NeedsDecision:
    """The reviews do not decide; secretariat or chair must. `score` is None without a review."""

    why: Doubt
    score: Decimal | None
    reason: str


def faults(scores: Mapping[str, int], weights: Mapping[str, Decimal]) -> list[tuple[str, str]]:
    """What keeps a review from being final: `(criterion, message)` for each missing, unknown or out-of-range score."""
    missing = [(code, "A score is missing.") for code in weights if code not in scores]
    unknown = [(code, "The rubric has no such criterion.") for code in scores if code not in weights]
    beyond = [(code, f"A score is 0 to {HIGHEST}.") for code, value in scores.items() if not 0 <= value <= HIGHEST]
    return missing + unknown + beyond


def total(scores: Mapping[str, int], weights: Mapping[str, Decimal]) -> Decimal:
    """A review's total, 0..100: the sum of `weight * value * 10`, exact. Values are 0..10, the weights sum to 1.

    ValueError when `faults` finds any: a missing score is not a zero.
    """
    for code, message in faults(scores, weights):
        raise ValueError(f"{code}: {message}")
    return sum((weight * scores[code] * 10 for code, weight in weights.items()), Decimal(0))


def decide(
    reviews: Sequence[FinalReview],
    quorum: int,
    thresholds: Thresholds,
    outstanding_accepted: int,
    *,
    past_review_due: bool,
) -> Outcome | NeedsDecision | None:
    """What the final reviews decide; None while it is too early.

    It is time when `quorum` reviews are final and no accepted one is outstanding, or at `review_due_at`. Then, in this
    order: fewer than `quorum` reviews, or totals more than 30 apart, need a decision by people; more than half
    recommending `revise` → revise; mean at or over `recognised` → recognised; at or over `commended` → commended; else
    declined. The mean is compared exactly; only the score shown is rounded.
    """
    enough = len(reviews) >= quorum
    if not past_review_due and (not enough or outstanding_accepted > 0):
        return None
    totals = [review.total for review in reviews]
    points = sum(totals, Decimal(0))
    score = (points / len(reviews)).quantize(SHOWN, rounding=ROUND_HALF_EVEN) if reviews else None
    if not enough or score is None:
        return NeedsDecision("too-few-reviews", score, f"{len(reviews)} of {quorum} reviews were final in time.")
    apart = max(totals) - min(totals)
    if apart > APART:
        return NeedsDecision("totals-apart", score, f"The totals lie {apart} points apart; more than {APART} is too much.")
    revise = sum(review.recommendation == "revise" for review in reviews)
    if revise * 2 > len(reviews):
        return Outcome("revise", score, f"{revise} of {len(reviews)} reviewers recommend a revision.")
    return _by_score(points, len(reviews), score, thresholds)


def _by_score(points: Decimal, count: int, score: Decimal, thresholds: Thresholds) -> Outcome:
    if points >= thresholds.recognised * count:
        return Outcome("recognised", score, f"The mean of {score} reaches {thresholds.recognised} for recognition.")
    if points >= thresholds.commended * count:
        return Outcome("commended", score, f"The mean of {score} reaches {thresholds.commended} for commendation.")
    return Outcome("declined", score, f"The mean of {score} stays under {thresholds.commended} for commendation.")


def aliases(reviewer_ids: Iterable[str], source: random.Random) -> dict[str, str]:
    """Labels for one practice's reviewers: id -> "A", "B", … in an order drawn from `source`.

    Drawn once per practice, at the release, with a source that nobody can guess (`secrets.SystemRandom()`); the order
    in which the ids come leaves no trace. Beyond 26 the labels go on with "AA".
    """
    ids = sorted(set(reviewer_ids))
    source.shuffle(ids)
    return dict(zip(ids, _labels(len(ids)), strict=True))


def _labels(count: int) -> list[str]:
    labels: list[str] = []
    size = 1
    while len(labels) < count:
        labels += ("".join(letters) for letters in product(ascii_uppercase, repeat=size))
        size += 1
    return labels[:count]
