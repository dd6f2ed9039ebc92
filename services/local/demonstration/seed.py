"""Gives the stack its founding cohort through the public API; what is there already is found and left alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.local.demonstration.api import Api
from services.local.demonstration.cohort import Json, community_for, founding_cohort
from services.local.demonstration.committing import commit, report_progress
from services.local.demonstration.membership import join


class TermOver(Exception):
    """The founding cohort of this data folder has reached the end of its term, so nobody can submit any more."""


@dataclass
class Seeded:
    """What the seed found or made, by the keys of cohort.json."""

    community_id: str
    term_note: str | None = None
    jurisdictions: dict[str, Json] = field(default_factory=dict)
    memberships: dict[str, Json] = field(default_factory=dict)
    representatives: dict[str, Json] = field(default_factory=dict)
    """By email address; each with `city`, the key of its jurisdiction."""
    commitments: dict[str, Json] = field(default_factory=dict)
    created: int = 0

    @property
    def active(self) -> int:
        """How many memberships are active."""
        return sum(1 for m in self.memberships.values() if m["status"] == "active")

    def city_of(self, email: str) -> str | None:
        """The key of the jurisdiction for which the person at this address speaks."""
        person = self.representatives.get(email.lower())
        return str(person["city"]) if person else None


async def seed(api: Api) -> Seeded:
    """Seed the founding cohort; a second run does nothing twice. Needs a key of scope `admin`."""
    cohort = founding_cohort()
    seeded = await _community(api)
    await _jurisdictions(api, cohort, seeded)
    for entry in cohort["memberships"]:
        await join(api, entry, seeded)
    for entry in cohort["commitments"]:
        await commit(api, entry, seeded)
    for entry in cohort["progress_reports"]:
        await report_progress(api, entry, seeded)
    return seeded


async def _community(api: Api) -> Seeded:
    today = (await api.server_time()).date()
    wanted, note = community_for(today)
    async for community in api.pages("/v1/communities"):
        if community["name"] != wanted["name"]:
            continue
        if community["ends_on"] < today.isoformat():
            raise TermOver(
                f"the term of the founding cohort ended on {community['ends_on']} and the server's date is {today}: "
                "start the demonstration on a new data folder (--data-dir)"
            )
        return Seeded(community_id=community["id"], term_note=note)
    made = await api.post("/v1/communities", wanted)
    return Seeded(community_id=made["id"], term_note=note, created=1)


async def _jurisdictions(api: Api, cohort: Json, seeded: Seeded) -> None:
    """Matched by external id, never by name: there is more than one Newcastle."""
    known: dict[tuple[str, str], Json] = {}
    async for item in api.pages("/v1/jurisdictions"):
        for external in item.get("external_ids") or []:
            known[external["source"], external["value"]] = item
    for entry in cohort["jurisdictions"]:
        wanted: Json = entry["jurisdiction"]
        ids = [(e["source"], e["value"]) for e in wanted["external_ids"]]
        found = next((known[i] for i in ids if i in known), None)
        if found is None:
            found = await api.post("/v1/jurisdictions", wanted)
            seeded.created += 1
        seeded.jurisdictions[entry["key"]] = found
