"""What an author does with a practice: hand it in, or take it back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.core.communities import queries as communities
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.versions import check_version
from services.core.ledger.record import record
from services.core.practices import queries, rules
from services.core.practices.content import FIELDS, plain, submission_of
from services.core.practices.events import PracticeSubmitted, PracticeWithdrawn
from services.core.practices.models import Practice, PracticeSketch, PracticeVersion
from services.core.practices.queries import HandingIn
from services.core.practices.similarity import keys, sketches
from services.core.practices.states import PRACTICE


async def submit(session: Session, actor: Actor, practice_id: UUID, *, reason: str | None = None, version: int | None = None) -> None:
    """Hand the practice in: what it says is frozen as its next version, and the worker assesses that.

    Asked in this order: does the state allow it (409 ``invalid-transition``), does the call take it (``call-not-open``,
    see `rules.may_hand_in`), is the jurisdiction an active member of the call's community (``membership-not-active``), has it
    handed in as many as the call takes (``practice-cap``). What comes after the call's soft closing is marked as late.
    """
    found = await queries.handing_in(session, actor, practice_id)
    row = found.practice
    check_version(row.version, version)
    before, after = row.status, PRACTICE.next(row.status, "submit")
    if not rules.may_hand_in(row.status, found.call_status, found.opens_at, found.closes_at, found.now):
        window = f"from {found.opens_at.isoformat()} until {found.closes_at.isoformat()}"
        raise Problem("call-not-open", f"This call is {found.call_status}; it takes drafts {window}.")
    if await communities.active_membership(session, found.community_id, row.jurisdiction_id) is None:
        raise Problem("membership-not-active", "The jurisdiction is no active member of the community that calls.")
    await _must_be_within_cap(session, found)
    is_late = rules.comes_late(row.status, found.soft_closes_at, found.now)
    row.status, row.submission, row.submitted_at = after, row.submission + 1, found.now
    content = {name: plain(getattr(row, name)) for name in FIELDS}
    content["evidence"] = await queries.evidence_to_freeze(session, row.id)
    session.add(PracticeVersion(practice_id=row.id, number=row.submission, content=content, is_late=is_late, submitted_at=found.now))
    await _sketch(session, row, content)
    event = PracticeSubmitted(
        subject_id=row.id,
        jurisdiction_id=row.jurisdiction_id,
        community_id=found.community_id,
        call_id=row.call_id,
        number=row.submission,
        late=is_late,
        reason=reason,
        before={"status": before},
        after={"status": after},
    )
    record(session, actor, event)


async def _sketch(session: Session, row: Practice, content: Mapping[str, Any]) -> None:
    """Keep what the texts are recognised by, one row for each language, so that later near-duplicates are found."""
    await session.flush()  # a sketch refers to its version, which must be there first
    for locale, sketch in sketches(submission_of(content)).items():
        session.add(PracticeSketch(practice_id=row.id, number=row.submission, locale=locale, keys=keys(sketch), sketch=list(sketch)))


async def _must_be_within_cap(session: Session, found: HandingIn) -> None:
    """A practice that was handed in before is none more; else the jurisdiction may have reached the call's cap."""
    cap = found.cap
    if cap is not None and found.practice.submission == 0 and await queries.handed_in(session, found) >= cap:
        already = "a practice" if cap == 1 else f"{cap} practices"
        raise Problem("practice-cap", f"Your jurisdiction has handed in {already} to this call, which takes no more from each.")


async def withdraw(session: Session, actor: Actor, practice_id: UUID, *, reason: str | None = None, version: int | None = None) -> None:
    """Take the practice back, for good; until its decision is released."""
    found = await queries.handing_in(session, actor, practice_id)
    row = found.practice
    check_version(row.version, version)
    before, row.status = row.status, PRACTICE.next(row.status, "withdraw")
    event = PracticeWithdrawn(
        subject_id=row.id,
        jurisdiction_id=row.jurisdiction_id,
        community_id=found.community_id,
        call_id=row.call_id,
        reason=reason,
        before={"status": before},
        after={"status": row.status},
    )
    record(session, actor, event)
