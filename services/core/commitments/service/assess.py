"""Assessing a commitment: the worker's part."""

from uuid import UUID

import orjson

from services.core.commitments import queries
from services.core.commitments.events import CommitmentAssessed
from services.core.commitments.progress import assessment
from services.core.commitments.rules import Context
from services.core.commitments.targets import loads, plain, target_of
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Unit
from services.core.ledger.record import record


async def assess(session: Unit, commitment_id: UUID) -> None:
    """Compute findings and progress from what is stored now, and store them.

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
    context = Context(reporting_year=int(row["this_year"]), interim_target_years=tuple(row["interim_years"]))
    findings, progress = assessment(target_of(was), loads(row["reports"]), context)
    await queries.ASSESSED.one(
        connection, id=commitment_id, findings=orjson.dumps(findings).decode(), progress=orjson.dumps(progress).decode()
    )
    if was["assessed_at"] is None or plain(was["findings"]) != findings or plain(was["progress"]) != progress:
        record(
            session,
            SYSTEM,
            CommitmentAssessed(
                subject_id=commitment_id,
                jurisdiction_id=UUID(was["jurisdiction_id"]),
                before={"progress": plain(was["progress"]), "findings": [finding["rule"] for finding in was["findings"]]},
                after={"progress": progress, "findings": [finding["rule"] for finding in findings]},
            ),
        )
