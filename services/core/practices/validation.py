"""Is a submission complete, comparable and honest enough to be assessed?

`validate` says everything at once, each finding with its field. Blocking findings return the draft; warnings stay
beside it. Thresholds and codes follow the minimum rules of best-practice awards (Dubai International Award,
GO SMART, URBACT) and the case-study template of Governance International.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.core.practices.submission import Submission
from services.core.practices.words import word_count

Severity = Literal["blocking", "warning", "info"]

SUMMARY_WORDS: Final = 150
PARTNERS: Final = 2
OBSTACLES: Final = 3
SDG_TARGET: Final = re.compile(r"(1[0-7]|[1-9])\.([0-9]{1,2}|[a-d])")

# How serious each finding is. Recognised practices are public, so consent to publish is a condition, not a wish.
SEVERITIES: Final[Mapping[str, Severity]] = {
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


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. `pointer` (RFC 6901) leads to the field of the practice."""

    code: str
    severity: Severity
    pointer: str
    message: str


def validate(submission: Submission, call_themes: Collection[str], year: int) -> list[Finding]:
    """All findings on a submission at once. `year` is the current year, for results dated in the future.

    A malformed SDG target is a warning (a slip in a reference, not in the practice); it earns no points.
    """
    return [*_texts(submission), *_frame(submission, call_themes), *_indicators(submission, year), *_depth(submission)]


def blocks(findings: Collection[Finding]) -> bool:
    """Whether the draft goes back to its author."""
    return any(finding.severity == "blocking" for finding in findings)


def _finding(code: str, pointer: str, message: str) -> Finding:
    return Finding(code, SEVERITIES[code], pointer, message)


_TEXTS: Final = {
    "title": "Give the practice a title.",
    "summary": "Summarise the practice in at most 150 words.",
    "problem": "Describe the problem that the city wanted to solve.",
    "actions": "Describe what the city did.",
    "language": "Say in which language this is written (for example en or zh-Hant).",
}


def _texts(submission: Submission) -> Iterator[Finding]:
    for name, message in _TEXTS.items():
        if not getattr(submission, name).strip():
            yield _finding(f"{name}-missing", f"/{name}", message)
    words = word_count(submission.summary)
    if words > SUMMARY_WORDS:
        text = f"The summary has {words} words; at most {SUMMARY_WORDS} are allowed."
        yield _finding("summary-too-long", "/summary", text)


def _frame(submission: Submission, call_themes: Collection[str]) -> Iterator[Finding]:
    if submission.theme not in call_themes:
        themes = ", ".join(sorted(call_themes))
        yield _finding("theme-not-in-call", "/theme", f"This call invites practices on: {themes}.")
    if not submission.consent_to_publish:
        text = "Recognised practices are published; the city's consent to publish is needed."
        yield _finding("consent-missing", "/consent_to_publish", text)


def _indicators(submission: Submission, year: int) -> Iterator[Finding]:
    if not any(indicator.measured for indicator in submission.indicators):
        text = "Give at least one measured result: name, unit, result and year."
        yield _finding("no-measured-result", "/indicators", text)
    for index, indicator in enumerate(submission.indicators):
        if indicator.year is not None and indicator.year > year:
            text = f"The year {indicator.year} is still to come; a measured result lies in the past."
            yield _finding("result-year-in-future", f"/indicators/{index}/year", text)
        if indicator.result is not None and indicator.result == indicator.baseline:
            text = "Baseline and result are the same: nothing has changed, or one of them was typed twice."
            yield _finding("baseline-equals-result", f"/indicators/{index}/result", text)


def _depth(submission: Submission) -> Iterator[Finding]:
    partners = {partner.name.strip().casefold() for partner in submission.partners} - {""}
    if len(partners) < PARTNERS:
        yield _finding("few-partners", "/partners", f"Name at least {PARTNERS} partners that took part.")
    if not submission.sdg_targets:
        yield _finding("no-sdg-target", "/sdg_targets", "Name the SDG targets that the practice serves, such as 11.6.")
    for index, sdg in enumerate(submission.sdg_targets):
        if not SDG_TARGET.fullmatch(sdg):
            text = "An SDG target is written like 7.2 or 11.b."
            yield _finding("sdg-target-malformed", f"/sdg_targets/{index}", text)
    if submission.finance is None or (submission.finance.cost is None and not submission.finance.sources):
        yield _finding("no-finance", "/finance", "Say what it cost and who paid.")
    if not submission.lessons.strip():
        yield _finding("no-lessons", "/lessons", "Say what the city would do differently.")
    if not submission.transfer_conditions.strip():
        text = "Say what another city would need to do the same."
        yield _finding("no-transfer-conditions", "/transfer_conditions", text)
    if len(submission.obstacles) > OBSTACLES:
        text = f"Name the {OBSTACLES} obstacles that mattered most; {len(submission.obstacles)} are given."
        yield _finding("too-many-obstacles", "/obstacles", text)
