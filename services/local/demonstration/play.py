"""The main job, once through: a call, six practices, their reviews, decisions, recognitions and letters."""

from __future__ import annotations

from collections.abc import Callable

from services.local.demonstration.api import Api
from services.local.demonstration.cohort import Json, founding_cohort
from services.local.demonstration.committing import as_anybody_reads
from services.local.demonstration.post import Letter, Mailbox
from services.local.demonstration.reviewing import Panel
from services.local.demonstration.seed import Seeded, seed
from services.local.demonstration.submitting import Unexpected, open_call, submit_all
from services.local.demonstration.told import DECIDED, Story, Submission
from services.local.demonstration.waiting import until

Report = Callable[[str], None]
"""Told what begins; what was told before is done."""

AWARDED = {"recognised", "commended"}


async def play(api: Api, link: Api, mailbox: Mailbox, report: Report) -> Story:
    """Seed what is missing, then play one call from its opening to the last decision letter.

    `api` holds the key of the secretariat, `link` none at all: reviewers and those who verify are strangers.
    """
    report("Seeding the founding cohort")
    seeded = await seed(api)
    story = Story(
        community=founding_cohort()["community"]["community"]["name"],
        term_note=seeded.term_note,
        cities=len(seeded.jurisdictions),
        active=seeded.active,
    )
    report("Waiting for the assessment of the commitments")
    story.commitments = await as_anybody_reads(link, seeded)
    mailbox.forget_before(await api.server_time())
    report("Opening a call")
    story.call = await open_call(api, seeded)
    report("Submitting six practices; the worker validates and scores them")
    story.submissions = await submit_all(api, seeded, story.call)
    report("Waiting for the assignment of reviewers")
    await _assigned(api, story)
    report("Reviewers read their letters, accept or decline, and review")
    panel = Panel(link, mailbox, seeded, {s.id: s for s in story.submissions})
    await panel.answer_until_complete()
    report("Waiting for the decisions")
    for sub in story.submissions:
        await _decided(api, sub)
    report("Checking the recognitions")
    await _recognitions(api, link, story)
    report("Waiting for the letters to the authors")
    await _letters(mailbox, seeded, story)
    return story


async def _assigned(api: Api, story: Story) -> None:
    """Wait until the plan of the call names reviewers for every practice."""
    without: list[str] = []

    async def look() -> bool | None:
        plan = await api.get_or_none(f"/v1/calls/{story.call['id']}/assignments")
        planned = {str(pair["practice_id"]) for pair in (plan or {}).get("pairs") or []}
        without[:] = [s.title for s in story.submissions if s.id not in planned]
        return None if without else True

    await until(look, "the assignment of reviewers", seen=lambda: f"no reviewer yet for {', '.join(without)}")


async def _decided(api: Api, sub: Submission) -> None:
    async def look() -> Json | None:
        sub.practice = await api.get(f"/v1/practices/{sub.id}")
        if sub.practice.get("needs_decision"):
            raise Unexpected(f"'{sub.title}' needs a decision by the secretariat, though its reviews agree")
        return sub.practice if sub.status in DECIDED else None

    await until(look, f"the decision on '{sub.title}'", seen=lambda: f"status {sub.status}")
    if sub.status != sub.script["expected"]:
        raise Unexpected(f"'{sub.title}' is {sub.status}; its reviews should have made it {sub.script['expected']}")
    reviews = [item async for item in api.pages(f"/v1/practices/{sub.id}/reviews")]
    totals = [float(item["total"]) for item in reviews if item.get("total") is not None]
    sub.total = round(sum(totals) / len(totals), 1) if totals else None


async def _recognitions(api: Api, link: Api, story: Story) -> None:
    """Each recognised or commended practice has a recognition, and anybody can verify its code."""
    awarded = {s.id: s for s in story.submissions if s.status in AWARDED}

    async def look() -> bool | None:
        async for item in api.pages("/v1/recognitions", call_id=str(story.call["id"])):
            if sub := awarded.get(str(item["practice_id"])):
                sub.recognition = item
        return True if all(s.recognition for s in awarded.values()) else None

    def lacking() -> str:
        return "none yet for " + ", ".join(f"'{s.title}'" for s in awarded.values() if not s.recognition)

    await until(look, "the granting of the recognitions", seen=lacking)
    for sub in awarded.values():
        sub.verified = await link.get(f"/v1/verify/{sub.recognition['code']}")
        if not sub.verified.get("valid"):
            raise Unexpected(f"the recognition {sub.recognition['code']} of '{sub.title}' doesn't verify")


async def _letters(mailbox: Mailbox, seeded: Seeded, story: Story) -> None:
    """Each author's city has a letter about its decision; then all letters of the play are counted."""

    async def look() -> bool | None:
        arrived = await mailbox.letters()
        story.letters = len(arrived)
        for sub in story.submissions:
            sub.letters = [x for x in arrived if _announces(x, sub, seeded)]
        return True if all(s.letters for s in story.submissions) else None

    def lacking() -> str:
        return "no decision letter yet about " + ", ".join(f"'{s.title}'" for s in story.submissions if not s.letters)

    await until(look, "the letters to the authors", seen=lacking)


def _announces(letter: Letter, sub: Submission, seeded: Seeded) -> bool:
    """Whether the letter tells the author's city of the decision: to its people, about this practice, with the code.

    Where nothing was granted there is no code, and the practice's title has to do.
    """
    if sub.city not in {seeded.city_of(address) for address in letter.to} or letter.review_token:
        return False
    code = sub.recognition.get("code")
    return str(code) in letter.text if code else letter.speaks_of(sub.title)
