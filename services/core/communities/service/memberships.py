"""Drafting memberships, and changing what was drafted."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.core.communities import queries, validation
from services.core.communities.events import MembershipChanged
from services.core.communities.masks import differences, masked
from services.core.communities.models import Membership
from services.core.communities.rules import DRAFTED
from services.core.communities.schemas import MembershipCreate, MembershipFields, MembershipPatch
from services.core.kit import clock
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem, invalid, not_found
from services.core.kit.ids import new_id
from services.core.kit.patches import merge_patch
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record


async def draft_membership(session: Session, actor: Actor, community_id: UUID, given: MembershipCreate) -> UUID:
    """Draft a membership.

    409 ``already-exists`` while the jurisdiction has one in this community that has not ended, ``term-over`` when the term has.
    """
    community = await queries.load_community(session, community_id, lock="share")
    if not actor.may_for("memberships:write", jurisdiction=given.jurisdiction_id, community=community.id):
        raise not_found()  # as for a jurisdiction that does not exist: ids of other tenants tell nothing
    validation.term_lasts(community.ends_on, (await clock.now(session)).date())
    row = Membership(
        id=new_id(),
        community_id=community.id,
        jurisdiction_id=given.jurisdiction_id,
        kind=given.kind,
        status="draft",
        expression=given.expression.stored() if given.expression else None,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if "fk_membership_jurisdiction_id" in str(error.orig):
            raise invalid("/jurisdiction_id", "There is no such jurisdiction.") from error
        raise Problem("already-exists", "This jurisdiction has a membership in this community that has not ended.") from error
    event = MembershipChanged(
        subject_id=row.id, jurisdiction_id=row.jurisdiction_id, community_id=row.community_id, action="draft",
        after={"status": row.status, "kind": row.kind} | masked("", {"expression": row.expression} if row.expression else {}),
    )  # fmt: skip
    record(session, actor, event)
    return row.id


async def amend_membership(session: Session, actor: Actor, membership_id: UUID, patch: MembershipPatch, version: int | None) -> None:
    """Change kind and expression (PATCH) while the membership is a draft or was returned; later 409 ``conflict``."""
    row = await queries.load_membership(session, actor, membership_id)
    check_version(row.version, version)
    if row.status not in DRAFTED:
        raise Problem("conflict", f"The expression of interest is {row.status}: it changes only as a draft or when it was returned.")
    current = {"kind": row.kind, "expression": row.expression}
    given = fits(MembershipFields, merge_patch(current, patch.model_dump(mode="json", exclude_unset=True)))
    expression = given.expression.stored() if given.expression else None
    changed = tuple(name for name, value in (("kind", given.kind), ("expression", expression)) if value != current[name])
    if not changed:
        return
    before, after = differences(current, {"kind": given.kind, "expression": expression})
    event = MembershipChanged(
        subject_id=row.id, jurisdiction_id=row.jurisdiction_id, community_id=row.community_id, action="amend", changed=changed,
        before=before, after=after,
    )  # fmt: skip
    row.kind, row.expression = given.kind, expression
    record(session, actor, event)
