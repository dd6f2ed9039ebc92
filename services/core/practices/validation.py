"""Is a submission complete, comparable and honest enough to be assessed?

`validate` says everything at once, each finding with its field. Blocking findings return the draft; warnings stay
beside it. Which findings are in force, how serious each is, and the limits are the rubric's. They follow the minimum
rules of best-practice awards (Dubai International Award, GO SMART, URBACT) and the case-study template of Governance
International.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from services.core.practices import figures, links, sdgs
from services.core.practices.findings import Finding, Limits, Remark, in_force
from services.core.practices.rubric import Rubric
from services.core.practices.submission import Circumstances, Resemblance, Submission
from services.core.practices.words import new_share, pieces, said, weighed, word_count

TRANSLATED: Final = ("title", "summary", "actions")
"""What a translation needs, so that its reader knows what was done."""


def validate(submission: Submission, circumstances: Circumstances, rubric: Rubric) -> list[Finding]:
    """All findings on a submission at once, as the rubric has them in force.

    A malformed SDG target or link is a slip in a reference, not in the practice; it earns no points.
    """
    return list(in_force(_remarks(submission, circumstances, rubric), rubric.validation.severities))


def blocks(findings: Collection[Finding]) -> bool:
    """Whether the draft goes back to its author."""
    return any(finding.severity == "blocking" for finding in findings)


def same_language(one: str, other: str) -> bool:
    """Whether two BCP 47 tags name the same written language: region does not matter, script does where both name one."""
    (first, script), (second, other_script) = _written(one), _written(other)
    return first == second and (script == other_script or not script or not other_script)


def _remarks(submission: Submission, circumstances: Circumstances, rubric: Rubric) -> Iterator[Remark]:
    limits, counting = rubric.validation.limits, rubric.counting
    yield from _texts(submission, limits, counting)
    yield from _frame(submission, circumstances.themes)
    yield from figures.indicator_remarks(submission, circumstances.year, limits, counting)
    yield from _depth(submission, limits, counting)
    yield from figures.finance_remarks(submission.finance, circumstances.year)
    yield from _retelling(submission, limits)
    yield from _translations(submission, limits, counting)
    if "text-repeats" in rubric.validation.severities:
        yield from _repeating(submission, limits)
    yield from _links(submission)
    yield from _resembling(circumstances.resembling, limits)


_MISSING: Final = {
    "title": "Give the practice a title.",
    "summary": "Summarise the practice in at most 150 words.",
    "problem": "Describe the problem that the city wanted to solve.",
    "actions": "Describe what the city did.",
    "language": "Say in which language this is written (for example en or zh-Hant).",
}


def _texts(submission: Submission, limits: Limits, counting: int) -> Iterator[Remark]:
    for name, message in _MISSING.items():
        if not getattr(submission, name).strip():
            yield f"{name}-missing", f"/{name}", message
    words = weighed(word_count(submission.summary, counting), submission.language, counting)
    if words > limits.summary_words:
        text = f"The summary has {words} words; at most {limits.summary_words} are allowed."
        yield "summary-too-long", "/summary", text
    words = weighed(word_count(submission.title, counting), submission.language, counting)
    if words > limits.title_words:
        text = f"The title has {words} words. At most {limits.title_words} can be taken in at a glance."
        yield "title-too-long", "/title", text


def _frame(submission: Submission, call_themes: Collection[str]) -> Iterator[Remark]:
    if submission.theme not in call_themes:
        themes = ", ".join(sorted(call_themes))
        yield "theme-not-in-call", "/theme", f"This call invites practices on: {themes}."
    for index, theme in enumerate(submission.secondary_themes):
        if theme == submission.theme and theme:
            yield "theme-repeated", f"/secondary_themes/{index}", "This is the main theme already. Name another one, or none."
    if not submission.consent_to_publish:
        text = "Recognised practices are published; the city's consent to publish is needed."
        yield "consent-missing", "/consent_to_publish", text


def _depth(submission: Submission, limits: Limits, counting: int) -> Iterator[Remark]:
    names = [said(partner.name, counting) for partner in submission.partners]
    if len({*names} - {""}) < limits.partners:
        yield "few-partners", "/partners", f"Name at least {limits.partners} partners that took part."
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name and name in seen:
            yield "partner-repeated", f"/partners/{index}/name", "This partner is named twice. Name each once."
        seen.add(name)
    if not submission.sdg_targets:
        yield "no-sdg-target", "/sdg_targets", "Name the SDG targets that the practice serves, such as 11.6."
    for index, written in enumerate(submission.sdg_targets):
        sdg = written if counting == 1 else written.casefold()
        if not sdgs.FORM.fullmatch(sdg):
            yield "sdg-target-malformed", f"/sdg_targets/{index}", "An SDG target is written like 7.2 or 11.b."
        elif sdg not in sdgs.targets():
            text = f"There is no SDG target {sdg}. The 169 targets are listed at https://sdgs.un.org/goals."
            yield "sdg-target-unknown", f"/sdg_targets/{index}", text


def _retelling(submission: Submission, limits: Limits) -> Iterator[Remark]:
    if not submission.lessons.strip():
        yield "no-lessons", "/lessons", "Say what the city would do differently."
    if not submission.transfer_conditions.strip():
        yield "no-transfer-conditions", "/transfer_conditions", "Say what another city would need to do the same."
    if len(submission.obstacles) > limits.obstacles:
        text = f"Name the {limits.obstacles} obstacles that mattered most; {len(submission.obstacles)} are given."
        yield "too-many-obstacles", "/obstacles", text


LONG: Final = ("problem", "actions", "lessons", "transfer_conditions")
"""The texts that earn points by their length."""
LOOKED_AT: Final = 10_000
"""Characters of each that are looked at for repetitions."""


def _repeating(submission: Submission, limits: Limits) -> Iterator[Remark]:
    seen: dict[tuple[str, ...], str] = {}
    for name in LONG:
        told = tuple(pieces(getattr(submission, name)[:LOOKED_AT]))
        if len(told) < limits.long_words:
            continue
        if told in seen:
            yield "text-repeats", f"/{name}", f"The same text stands in /{seen[told]}. Say here what this field asks for."
        elif new_share(told) < limits.new_share:
            yield "text-repeats", f"/{name}", "Most of this text is said more than once. Say each thing once."
        seen.setdefault(told, name)


def _translations(submission: Submission, limits: Limits, counting: int) -> Iterator[Remark]:
    for locale, texts in submission.translations.items():
        at = f"/translations/{locale}"
        words = weighed(word_count(texts.get("summary", ""), counting), locale, counting)
        if words > limits.summary_words:
            text = f"The summary in {locale} has {words} words; at most {limits.summary_words} are allowed."
            yield "translated-summary-too-long", f"{at}/summary", text
        if same_language(locale, submission.language):
            yield (
                "translation-of-itself",
                at,
                f"The practice is written in {submission.language} already. Is one of the two languages wrong?",
            )
        if missing := [name for name in TRANSLATED if not texts.get(name, "").strip()]:
            yield "translation-incomplete", f"{at}/{missing[0]}", f"Still to be translated into {locale}: {', '.join(missing)}."


def _links(submission: Submission) -> Iterator[Remark]:
    for pointer, text in _written_texts(submission):
        for link, why in links.faults(text):
            yield "link-malformed", pointer, f"Readers cannot follow the link {_shown(link)}: it {why}."
    for index, item in enumerate(submission.evidence):
        if item.kind == "link" and (why := links.fault(item.url)):
            yield "link-malformed", f"/evidence/{index}/url", f"Readers cannot follow the link {_shown(item.url)}: it {why}."


def _written_texts(submission: Submission) -> Iterator[tuple[str, str]]:
    """All free texts, each with its pointer."""
    for name in ("title", "summary", "problem", "actions", "lessons", "transfer_conditions"):
        yield f"/{name}", getattr(submission, name)
    for name in ("co_benefits", "obstacles"):
        yield from ((f"/{name}/{index}", text) for index, text in enumerate(getattr(submission, name)))
    yield from ((f"/partners/{index}/name", partner.name) for index, partner in enumerate(submission.partners))
    yield from ((f"/indicators/{index}/method", indicator.method) for index, indicator in enumerate(submission.indicators))
    for index, source in enumerate(submission.finance.sources if submission.finance else ()):
        yield f"/finance/sources/{index}", source
    for locale, texts in submission.translations.items():
        yield from ((f"/translations/{locale}/{name}", text) for name, text in texts.items())


def _resembling(resembling: Collection[Resemblance], limits: Limits) -> Iterator[Remark]:
    for one in sorted(resembling, key=lambda each: (-each.share, each.relation, each.practice_id or "")):
        share = f"About {int(one.share * 100)} % of this text also stands in {_named(one)}"
        if one.relation == "same-call" and one.share >= limits.duplicate_share:
            text = f"{share}, which the city handed in to this call already. Change that one, or withdraw one of them."
            yield "duplicate-in-call", "/actions", text
        elif one.share >= limits.near_duplicate_share:
            text = f"{share}. {_SAY[one.relation]}"
            yield "near-duplicate", "/actions", text


_SAY: Final[Mapping[str, str]] = {
    "same-call": "The city handed it in to this call: say what differs here.",
    "own": "The city handed it in to another call: say what is new since.",
    "other": "If both cities did it together, name the other as a partner; else write in your own words.",
}


def _named(one: Resemblance) -> str:
    if one.practice_id is None and one.title is None:
        return "another city's practice that is not public"
    return " ".join(part for part in (one.title and f"“{_shown(one.title)}”", one.practice_id and f"(practice {one.practice_id})") if part)


def _shown(text: str, most: int = 80) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _written(tag: str) -> tuple[str, str]:
    """The language and the script ("" when not named) of a BCP 47 tag."""
    language, *rest = tag.strip().casefold().split("-")
    script = rest[0] if rest and len(rest[0]) == 4 and rest[0].isalpha() else ""  # noqa: PLR2004  a script's code has four letters
    return language, script
