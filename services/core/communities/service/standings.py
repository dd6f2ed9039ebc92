"""Writing a set of judged standings: a few statements and one membership event each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.core.accounts import service as accounts
from services.core.accounts.rules import email_key
from services.core.communities import agreements, queries
from services.core.communities.events import AgreementChanged, MembershipStatusChanged, RepresentativeChanged
from services.core.communities.masks import differences, masked
from services.core.communities.models import Community
from services.core.communities.queries import standings as sets
from services.core.communities.rules import takes_a_place
from services.core.communities.service.judging import JudgedStanding, Person
from services.core.communities.service.representatives import plain
from services.core.communities.service.steps import keep_chair
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.ledger.record import record


async def write_standings(session: Session, actor: Actor, judged: Sequence[JudgedStanding]) -> None:
    """Write what `judge_standings` found in this same transaction; items with a problem or without a change write nothing.

    Their jurisdictions must stand by now. Any part of the judged set may be written by itself (inside a savepoint of the
    caller's): what does not fit without the others is a `Problem`, ``conflict`` or ``capacity-reached``. The events are
    recorded at the end, once the rows are written; the persons whom an item names first are created before.
    """
    items = [item for item in judged if item.status in ("created", "updated")]
    if not items:
        return
    await session.flush()
    communities = await queries.lock_communities(session, {item.standing.community_id for item in items})
    persons = await _persons(session, actor, items)
    await sets.write(session, _rows(items, persons))
    await _keep_places(session, communities, items)
    for item in items:
        _record(session, actor, item)


async def _persons(session: Session, actor: Actor, items: Sequence[JudgedStanding]) -> dict[str, UUID]:
    """The person behind each new representative's address key, created when there is none yet."""
    wanted = [one.after for item in items for one in item.people if one.before is None]
    return await accounts.people_for(session, actor, wanted) if wanted else {}


def _rows(items: Sequence[JudgedStanding], persons: dict[str, UUID]) -> sets.Rows:
    rows = sets.Rows()
    for item in items:
        wanted = item.standing
        if item.steps:
            row = {"id": item.membership_id, "kind": item.kind, "status": item.after, "activated": "activate" in item.steps}
            if item.known is None:
                rows.new.append(row | {"community_id": wanted.community_id, "jurisdiction_id": wanted.jurisdiction_id})
            else:
                (rows.leaving if item.after == "withdrawn" else rows.moving).append(row)
        if item.agreement is not None:
            rows.agreements.append({"id": item.agreement_id, "membership_id": item.membership_id, **item.agreement})
        for one in item.people:
            if one.before is None:
                person_id = persons[email_key(one.after["email"])]
                rows.named.append({"id": one.id, "membership_id": item.membership_id, "person_id": person_id, **one.after})
            else:
                rows.amended.append({"id": one.id, **one.after})
    return rows


async def _keep_places(session: Session, communities: dict[UUID, Community], items: Sequence[JudgedStanding]) -> None:
    """Who chairs, and that nobody sits where there is no place: a part of a judged set may miss who was to leave first."""
    for item in sorted(items, key=lambda one: one.after != "withdrawn"):
        if item.steps and item.after is not None:
            keep_chair(communities[item.standing.community_id], item.standing.jurisdiction_id, item.kind, item.before, item.after)
    await session.flush()
    filled = {item.standing.community_id for item in items if item.steps and item.after and takes_a_place(item.standing.kind, item.after)}
    if filled:
        for places in (await sets.places(session, {one: communities[one].capacity for one in filled})).values():
            if places.active > places.capacity:
                raise Problem("capacity-reached", f"All {places.capacity} places are taken.")


def _record(session: Session, actor: Actor, item: JudgedStanding) -> None:
    wanted, membership_id = item.standing, item.membership_id
    if membership_id is None:
        return
    where: dict[str, Any] = {"jurisdiction_id": wanted.jurisdiction_id, "community_id": wanted.community_id}
    where["reason"] = f"sync from {item.source}"
    if item.steps:
        before = {"status": item.before} if item.known else None
        after = {"status": item.after} | ({} if item.known else {"kind": wanted.kind})
        if item.known and item.known.kind != item.kind:
            before, after = {"status": item.before, "kind": item.known.kind}, {"status": item.after, "kind": item.kind}
        record(session, actor, MembershipStatusChanged(
            subject_id=membership_id, action=item.steps[-1], before=before, after=after, **where))  # fmt: skip
    if item.agreement is not None and item.agreement_id is not None:
        was = item.known.agreement["signatories"] if item.known and item.known.agreement else ()
        record(session, actor, AgreementChanged(
            subject_id=item.agreement_id, membership_id=membership_id, before={"signed": agreements.signed(was)},
            after={"signed": agreements.signed(item.agreement["signatories"])}, **where))  # fmt: skip
    for one in item.people:
        record(session, actor, _named(membership_id, one, where))


def _named(membership_id: UUID, one: Person, where: dict[str, Any]) -> RepresentativeChanged:
    if one.before is None:
        after = masked("", plain(one.after))
        return RepresentativeChanged(subject_id=one.id, membership_id=membership_id, action="name", after=after, **where)
    old, new = differences(plain(one.before), plain(one.after))
    return RepresentativeChanged(
        subject_id=one.id, membership_id=membership_id, action="amend", changed=tuple(old), before=old, after=new, **where
    )
