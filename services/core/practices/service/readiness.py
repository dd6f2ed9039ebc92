"""What would be found if a working copy were handed in at this moment."""

import asyncio
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from services.core.kit.actor import Actor
from services.core.kit.errors import Problem, not_found
from services.core.kit.statements import Connection
from services.core.practices import assessment, queries, rubric, rules
from services.core.practices.assessment import Circumstances
from services.core.practices.content import plain, submission_of
from services.core.practices.states import PRACTICE


async def readiness(connection: Connection, actor: Actor, practice_id: UUID) -> bytes:
    """A `Readiness`; nothing is stored. 404 for a practice of somebody else, 409 ``conflict`` when it does not lie with its author.

    Near-duplicates are not looked for: they are found when it is handed in.
    """
    row = await queries.WORKING_COPY.one(connection, id=practice_id, **queries.seen_by(actor))
    if row is None:
        raise not_found()
    status: str = row["status"]
    if status not in rules.WRITABLE:
        extra = {"current_status": status, "allowed_actions": PRACTICE.allowed(status)}
        detail = f"This practice is {status}: it was handed in as it is. Read its assessment."
        raise Problem("conflict", detail, extra=extra)
    content = orjson.loads(row["content"]) | {"evidence": orjson.loads(row["evidence"])}
    circumstances = Circumstances(row["now"].astimezone(ZoneInfo(row["time_zone"])).year, tuple(row["themes"]))
    told = await asyncio.to_thread(_told, content, circumstances, row["rubric_version"])
    return orjson.dumps({"practice_id": practice_id, **told})


def _told(content: dict[str, Any], circumstances: Circumstances, rubric_version: str) -> dict[str, Any]:
    """The score without what only a stored one has; takes some milliseconds."""
    scored = assessment.assess(submission_of(content), circumstances, rubric.load(rubric_version))
    told = assessment.told(scored, circumstances)
    shown = {name: told[name] for name in ("rubric_version", "findings", "band", "total", "criteria")}
    return {"ready": not assessment.blocks(scored), **plain(shown)}
