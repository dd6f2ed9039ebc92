"""The authors' side of the play: a call is opened, drafts are written, submitted, returned, repaired, assessed."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from services.local.demonstration.api import Api
from services.local.demonstration.cohort import Json, practice_submissions, reviewers_opinions
from services.local.demonstration.proving import prove
from services.local.demonstration.seed import Seeded
from services.local.demonstration.told import DECIDED, Submission
from services.local.demonstration.waiting import until

ASSESSED = ("assessed", "in_review", *DECIDED)
NOTICEABLE = timedelta(hours=1)


class Unexpected(Exception):
    """The services did something else than the play's script expects; the message says what."""


def window(now: datetime) -> Json:
    """The call's times around `now`: open since yesterday, deadlines days ahead."""
    days = {"opens_at": -1, "closes_at": 10, "answer_due_at": 14, "review_due_at": 21}
    return {name: (now + timedelta(days=n)).strftime("%Y-%m-%dT%H:%M:%SZ") for name, n in days.items()}


async def open_call(api: Api, seeded: Seeded) -> Json:
    """Create a call of its own for this play, and open it.

    `comphub clock` moves the domain's time away from the machine's; the new call's own `created_at`, where the API
    shows it, tells the domain's time, and the window then moves along.
    """
    wanted: Json = practice_submissions()["call"]
    now = await api.server_time()
    call = await api.post(f"/v1/communities/{seeded.community_id}/calls", {**wanted, **window(now)})
    if made := call.get("created_at"):
        domain_now = datetime.fromisoformat(made)
        if abs(domain_now - now) > NOTICEABLE:
            call = await api.patch(f"/v1/calls/{call['id']}", window(domain_now), version=call["version"])
    return await api.transition(f"/v1/calls/{call['id']}", "open")


async def draft(api: Api, entry: Json, call: Json, seeded: Seeded) -> Submission:
    """Write one draft; the incomplete one lacks what `left_out_of_first_draft` names."""
    city: str = entry["jurisdiction"]
    jurisdiction = seeded.jurisdictions[city]
    missing = set(entry.get("left_out_of_first_draft") or [])
    text = {name: value for name, value in entry["practice"].items() if name not in missing}
    commitments = [seeded.commitments[ref]["id"] for ref in entry["commitments"]]
    body = {"call_id": call["id"], "jurisdiction_id": jurisdiction["id"], "commitment_ids": commitments, **text}
    practice = await api.post("/v1/practices", body)
    opinions = reviewers_opinions()["practices"][entry["key"]]
    return Submission(
        key=entry["key"],
        city=city,
        city_name=str(jurisdiction["name"]),
        script=entry,
        practice=practice,
        opinions_left=list(opinions["reviews"]),
        refusals_left=list(opinions["declines"]),
    )


async def through_assessment(api: Api, sub: Submission) -> None:
    """Submit, wait for the worker, and repair what it returns, if the script wants it returned."""
    await api.transition(f"/v1/practices/{sub.id}", "submit")
    await _assessed_or_returned(api, sub)
    if sub.script.get("left_out_of_first_draft"):
        await _repair(api, sub)
    if sub.status == "returned":
        told = "; ".join(_told(f) for f in await _blocking(api, sub))
        raise Unexpected(f"'{sub.title}' was returned, though it is complete: {told}")
    sub.assessment = await api.get(f"/v1/practices/{sub.id}/assessment")


async def _repair(api: Api, sub: Submission) -> None:
    if sub.status != "returned":
        raise Unexpected(f"the incomplete draft '{sub.title}' should have been returned, but is {sub.status}")
    sub.returned = await _blocking(api, sub)
    missing = {name: sub.script["practice"][name] for name in sub.script["left_out_of_first_draft"]}
    sub.practice = await api.patch(f"/v1/practices/{sub.id}", missing, version=sub.practice["version"])
    await prove(api, sub)
    await api.transition(f"/v1/practices/{sub.id}", "submit")
    await _assessed_or_returned(api, sub)
    sub.repair = await api.get(f"/v1/practices/{sub.id}/versions/2/diff")


async def _assessed_or_returned(api: Api, sub: Submission) -> None:
    async def look() -> Json | None:
        sub.practice = await api.get(f"/v1/practices/{sub.id}")
        return sub.practice if sub.status in {"returned", *ASSESSED} else None

    await until(look, f"the assessment of '{sub.title}'", seen=lambda: f"status {sub.status}")


async def _blocking(api: Api, sub: Submission) -> list[Json]:
    assessment = await api.get(f"/v1/practices/{sub.id}/assessment")
    return [f for f in assessment.get("findings") or [] if f.get("severity") == "blocking"]


def _told(finding: Json) -> str:
    return f"{finding.get('pointer', '')} {finding.get('message', '')}".strip()


async def submit_all(api: Api, seeded: Seeded, call: Json) -> list[Submission]:
    """All drafts first, then all submissions side by side, as authors do on the last day."""
    subs = [await draft(api, entry, call, seeded) for entry in practice_submissions()["practices"]]
    async with asyncio.TaskGroup() as group:
        for sub in subs:
            group.create_task(through_assessment(api, sub))
    return subs
