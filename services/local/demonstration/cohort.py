"""Reads the demonstration's data: the founding cohort, the practices, the reviewers' opinions."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

FOLDER = Path(__file__).parent


@cache
def _read(name: str) -> Json:
    loaded: Json = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return loaded


def founding_cohort() -> Json:
    """Community, jurisdictions, commitments, progress reports and memberships, each fact with its sources."""
    return _read("cohort.json")


def practice_submissions() -> Json:
    """The call and the six submissions; `left_out_of_first_draft` names what the incomplete draft lacks."""
    return _read("practices.json")


def reviewers_opinions() -> Json:
    """For each practice: the reasons of those who decline, and the reviews of those who accept, in order."""
    return _read("reviews.json")


def community_for(today: date) -> tuple[Json, str | None]:
    """The community with a term that is running on `today`, and why another than the first term was taken.

    The sources contradict each other on the term (two or three years); a demonstration that is played later than
    both still needs active members, so the last of `other_terms` is illustrative and says so.
    """
    entry = founding_cohort()["community"]
    community: Json = dict(entry["community"])
    if today.isoformat() <= community["ends_on"]:
        return community, None
    for term in entry["other_terms"]:
        if today.isoformat() <= term["ends_on"]:
            return community | {"starts_on": term["starts_on"], "ends_on": term["ends_on"]}, str(term["reason"])
    return community, None


def plain_name(name: str) -> str:
    """A person's name without the label that marks the person as invented."""
    return name.removesuffix(" (illustrative)")
