"""Who may not review a practice, and why."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.core.reviews.affinity import PracticeIn, ReviewerIn

ASKED: Final = "asked already"
REFUSED: Final = "refused it"
CONFLICT: Final = "has a conflict of interest"
OWN: Final = "speaks for the author's jurisdiction"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A declared or detected conflict of interest: with one person, or with everyone who speaks for a jurisdiction."""

    practice_id: str
    person_id: str | None = None
    jurisdiction_id: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A pair that stays: asked, accepted, or done. It fills a place; `open` says whether it still lies on the desk."""

    practice_id: str
    person_id: str
    jurisdiction_id: str
    open: bool = True


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A practice with empty places, and why nobody was left."""

    practice_id: str
    places: int
    why: str


def barred(
    practice: PracticeIn,
    reviewers: Collection[ReviewerIn],
    conflicts: Iterable[Conflict],
    kept: Iterable[Kept],
    refused: Iterable[tuple[str, str]],
) -> dict[str, str]:
    """Person -> why they cannot review this practice. Whatever bars one role of a person bars the person."""
    found = {each.person_id: ASKED for each in kept if each.practice_id == practice.id}
    found |= {person_id: REFUSED for practice_id, person_id in refused if practice_id == practice.id}
    mine = [each for each in conflicts if each.practice_id == practice.id]
    people, places = {each.person_id for each in mine}, {each.jurisdiction_id for each in mine}
    for reviewer in reviewers:
        if reviewer.person_id in people or reviewer.jurisdiction_id in places:
            found[reviewer.person_id] = CONFLICT
    for reviewer in reviewers:
        if reviewer.jurisdiction_id == practice.jurisdiction_id or reviewer.person_id in practice.author_person_ids:
            found[reviewer.person_id] = OWN
    return found


def unfilled(practice_id: str, wanted: int, filled: int, persons: Collection[str], out: Mapping[str, str]) -> Unfilled:
    """Why a practice has empty places: what became of each of `persons`; who is neither out nor asked is at the load cap."""
    why = Counter(reason for person_id, reason in out.items() if person_id in persons)
    busy = len(persons) - sum(why.values()) - filled
    said = [f"{why[reason]} {reason}" for reason in (OWN, CONFLICT, REFUSED, ASKED) if why[reason]]
    said += [f"{busy} at the load cap"] if busy else []
    said += [f"{filled} newly asked"] if filled else []
    known = f"Of {len(persons)} reviewers: {', '.join(said)}." if said else "There are no reviewers."
    return Unfilled(practice_id, wanted - filled, f"{wanted - filled} of {wanted} open places stay empty. {known}")
