"""The reviewers' side of the play: each reads a letter, follows its link, accepts or declines, and writes a review."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.local.demonstration.api import Api, ApiProblem
from services.local.demonstration.cohort import Json, plain_name, reviewers_opinions
from services.local.demonstration.post import Letter, Mailbox
from services.local.demonstration.seed import Seeded
from services.local.demonstration.submitting import Unexpected
from services.local.demonstration.told import Reviewed, Submission
from services.local.demonstration.waiting import until

CLOSED_TO_ME = {"place-taken", "invalid-transition", "deadline-passed"}
"""The request was answered by events (enough others accepted, or a newer plan replaced it): nothing to do."""
NOT_FOR_ME = {"load-cap", "conflict-of-interest"}
"""The reviewer may not accept, so the polite answer is to decline and make room for the alternate."""


@dataclass
class Panel:
    """All reviewers at their desks. They hold no key: the link in the letter is all they have."""

    link: Api
    mailbox: Mailbox
    seeded: Seeded
    submissions: dict[str, Submission]
    by_hand: set[str] = field(default_factory=set)
    """The letters that were read."""
    asked: set[tuple[str, str]] = field(default_factory=set)
    """(address, practice) of the requests that were answered: a receipt may carry the link again."""

    async def answer_until_complete(self) -> None:
        """Answer the letters as they come, until every practice has all the reviews of the script."""

        async def look() -> bool | None:
            for letter in await self.mailbox.letters():
                if letter.id not in self.by_hand:
                    self.by_hand.add(letter.id)
                    await self._read(letter)
            return True if not self.open else None

        await until(look, "the reviews of all practices", seen=self._waiting_for)

    @property
    def open(self) -> list[Submission]:
        """The practices that still lack a review."""
        return [s for s in self.submissions.values() if s.opinions_left]

    def _waiting_for(self) -> str:
        lacking = ", ".join(f"'{s.title}' has {len(s.reviews)} of 3" for s in self.open)
        return f"{len(self.by_hand)} letters read, {len(self.asked)} requests answered; {lacking}"

    async def _read(self, letter: Letter) -> None:
        token = letter.review_token
        address = next((a for a in letter.to if self.seeded.city_of(a)), None)
        if token is None or address is None:
            return
        brief = await self.link.get_or_none(f"/v1/review-links/{token}")
        practice_id = _practice_of(brief) if brief else None
        sub = self.submissions.get(practice_id or "")
        if brief is None or sub is None or not sub.opinions_left or (address, sub.id) in self.asked:
            return
        if await self._answer(token, address, brief, sub):
            self.asked.add((address, sub.id))

    async def _answer(self, token: str, address: str, brief: Json, sub: Submission) -> bool:
        """Accept and review, or decline; False when the request had been closed before the letter was read."""
        person = self.seeded.representatives[address]
        if person["city"] == sub.city:
            raise Unexpected(f"{person['name']} was asked to review a practice of the own city: '{sub.title}'")
        mine = Reviewed(
            reviewer=plain_name(person["name"]),
            city=str(self.seeded.jurisdictions[person["city"]]["name"]),
            reasons=[reason_text(r) for r in _part(brief, "reasons") or []],
        )
        path = f"/v1/review-links/{token}"
        if sub.refusals_left:
            mine.declined = sub.refusals_left.pop(0)
            await self.link.transition(path, "decline", reason=mine.declined)
        else:
            session = await self._accept(path, mine)
            if session is None and mine.declined is None:
                return False
            if session is not None:
                mine.opinion = sub.opinions_left.pop(0)
                await self._write(path, session, mine.opinion)
        sub.answers.append(mine)
        return True

    async def _accept(self, path: str, mine: Reviewed) -> str | None:
        try:
            accepted = await self.link.transition(path, "accept")
        except ApiProblem as problem:
            if problem.code in CLOSED_TO_ME:
                return None
            if problem.code not in NOT_FOR_ME:
                raise
            mine.declined = f"I may not accept: {problem.code}."
            await self.link.transition(path, "decline", reason=mine.declined)
            return None
        return str(accepted["review_session"])

    async def _write(self, path: str, session: str, opinion: Json) -> None:
        headers = {"X-Review-Session": session}
        body = {name: value for name, value in opinion.items() if name != "temper"}
        await self.link.put(f"{path}/review", {**body, "final": True}, headers=headers)


def criteria() -> list[str]:
    """The codes of the review criteria, in the order in which the story shows them."""
    return list(reviewers_opinions()["criteria"])


def reason_text(reason: object) -> str:
    """A reason as text, whether the API writes a sentence or an object that has one."""
    if isinstance(reason, dict):
        return str(reason.get("text") or reason.get("message") or reason.get("detail") or reason)
    return str(reason)


def _part(brief: Json, name: str) -> list[object] | None:
    """`name` of the brief itself or of the request in it."""
    found = brief.get(name)
    if found is None and isinstance(brief.get("request"), dict):
        found = brief["request"].get(name)
    return found


def _practice_of(brief: Json) -> str | None:
    for place in (brief, brief.get("request")):
        if isinstance(place, dict):
            if place.get("practice_id"):
                return str(place["practice_id"])
            practice = place.get("practice")
            if isinstance(practice, dict) and practice.get("id"):
                return str(practice["id"])
    return None
