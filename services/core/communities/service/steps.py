"""Every step of a membership's life, through one gate."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.core.communities import queries, validation
from services.core.communities.events import MembershipChanged, MembershipExpressedInterest, MembershipStatusChanged
from services.core.communities.masks import masked
from services.core.communities.models import Community, Membership, Representative
from services.core.communities.rules import AT_THE_PLACES, MEMBERSHIP, holds_the_chair, may_take
from services.core.communities.schemas import MembershipTransition
from services.core.communities.service.representatives import changed_event, current, plain
from services.core.kit import clock
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem, invalid
from services.core.kit.ids import new_id
from services.core.kit.versions import check_version
from services.core.ledger.record import record


async def take_step(session: Session, actor: Actor, membership_id: UUID, given: MembershipTransition, version: int | None = None) -> UUID:
    """Take a step of a membership's life: asked in this order, may they (403), does the state allow it, do the guards (409).

    Answers the id of the membership that the step leads to: this one, or for ``renew`` the new draft.
    """
    if given.action == "renew":
        return await _renew(session, actor, membership_id, given, version)
    if given.community_id is not None:
        raise invalid("/community_id", f"“{given.action}” takes no community: only “renew” does.")
    row = await queries.load_membership(session, actor, membership_id, at_the_places=given.action in AT_THE_PLACES)
    check_version(row.version, version)
    _check_right(actor, row, given.action)
    await advance(session, actor, row, given.action, given.reason)
    return row.id


async def advance(session: Session, actor: Actor, row: Membership, action: str, reason: str | None) -> None:
    """The gate: the one step, its guards, the community's chair, and exactly one event. The caller holds the locks."""
    before, after = row.status, MEMBERSHIP.next(row.status, action)
    if validation.has_guards(action):
        validation.check(action, await queries.facts(session, row))
    row.status = after
    if action == "activate":
        row.activated_at = await clock.now(session)
    if action in AT_THE_PLACES:
        keep_chair(await queries.load_community(session, row.community_id), row.jurisdiction_id, row.kind, before, after)
    kind = MembershipExpressedInterest if action == "submit" else MembershipStatusChanged
    event = kind(
        subject_id=row.id, jurisdiction_id=row.jurisdiction_id, community_id=row.community_id, action=action,
        reason=reason, before={"status": before}, after={"status": after},
    )  # fmt: skip
    record(session, actor, event)


def keep_chair(community: Community, jurisdiction_id: UUID, kind: str, before: str | None, after: str) -> None:
    """Keep true who chairs a locked community, when a membership of ``kind`` went from one status to another."""
    held, holds = before is not None and holds_the_chair(kind, before), holds_the_chair(kind, after)
    if held != holds:
        community.chair_jurisdiction_id = jurisdiction_id if holds else None


def _check_right(actor: Actor, row: Membership, action: str) -> None:
    if not may_take(action, is_secretariat=actor.may_for("memberships:decide", community=row.community_id)):
        raise Problem("forbidden", f"“{action}” is a step of the secretariat: it needs their role, or the scope “admin”.")


async def _renew(session: Session, actor: Actor, membership_id: UUID, given: MembershipTransition, version: int | None) -> UUID:
    """Draft the membership of the next term: kind, expression and those representatives whose mandate lasts are taken over.

    The agreement is not: a new term is signed anew. The membership that is renewed stays as it is.
    """
    if given.community_id is None:
        raise invalid("/community_id", "“renew” needs the community of the next term.")
    try:
        community = await queries.load_community(session, given.community_id, lock="share")
    except Problem as error:
        raise invalid("/community_id", "There is no such community.") from error
    row = await queries.load_membership(session, actor, membership_id)
    check_version(row.version, version)
    _check_right(actor, row, "renew")
    MEMBERSHIP.next(row.status, "renew")
    if not actor.may_for("memberships:write", jurisdiction=row.jurisdiction_id, community=community.id):
        raise Problem("forbidden", "You may not draft memberships in that community.")
    taken = Problem("already-exists", "This jurisdiction has a membership in that community: a renewal leads to another one.")
    if community.id == row.community_id:
        raise taken
    validation.term_lasts(community.ends_on, (await clock.now(session)).date())
    draft = Membership(
        id=new_id(), community_id=community.id, jurisdiction_id=row.jurisdiction_id, kind=row.kind, status="draft",
        expression=row.expression, renewal_of=row.id,
    )  # fmt: skip
    try:
        async with session.begin_nested():
            session.add(draft)
    except IntegrityError as error:
        raise taken from error
    people = await queries.to_renew(session, row.id)
    event = MembershipChanged(
        subject_id=draft.id, jurisdiction_id=row.jurisdiction_id, community_id=community.id, action="renew", renewal_of=row.id,
        reason=given.reason, after={"status": "draft", "kind": draft.kind, "community_id": community.id, "representatives": len(people)},
    )  # fmt: skip
    record(session, actor, event)
    for one in people:
        _take_over(session, actor, one, draft)
    return draft.id


def _take_over(session: Session, actor: Actor, one: Representative, draft: Membership) -> None:
    """Name a representative of the earlier term for the new one too."""
    values = current(one)
    row = Representative(id=new_id(), membership_id=draft.id, person_id=one.person_id, **values)
    session.add(row)
    after: dict[str, Any] = masked("", plain(values))
    record(session, actor, changed_event(row, draft, "name", after=after))
