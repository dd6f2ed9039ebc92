"""The little world in which faults happen: one community, one member, one open call, and as many practices as wanted."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.stack import HurtStack
from tests.fixtures import prose

THEMES = ["circular_economy", "energy_transition", "sustainable_urban_planning", "resilient_mobility", "innovative_finance"]
_AT_ONCE = 8


@dataclass
class World:
    """Ids of what was made."""

    stack: HurtStack
    jurisdiction: str
    call: str

    @classmethod
    async def make(cls, stack: HurtStack, *, assignment: str) -> "World":
        """Make it through the API, as its users would."""

        async def post(path: str, body: Any) -> Any:
            answer = await stack.api.post(path, json=body)
            assert answer.status_code in (200, 201), f"{path}: {answer.text}"
            return answer.json()

        now = datetime.now(UTC)
        community = await post(
            "/v1/communities",
            {"name": "ComP", "starts_on": "2025-01-01", "ends_on": "2030-12-31", "capacity": 15, "themes": THEMES},
        )
        jurisdiction = (await post("/v1/jurisdictions", {"name": "Kaohsiung", "level": "city", "country": "TW"}))["id"]
        expression = {"official_name": "Kaohsiung City Government", "motivation": "To learn."}
        membership = await post(
            f"/v1/communities/{community['id']}/memberships", {"jurisdiction_id": jurisdiction, "kind": "member", "expression": expression}
        )
        where = f"/v1/memberships/{membership['id']}"
        for role in ("political", "technical"):
            await post(f"{where}/representatives", _representative(role))
        for action in ("submit", "review", "invite", "send_agreement"):
            await post(f"{where}/transitions", {"action": action})
        signatories = [
            {"party": party, "name": "Someone", "title": "Mayor", "signed_on": now.date().isoformat()}
            for party in ("jurisdiction", "secretariat")
        ]
        signed = await stack.api.put(f"{where}/agreement", json={"signatories": signatories})
        assert signed.status_code in (200, 201), signed.text
        for action in ("sign", "activate"):
            await post(f"{where}/transitions", {"action": action})
        call = await post(
            f"/v1/communities/{community['id']}/calls",
            {
                "title": "Faults", "themes": THEMES, "assignment": assignment, "time_zone": "Asia/Taipei",
                "opens_at": _at(now, hours=-1), "closes_at": _at(now, days=10), "answer_due_at": _at(now, days=14),
                "review_due_at": _at(now, days=21),
            },
        )  # fmt: skip
        await post(f"/v1/calls/{call['id']}/transitions", {"action": "open"})
        return cls(stack, jurisdiction, call["id"])

    async def drafts(self, number: int) -> list[str]:
        """``number`` complete drafts, each in words of its own: none is taken for a copy of another. Their ids."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def draft(turn: int) -> str:
            async with places:
                body = prose.practice(turn) | {"call_id": self.call, "jurisdiction_id": self.jurisdiction}
                answer = await self.stack.post("/v1/practices", body, key=f"draft-{turn}")
                assert answer.status_code == 201, answer.text
                return str(answer.json()["id"])

        return list(await asyncio.gather(*(draft(turn) for turn in range(number))))

    async def submit(self, practices: list[str]) -> None:
        """Submit them, several at once, as careful clients do."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(practice: str) -> None:
            async with places:
                answer = await self.stack.post(f"/v1/practices/{practice}/transitions", {"action": "submit"}, key=f"submit-{practice}")
                assert answer.status_code == 200, answer.text

        await asyncio.gather(*(one(practice) for practice in practices))


async def batch(stack: HurtStack, size: int) -> list[dict[str, Any]]:
    """The items of a batch of ``size`` new cities; every twentieth one is a member of a community."""
    body = {"name": "ComP", "starts_on": "2025-01-01", "ends_on": "2030-12-31", "capacity": size, "themes": THEMES}
    community = (await stack.api.post("/v1/communities", json=body)).json()["id"]
    signed = [{"party": party, "name": "Someone", "signed_on": "2025-03-21"} for party in ("jurisdiction", "secretariat")]
    standing = {"community_id": community, "kind": "member", "standing": "active", "agreement": {"signatories": signed}}
    items: list[dict[str, Any]] = []
    for number in range(size):
        item: dict[str, Any] = {"external_id": f"C{number}", "jurisdiction": {"name": f"City {number}", "level": "city", "country": "TW"}}
        if number % 20 == 0:
            people = [_representative(role) | {"email": f"{role}@city{number}.example"} for role in ("political", "technical")]
            item |= {"membership": standing, "representatives": people}
        items.append(item)
    return items


def _representative(role: str) -> dict[str, Any]:
    return {
        "name": f"{role} representative", "email": f"{role}@kaohsiung.example", "role": role, "locale": "en", "time_zone": "Asia/Taipei",
        "languages": ["en"], "themes": THEMES, "mandate_ends_on": None, "reviewer": False, "max_load": 3,
    }  # fmt: skip


def _at(now: datetime, **span: float) -> str:
    return (now + timedelta(**span)).isoformat()
