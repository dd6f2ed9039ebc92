"""Deciding: what the reviews of a practice add up to, stored once, published at the next tick."""

from decimal import Decimal
from uuid import UUID

from services.core.kit import settings as configuration
from services.core.kit.actor import SYSTEM, Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem, not_found
from services.core.ledger.record import record, schedule
from services.core.ledger.task import Task
from services.core.practices import service as practices
from services.core.reviews import queries, rules
from services.core.reviews.deadlines import next_tick
from services.core.reviews.events import DecisionMade, DecisionNeeded
from services.core.reviews.models import Decision
from services.core.reviews.queries import Standing
from services.core.reviews.schemas import DecisionCreate
from services.core.reviews.service.closing import call_off_open


async def consider(session: Session, practice_id: UUID, *, past_review_due: bool = False) -> None:
    """Decide a practice when its reviews are there, or ask people to when they do not decide.

    Takes the practice's lock; does nothing when it is too early, or when all has been decided.
    """
    standing = await queries.lock_standing(session, practice_id)
    if not standing.is_reviewed:
        return
    reviews = await queries.counted(session, standing)
    outcome = rules.decide(
        [each.final for each in reviews],
        standing.quorum,
        rules.Thresholds(standing.thresholds["recognised"], standing.thresholds["commended"]),
        standing.asked.get("accepted", 0),
        past_review_due=past_review_due,
    )
    if outcome is None:
        return
    await call_off_open(session, SYSTEM, practice_id, outcome.reason)
    if isinstance(outcome, rules.NeedsDecision):
        await practices.flag_needs_decision(session, practice_id, value=True)
        needed = DecisionNeeded(subject_id=practice_id, call_id=standing.call_id, round=standing.round, reason=outcome.reason)
        record(session, SYSTEM, needed)
        return
    _store(session, SYSTEM, standing, outcome.verdict, outcome.reason, outcome.score)


async def decide(session: Session, actor: Actor, practice_id: UUID, given: DecisionCreate) -> int:
    """What secretariat or chair decide where the reviews do not; the round that they decided. 409 where nobody asked them."""
    standing = await queries.lock_standing(session, practice_id)
    if not actor.may_for("practices:decide", community=standing.community_id):
        raise not_found()  # what is under review elsewhere is not theirs to see
    if standing.decided or not standing.needs_decision or standing.status != "in_review":
        raise Problem("conflict", "The reviews decide this practice; people decide only where `needs_decision` is true.")
    totals = [each.final.total for each in await queries.counted(session, standing)]
    score = (sum(totals, Decimal(0)) / len(totals)).quantize(rules.SHOWN) if totals else None
    await call_off_open(session, actor, practice_id, given.reason)
    await practices.flag_needs_decision(session, practice_id, value=False)
    _store(session, actor, standing, given.outcome, given.reason, score)
    await session.flush()
    return standing.round


def _store(session: Session, actor: Actor, standing: Standing, outcome: str, reason: str, score: Decimal | None) -> None:
    decided_by = actor.principal
    row = Decision(
        practice_id=standing.practice_id, round=standing.round, outcome=outcome, score=score, reason=reason, decided_by=decided_by
    )
    session.add(row)
    made = DecisionMade(
        subject_id=standing.practice_id, call_id=standing.call_id, round=standing.round, after={"outcome": outcome}, reason=reason
    )
    record(session, actor, made)
    if standing.release == "each" or standing.call_status == "decided":
        release_later(session, standing)


def release_later(session: Session, standing: Standing) -> None:
    """Publish a decision at the next tick."""
    task = Task(
        queue="reviews",
        handler="reviews.release",
        dedupe_key=f"release:{standing.practice_id}:{standing.round}",
        payload={"practice_id": standing.practice_id, "round": standing.round},
        due_at=next_tick(standing.now, configuration.settings().release_tick_s),
    )
    schedule(session, task)
