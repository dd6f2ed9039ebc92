"""Assigning reviewers over a call: one optimal plan for all practices that are short of reviewers."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.ids import new_id
from services.core.ledger.record import record
from services.core.practices import service as practices
from services.core.reviews import assignment, queries
from services.core.reviews.assignment import Pair
from services.core.reviews.conflicts import Kept
from services.core.reviews.deadlines import answer_due
from services.core.reviews.events import AssignmentMade
from services.core.reviews.models import Alternate, AssignmentRun, ReviewRequest
from services.core.reviews.queries import CallToAssign, ToReview
from services.core.reviews.service.asking import ask, wait_for_reviews

ALTERNATES = 10
"""How many stand by for each practice."""
RUNNING = ("open", "closed", "reviewing")
_SEEDS = 2**31


async def assign(session: Session, actor: Actor, call_id: UUID) -> UUID | None:
    """Fill the free places of all practices of a call; what was asked and not refused stays.

    Answers the id of the run, or None when there is nothing to fill. A practice whose assignment starts is in review from
    then on, whether its places were filled or not.
    """
    call = await queries.lock_call(session, call_id)
    if call.status not in RUNNING or call.now >= call.review_due_at:
        return None
    await queries.lock_practices(session, call.id)
    short = await queries.short_of_reviewers(session, call)
    if not short:
        return None
    plan = await _plan(session, call, short)
    run = AssignmentRun(
        id=new_id(),
        call_id=call.id,
        inputs_hash=plan.run.inputs_hash,
        seed=plan.run.seed,
        objective=Decimal(str(plan.run.objective)),
        solver=plan.run.solver,
        unfilled=[{"practice_id": each.practice_id, "why": each.why} for each in plan.run.unfilled],
    )
    session.add(run)
    await session.flush()
    await _carry_out(session, actor, call, short, plan, run.id)
    record(session, actor, AssignmentMade(subject_id=call.id, community_id=call.community_id, run_id=run.id))
    return run.id


async def _plan(session: Session, call: CallToAssign, short: Sequence[ToReview]) -> assignment.Assignment:
    asked = await queries.asked(session, call.id)
    kept = [
        Kept(str(each.practice_id), str(each.person_id), str(each.jurisdiction_id), open=each.status in queries.OPEN)
        for each in asked
        if each.is_current and each.status in queries.LIVE
    ]
    refused = [
        (str(each.practice_id), str(each.person_id))
        for each in asked
        if each.status in queries.REFUSED or (each.is_current and each.status == "cancelled")
    ]
    return await asyncio.to_thread(
        assignment.assign,
        [each.practice for each in short],
        await queries.reviewers(session, call.community_id),
        await queries.load_elsewhere(session, call.id),
        [],
        per_practice=call.reviewers_per_practice,
        max_load=call.max_load,
        seed=call.id.int % _SEEDS,
        kept=kept,
        refused=refused,
        alternates=ALTERNATES,
    )


async def _carry_out(
    session: Session, actor: Actor, call: CallToAssign, short: Sequence[ToReview], plan: assignment.Assignment, run_id: UUID
) -> None:
    """Write the requests and who stands by, and begin the review of what was not in review yet."""
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for pair in plan.pairs:
        pairs[pair.practice_id].append(pair)
    zones = await queries.time_zones(session, [UUID(pair.reviewer_id) for pair in plan.pairs])
    await queries.forget_alternates(session, [UUID(each.practice.id) for each in short])
    for each in short:
        practice_id = UUID(each.practice.id)
        chosen = sorted(pairs[each.practice.id], key=lambda pair: -pair.score)
        at_once = max(0, call.max_open_invitations - each.open)
        for pair in chosen[:at_once]:
            ask(session, actor, _request(call, each, pair, run_id, zones))
        standing_by = (*chosen[at_once:], *plan.alternates.get(each.practice.id, ()))
        for rank, pair in enumerate(standing_by, start=1):
            session.add(_alternate(practice_id, pair, run_id, rank))
        if each.status == "assessed":
            await practices.begin_review(session, actor, practice_id)
            wait_for_reviews(session, practice_id, each.round, call.review_due_at)


def _request(call: CallToAssign, practice: ToReview, pair: Pair, run_id: UUID, zones: Mapping[UUID, str]) -> ReviewRequest:
    representative_id = UUID(pair.reviewer_id)
    return ReviewRequest(
        id=new_id(),
        practice_id=UUID(pair.practice_id),
        call_id=call.id,
        run_id=run_id,
        round=practice.round,
        person_id=UUID(pair.person_id),
        representative_id=representative_id,
        jurisdiction_id=UUID(pair.jurisdiction_id),
        status="pending",
        answer_due_at=answer_due(call.answer_due_at, call.review_due_at, call.now),
        review_due_at=call.review_due_at,
        time_zone=zones[representative_id],
        **_why(pair),
    )


def _alternate(practice_id: UUID, pair: Pair, run_id: UUID, rank: int) -> Alternate:
    return Alternate(practice_id=practice_id, representative_id=UUID(pair.reviewer_id), run_id=run_id, rank=rank, **_why(pair))


def _why(pair: Pair) -> dict[str, Any]:
    """Why this pair, as both tables keep it."""
    return {
        "score": Decimal(str(pair.score)),
        "parts": {name: round(value, 4) for name, value in asdict(pair.parts).items()},
        "reasons": list(pair.reasons),
        "constraints": list(pair.constraints),
    }
