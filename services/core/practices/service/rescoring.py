"""Another version of the rubric over a whole call, as a job: it scores beside what stands, never over it.

Nothing follows from it: no practice changes its status, no letter goes out. What stands is the assessment under the rubric of
the call. A submission that was assessed under the other rubric before keeps that assessment.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from services.core.accounts import queries as accounts
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem, invalid
from services.core.kit.ids import new_id
from services.core.ledger import jobs
from services.core.ledger.record import record
from services.core.ledger.task import Lease
from services.core.practices import assessment, moved, queries, rubric
from services.core.practices.assessment import Circumstances
from services.core.practices.content import plain, submission_of
from services.core.practices.events import CallRescored
from services.core.practices.models import Assessment
from services.core.practices.queries import Assessed
from services.core.practices.schemas import RescoringCreate
from services.core.practices.service.calls import must_run

_QUEUE, _HANDLER = "rescoring", "rescoring.part"
PART = 200
"""Practices that are assessed in one transaction."""


async def rescore(session: Session, actor: Actor, call_id: UUID, given: RescoringCreate) -> UUID:
    """Start to assess all practices of a call under another rubric; the id of the job. Those of one call run one after another.

    Each practice is taken with its newest submission that was assessed when the job began. 422 for the call's own rubric.
    """
    call = await queries.load_call(session, call_id)
    must_run(actor, call.community_id, hidden=call.status == "draft")
    if given.rubric_version == call.rubric_version:
        raise invalid("/rubric_version", "This call is scored by this rubric already; name another one.")
    submissions = await queries.newest_assessed(session, call_id)
    job_id = new_id()
    params = {
        "call_id": str(call_id),
        "community_id": str(call.community_id),
        "title": call.title,
        "rubric_version": given.rubric_version,
        "against": call.rubric_version,
        "reason": given.reason,
        "actor": accounts.starter(actor),
    }
    plan = jobs.Plan(
        id=job_id,
        kind=queries.RESCORING,
        lane=f"rescoring:{call_id}",
        queue=_QUEUE,
        handler=_HANDLER,
        total=len(submissions),
        result_url=f"/v1/rescorings/{job_id}",
        params=params,
    )
    parts = [submissions[start : start + PART] for start in range(0, len(submissions), PART)] or [[]]  # the job of an empty call ends too
    await jobs.start(session, actor, plan, [orjson.dumps(plain(part)) for part in parts])
    return job_id


async def rescore_part(session: Session, lease: Lease) -> None:
    """Assess the practices of the next part; the last one ends the job."""
    part = await jobs.take(session, lease)
    if part is None:
        return
    actor = await accounts.actor_now(session, **part.params["actor"])
    if not actor.may_for("calls:write", community=UUID(part.params["community_id"])):
        refused = Problem("forbidden", "Who started this may not do it any more.")
        await jobs.end(session, part, outcome=part.outcome, problem=refused)
        return
    submissions = [(UUID(practice_id), number) for practice_id, number in orjson.loads(part.content)]
    told, kept = await _assess(session, part, submissions)
    counts = moved.added(part.outcome, moved.counts(told, kept=kept))
    await jobs.keep(session, part, results=orjson.dumps(told), done=len(submissions), outcome=counts)
    if part.is_last:
        record(session, actor, _event(part, counts))
        await jobs.end(session, part, outcome=counts)
    else:
        await jobs.follow(session, part, outcome=counts, here=False)


def report(found: queries.Rescoring) -> bytes:
    """A `Rescoring` out of what came of the parts of a job."""
    entries: list[dict[str, Any]] = [entry for part in found.parts for entry in orjson.loads(part)]
    head = {name: found.params[name] for name in ("call_id", "rubric_version", "against", "reason")}
    body = {"counts": moved.added(found.counts, {}), "bands": moved.bands(entries), "moved": moved.moved(entries)}
    return orjson.dumps(head | body)


@dataclass(frozen=True, slots=True)
class MovedFacts:
    """All that a picture of a rescoring says; equal facts are an equal picture.

    ``bands``: each band's code with the least total under both rubrics; ``lines``: each practice's title with its total before and after.
    """

    job_id: UUID
    title: str
    rubric_version: str
    against: str
    returned: int
    bands: tuple[tuple[str, Decimal, Decimal], ...]
    lines: tuple[tuple[str, Decimal, Decimal], ...]


def moved_facts(job_id: UUID, found: queries.Rescoring) -> MovedFacts:
    """What a picture of it says."""
    entries: list[dict[str, Any]] = [entry for part in found.parts for entry in orjson.loads(part)]
    own, other = (rubric.load(found.params[name]).bands for name in ("against", "rubric_version"))
    totals = [(entry["title"], *(Decimal(str(entry[side]["total"])) for side in ("before", "after"))) for entry in entries]
    return MovedFacts(
        job_id=job_id,
        title=found.params["title"],
        rubric_version=found.params["rubric_version"],
        against=found.params["against"],
        returned=moved.added(found.counts, {})["returned_would_be"],
        bands=tuple((one.code, one.total_at_least, two.total_at_least) for one, two in zip(own, other, strict=True)),
        lines=tuple((title, before, after) for title, before, after in totals),
    )


async def _assess(session: Session, part: jobs.Part, submissions: Sequence[tuple[UUID, int]]) -> tuple[list[dict[str, Any]], int]:
    """What is told of each practice of a part, and how many had an assessment under this rubric before."""
    version: str = part.params["rubric_version"]
    found = await queries.assessed(session, version, submissions) if submissions else []
    members = await asyncio.to_thread(_members, [each for each in found if each.known is None], version)
    fresh = {
        each.practice_id: Assessment(
            id=new_id(), practice_id=each.practice_id, number=each.number, job_id=part.job_id, **members[each.practice_id]
        )
        for each in found
        if each.known is None
    }
    session.add_all(fresh.values())
    return [_compared(each, each.known or fresh[each.practice_id]) for each in found], len(found) - len(fresh)


def _members(found: Sequence[Assessed], rubric_version: str) -> dict[UUID, dict[str, Any]]:
    """The members of new assessments, by practice; takes some milliseconds for each."""
    rules = rubric.load(rubric_version)
    made = {}
    for each in found:
        circumstances = _circumstances(each)
        made[each.practice_id] = assessment.told(assessment.assess(submission_of(each.content), circumstances, rules), circumstances)
    return made


def _circumstances(found: Assessed) -> Circumstances:
    """Those in which the assessment that stands was made, so that only the rubric differs."""
    if found.inputs is not None:
        return assessment.circumstances_of(found.inputs)
    # It is older than that column: then it was the year of handing in and the call's themes, and nobody looked for resemblances.
    return Circumstances(found.submitted_at.astimezone(ZoneInfo(found.time_zone)).year, tuple(found.themes))


def _compared(found: Assessed, other: Assessment) -> dict[str, Any]:
    practice = {
        "practice_id": found.practice_id,
        "number": found.number,
        "title": found.content["title"],
        "jurisdiction_id": found.jurisdiction_id,
    }
    before = moved.score_of(found.total, found.band, found.criteria, found.findings)
    after = moved.score_of(other.total, other.band, other.criteria, other.findings)
    return moved.compared(practice, before, after)


def _event(part: jobs.Part, counts: dict[str, int]) -> CallRescored:
    return CallRescored(
        subject_id=UUID(part.params["call_id"]),
        community_id=UUID(part.params["community_id"]),
        reason=part.params["reason"],
        job_id=part.job_id,
        rubric_version=part.params["rubric_version"],
        practices=counts["practices"],
        moved=counts["moved"],
    )
