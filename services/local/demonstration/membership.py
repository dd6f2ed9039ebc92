"""Walks one member of the founding cohort from its expression of interest to its standing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.local.demonstration.api import Api
from services.local.demonstration.cohort import Json

if TYPE_CHECKING:
    from services.local.demonstration.seed import Seeded

NEXT_STEP = {
    "draft": "submit",
    "returned": "submit",
    "expressed_interest": "review",
    "under_review": "invite",
    "invited": "send_agreement",
    "agreement_sent": "sign",
    "signed": "activate",
}


async def join(api: Api, entry: Json, seeded: Seeded) -> None:
    """Bring one membership to the status that cohort.json gives it, from wherever an earlier run left it."""
    city: str = entry["jurisdiction"]
    membership = await _membership(api, entry, seeded)
    await _representatives(api, entry, membership["id"], seeded)
    while membership["status"] != entry["status"] and membership["status"] in NEXT_STEP:
        if membership["status"] == "agreement_sent":
            await _agreement(api, entry, membership["id"])
        membership = await api.transition(f"/v1/memberships/{membership['id']}", NEXT_STEP[membership["status"]])
        seeded.created += 1
    seeded.memberships[city] = membership


async def _membership(api: Api, entry: Json, seeded: Seeded) -> Json:
    path = f"/v1/communities/{seeded.community_id}/memberships"
    jurisdiction_id = seeded.jurisdictions[entry["jurisdiction"]]["id"]
    async for item in api.pages(path):
        # An ended membership may stand beside a renewed one; only a living one is ours.
        if item["jurisdiction_id"] == jurisdiction_id and item["status"] not in {"withdrawn", "rejected", "expired"}:
            return item
    seeded.created += 1
    return await api.post(path, {"jurisdiction_id": jurisdiction_id, "kind": entry["kind"], "expression": entry["expression"]})


async def _representatives(api: Api, entry: Json, membership_id: str, seeded: Seeded) -> None:
    path = f"/v1/memberships/{membership_id}/representatives"
    known = {item["email"].lower(): item async for item in api.pages(path)} if entry["representatives"] else {}
    for wanted in entry["representatives"]:
        found = known.get(wanted["email"])
        if found is None:
            found = await api.post(path, wanted)
            seeded.created += 1
        seeded.representatives[wanted["email"]] = {**wanted, "id": found["id"], "city": entry["jurisdiction"]}


async def _agreement(api: Api, entry: Json, membership_id: str) -> None:
    """Put the signed agreement; both signatures must stand before the membership is signed."""
    path = f"/v1/memberships/{membership_id}/agreement"
    stands = await api.get_or_none(path)
    if stands and {s["party"] for s in stands.get("signatories") or []} >= {"jurisdiction", "secretariat"}:
        return
    await api.put(path, entry["agreement"], version=stands.get("version") if stands else None)
