"""What can be found in a submission: the codes, how serious each is in the first rubric, and the limits that they are judged by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

Severity = Literal["blocking", "warning", "info"]
Remark = tuple[str, str, str]
"""A code, the pointer to the field that it is about, and what to say: a finding before a rubric says how serious it is."""

# Recognised practices are public, so consent to publish is a condition, not a wish.
FIRST: Final[Mapping[str, Severity]] = {
    "title-missing": "blocking",
    "summary-missing": "blocking",
    "summary-too-long": "blocking",
    "problem-missing": "blocking",
    "actions-missing": "blocking",
    "language-missing": "blocking",
    "theme-not-in-call": "blocking",
    "no-measured-result": "blocking",
    "consent-missing": "blocking",
    "few-partners": "warning",
    "no-sdg-target": "warning",
    "sdg-target-malformed": "warning",
    "result-year-in-future": "warning",
    "baseline-equals-result": "warning",
    "no-finance": "warning",
    "no-lessons": "warning",
    "no-transfer-conditions": "warning",
    "too-many-obstacles": "warning",
}
"""The findings of the first rubric, which has no section of its own for them."""

CODES: Final = (
    *FIRST,
    *("title-too-long", "translated-summary-too-long", "translation-of-itself", "translation-incomplete"),
    *("theme-repeated", "unit-missing", "year-missing", "result-year-implausible", "figures-far-apart", "figures-of-opposite-sign"),
    *("percentage-out-of-range", "indicator-repeated", "evidence-unknown", "sdg-target-unknown", "partner-repeated"),
    *("cost-without-currency", "cost-without-year", "cost-year-in-future", "no-money-source", "link-malformed"),
    *("duplicate-in-call", "near-duplicate", "text-repeats"),
)
"""All that can be found. A code that a rubric does not name is not in force under it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that findings are judged by. Shares are 0..1 of the text; `far_apart` is result / baseline or its inverse.

    `new_share` is what `words.new_share` gives at least for a text of `long_words` words or more that does not repeat itself.
    """

    summary_words: int = 150
    title_words: int = 30
    partners: int = 2
    obstacles: int = 3
    earliest_year: int = 1990
    far_apart: int = 1000
    long_words: int = 40
    new_share: Decimal = Decimal("0.4")
    near_duplicate_share: Decimal = Decimal("0.7")
    duplicate_share: Decimal = Decimal("0.9")


@dataclass(frozen=True, slots=True)
class Validation:
    """What a rubric says of findings: how serious each code in force is, and the limits."""

    severities: Mapping[str, Severity] = field(default_factory=lambda: FIRST)
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. `pointer` (RFC 6901) leads to the field of the practice."""

    code: str
    severity: Severity
    pointer: str
    message: str


def in_force(remarks: Iterator[Remark], severities: Mapping[str, Severity]) -> Iterator[Finding]:
    """The remarks whose code is in force, each as serious as `severities` say."""
    for code, pointer, message in remarks:
        if code in severities:
            yield Finding(code, severities[code], pointer, message)
