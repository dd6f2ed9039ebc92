"""The machine's assessment of submissions: each validated and scored under its call's rubric, once."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.kit.ids import new_id
from services.core.ledger.record import record
from services.core.practices import assessment, queries, rubric
from services.core.practices.assessment import Circumstances, Relation, Resemblance
from services.core.practices.content import submission_of
from services.core.practices.events import PracticeAssessed, PracticeReturned
from services.core.practices.queries import Candidate, ToAssess
from services.core.practices.similarity import NEAR, share
from services.core.practices.states import PRACTICE

_MOST_TOLD = 5
_ORDER: tuple[Relation, ...] = ("same-call", "own", "other")


async def assess(session: Session, submissions: Sequence[tuple[UUID, int]]) -> None:
    """Assess ``submissions`` (practice, number) together; what was assessed, replaced or withdrawn meanwhile is left alone.

    Blocking findings return a practice to its author, with everything that was found; else it is assessed.
    """
    waiting = await queries.to_assess(session, submissions)
    if not waiting:
        return
    resembling = await _resembling(session, waiting)
    kept, statuses = [], {}
    for each in waiting:
        year = each.submitted_at.astimezone(ZoneInfo(each.time_zone)).year
        circumstances = Circumstances(year, tuple(each.themes), resembling.get(each.practice_id, ()))
        assessed = assessment.assess(submission_of(each.content), circumstances, rubric.load(each.rubric_version))
        told = assessment.told(assessed, circumstances)
        kept.append({"id": new_id(), "practice_id": each.practice_id, "number": each.number, **told})
        statuses[each.practice_id] = _go(session, each, is_blocked=assessment.blocks(assessed))
    await queries.keep_assessments(session, kept)
    await queries.move(session, statuses)


def _go(session: Session, found: ToAssess, *, is_blocked: bool) -> str:
    after = PRACTICE.next(found.status, "return" if is_blocked else "assess")
    event = (PracticeReturned if is_blocked else PracticeAssessed)(
        subject_id=found.practice_id,
        jurisdiction_id=found.jurisdiction_id,
        community_id=found.community_id,
        call_id=found.call_id,
        number=found.number,
        before={"status": found.status},
        after={"status": after},
    )
    record(session, SYSTEM, event)
    return after


async def _resembling(session: Session, waiting: Sequence[ToAssess]) -> dict[UUID, tuple[Resemblance, ...]]:
    """What each practice stands in: the same call's first, then most of it; of each other practice the language with most of it."""
    found: dict[UUID, dict[UUID, Resemblance]] = {}
    for candidate in await queries.resembling_candidates(session, [(each.practice_id, each.number) for each in waiting]):
        common = share(candidate.sketch, candidate.other_sketch)
        others = found.setdefault(candidate.practice_id, {})
        known = others.get(candidate.other_id)
        if common >= NEAR and (known is None or known.share < common):
            others[candidate.other_id] = _resemblance(candidate, common)
    return {practice_id: tuple(sorted(others.values(), key=_rank)[:_MOST_TOLD]) for practice_id, others in found.items()}


def _resemblance(candidate: Candidate, common: Decimal) -> Resemblance:
    """The author is told the name of what they may read: their own jurisdiction's practices, and published ones."""
    relation: Relation = "same-call" if candidate.is_same_call else "own" if candidate.is_own else "other"
    if candidate.is_own or candidate.is_published:
        return Resemblance(relation, common, str(candidate.other_id), candidate.title)
    return Resemblance(relation, common)


def _rank(resemblance: Resemblance) -> tuple[int, Decimal, str]:
    return _ORDER.index(resemblance.relation), -resemblance.share, resemblance.practice_id or ""
