"""Tells the play as a short readable story, and ends with the line that says that all went well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table

from services.local.demonstration.cohort import Json
from services.local.demonstration.committing import told
from services.local.demonstration.reviewing import criteria, reason_text
from services.local.demonstration.told import Reviewed, Story, Submission

COLOURS = {"recognised": "green", "commended": "cyan", "declined": "red", "revise": "yellow"}
MOST_REASONS = 3
LABEL_WIDTH = 14
TITLE_WIDTH = 30
_POINTS = re.compile(r"([\d.]+) of ([\d.]+) points")

Lines = Iterator[tuple[str, str]]
"""Labels and what stands beside them."""


def tell(story: Story, console: Console, *, pictures: Path) -> None:
    """Print the whole story; the last line is `demo: ok` with the counts. ``pictures``: where those of the commitments are."""
    _opening(story, console)
    for sub in story.submissions:
        _submission(sub, console)
    _overview(story, console)
    console.print(f"The paths of the commitments are drawn in {pictures}.", soft_wrap=True, highlight=False, markup=False)
    numbers = " ".join(f"{name}={number}" for name, number in story.counts.items())
    console.print(f"[bold green]demo: ok[/] {numbers} seconds={story.seconds:.1f}", soft_wrap=True, highlight=False)


def _opening(story: Story, console: Console) -> None:
    facts = [
        f"{story.cities} jurisdictions are known, {story.active} memberships are active; Kaohsiung holds the chair.",
        "Places, identifiers, targets and the named measures are public facts with their sources in cohort.json and",
        "practices.json. People, reviews and most standings are illustrative.",
    ]
    if story.term_note:
        facts.append(f"Term: {story.term_note}")
    facts += told(story.commitments)
    console.print(Panel(escape("\n".join(facts)), title=escape(story.community), border_style="blue"))


def _submission(sub: Submission, console: Console) -> None:
    colour = COLOURS.get(sub.status, "white")
    total = f", reviewers' total {sub.total:.1f} of 100" if sub.total is not None else ""
    console.print()
    console.print(f"[bold]{escape(sub.title)}[/] ({escape(sub.city_name)}): [{colour}]{sub.status}[/]{total}", highlight=False)
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim", width=LABEL_WIDTH)
    lines.add_column(overflow="fold")
    for label, text in [*_returned(sub), *_assessment(sub), *chain.from_iterable(map(_answer, sub.answers)), *_outcome(sub)]:
        lines.add_row(escape(label), escape(text))
    console.print(Padding(lines, (0, 0, 0, 2)), highlight=False)


def _returned(sub: Submission) -> Lines:
    if not sub.returned:
        return
    yield "returned first", f"{len(sub.returned)} things stood in the way, all told at once:"
    for finding in sub.returned:
        yield "", f"{finding.get('pointer', '')}  {finding.get('message', '')}"
    summary = sub.repair.get("summary", {})
    members = sorted({change["pointer"].split("/")[1] for change in sub.repair.get("changes", ())})
    yield "repaired", f"version 2: {', '.join(f'{number} {what}' for what, number in summary.items() if number)} ({', '.join(members)})"
    for each in sub.evidence:
        yield "evidence", f"{each['title']}: {_lies(each)}"


def _lies(evidence: Json) -> str:
    """What evidence is: its address, or the file as it was recognised."""
    return str(evidence["url"]) if evidence["kind"] == "link" else f"{evidence['name']}, {evidence['media_type']}, {evidence['size']} bytes"


def _assessment(sub: Submission) -> Lines:
    """The machine's score. Of the practice that came back every reason; of the others those of the weakest criterion, which help most."""
    assessment = sub.assessment
    scored = assessment.get("criteria") or []
    if not scored:
        return
    yield "scored", f"{assessment.get('total')} of 100, band {assessment.get('band')}, rubric {assessment.get('rubric_version')}"
    if sub.returned:
        for criterion in scored:
            yield "", f"{criterion['code']} {criterion['points']:g}/{criterion['max']:g}, {criterion['weight']:g} % of the total"
            yield from (("", f"  {reason_text(reason)}") for reason in criterion.get("reasons") or [])
        return
    yield "", ", ".join(f"{c['code']} {c['points']:g}/{c['max']:g}" for c in scored)
    weakest = min(scored, key=lambda c: c["points"] / c["max"])
    if lost := [text for text in map(reason_text, weakest.get("reasons") or []) if _lost_points(text)]:
        yield "", f"weakest, {weakest['code']}: {'; '.join(lost[:MOST_REASONS])}"


def _answer(answer: Reviewed) -> Lines:
    who = f"{answer.reviewer}, {answer.city}"
    why = " ".join(answer.reasons[:MOST_REASONS])
    if answer.declined is not None:
        yield "declined", f"{who}: “{answer.declined}” An alternate was asked."
        return
    scores = {s["criterion"]: s["value"] for s in answer.opinion["scores"]}
    values = ", ".join(f"{code} {scores[code]:g}" for code in criteria())
    yield "reviewed by", f"{who}. {why}"
    yield "", f"{answer.opinion['recommendation']} ({values}): “{_first_sentence(answer.opinion['comments_to_author'])}”"


def _lost_points(reason: str) -> bool:
    points = _POINTS.match(reason)
    return points is not None and points[1] != points[2]


def _first_sentence(text: str) -> str:
    first, stop, _ = text.partition(". ")
    return first + stop.strip()


def _outcome(sub: Submission) -> Lines:
    if sub.recognition:
        recognition: Json = sub.recognition
        checked = "verified by a stranger" if sub.verified.get("valid") else "not verified"
        yield "credential", f"{recognition['level']}, code {recognition['code']} ({checked}) {recognition.get('verify_url', '')}"
    people = sorted({address for letter in sub.letters for address in letter.to})
    if sub.letters:
        yield "letters", f"“{sub.letters[0].subject}” to {', '.join(people)}"


def _overview(story: Story, console: Console) -> None:
    table = Table(title="What came of it", title_justify="left", box=None, pad_edge=False)
    table.add_column("practice", no_wrap=True, overflow="ellipsis", max_width=TITLE_WIDTH)
    for column in ("city", "status", "total", "code"):
        table.add_column(column, no_wrap=True)
    for sub in story.submissions:
        total = f"{sub.total:.1f}" if sub.total is not None else "-"
        colour = COLOURS.get(sub.status, "white")
        row = escape(sub.title), escape(sub.city_name), f"[{colour}]{sub.status}[/]", total, str(sub.recognition.get("code", "-"))
        table.add_row(*row)
    console.print()
    console.print(table)
    console.print(f"{story.letters} letters went out; the mailbox of the stack (`comphub up`) keeps and shows them.")
