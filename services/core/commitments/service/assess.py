"""Assessing a commitment: the worker's part."""

from uuid import UUID

import asyncpg
import orjson

from services.core.commitments import queries, rulebook
from services.core.commitments.assessment import assessed
from services.core.commitments.events import CommitmentAssessed
from services.core.commitments.rules import Context, Target
from services.core.commitments.service.band import schedule_band
from services.core.commitments.targets import inventories, loads, measures_of, plain, target_of
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Unit
from services.core.ledger.record import record, schedule
from services.core.ledger.task import Task

_QUEUE, _HANDLER = "commitments", "commitments.assess"
_MOST_AT_ONCE = 1_000


async def assess(session: Unit, commitment_id: UUID) -> None:
    """Compute findings, promise, progress and sufficiency from what is stored now, and store them.

    May run as often as it likes, and in any order: each run holds the commitment and then reads all that is committed. Only a
    different result is an event; ``assessed_at`` always tells when it was last looked at.
    """
    connection = await session.driver()
    if await queries.HELD.one(connection, id=commitment_id) is None:
        return
    row = await queries.ASSESSABLE.one(connection, id=commitment_id)
    if row is None:
        return
    was = loads(row["body"])
    jurisdiction_id = UUID(was["jurisdiction_id"])
    target = target_of(was)
    found = assessed(target, context_of(target, row))
    await queries.ASSESSED.one(
        connection,
        id=commitment_id,
        rulebook=found.rulebook,
        **{name: orjson.dumps(getattr(found, name)).decode() for name in ("findings", "promise", "progress", "sufficiency")},
    )
    await _look_again(session, commitment_id, jurisdiction_id, row["assessments"])
    schedule_band(session, jurisdiction_id)
    if was["assessed_at"] is None or plain(was["findings"]) != found.findings or plain(was["progress"]) != found.progress:
        record(
            session,
            SYSTEM,
            CommitmentAssessed(
                subject_id=commitment_id,
                jurisdiction_id=jurisdiction_id,
                before={"progress": plain(was["progress"]), "findings": [finding["rule"] for finding in was["findings"]]},
                after={"progress": found.progress, "findings": [finding["rule"] for finding in found.findings]},
            ),
        )


async def _look_again(session: Unit, commitment_id: UUID, jurisdiction_id: UUID, assessments: int) -> None:
    """Have those later targets assessed again for which this one has become the step to them, or may be no longer."""
    interim_by = rulebook.current().thresholds.interim_by
    for goal in await queries.LOOK_AGAIN.all(await session.driver(), id=commitment_id, interim_by=interim_by):
        _want(session, goal["id"], jurisdiction_id, f"{commitment_id}:{assessments}")


async def assess_outdated(session: Unit) -> int:
    """Have those assessed again whose assessment is of another year, of other rules, or older than what it knew of its jurisdiction.

    At most `_MOST_AT_ONCE` at once; how many. Safe to run in several processes at once: one is asked for only once.
    """
    version = rulebook.current().version
    outdated = await queries.OUTDATED.all(await session.driver(), rulebook=version, limit=_MOST_AT_ONCE)
    for each in outdated:
        _want(session, each["id"], each["jurisdiction_id"], f"again:{each['assessments']}")
    return len(outdated)


def _want(session: Unit, commitment_id: UUID, jurisdiction_id: UUID, why: str) -> None:
    key = f"{_HANDLER}:{commitment_id}:{why}"
    task = Task(queue=_QUEUE, handler=_HANDLER, dedupe_key=key, payload={"id": commitment_id}, jurisdiction_id=jurisdiction_id)
    schedule(session, task)


def context_of(target: Target, row: asyncpg.Record) -> Context:
    """What surrounds ``target``, out of a row of `queries.ASSESSABLE` or `queries.TRAJECTORY`."""
    return Context(
        reporting_year=int(row["this_year"]),
        interim_target_years=tuple(row["step_years"]),
        later_target_years=tuple(row["later_years"]),
        country=row["country"],
        population=row["population"],
        joined_on=row["joined_on"],
        inventories=tuple(inventories(loads(row["reports"]), target)),
        measures=measures_of(loads(row["body"])),
    )
