"""Writing and signing the agreement of a membership."""

from typing import Any
from uuid import UUID

from services.core.communities import agreements, queries, validation
from services.core.communities.events import AgreementChanged
from services.core.communities.models import Agreement, Membership
from services.core.communities.rules import ENDED, IN_FORCE
from services.core.communities.schemas import AgreementPut
from services.core.kit import clock
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
from services.core.kit.versions import check_version
from services.core.ledger.record import record


async def put_agreement(
    session: Session, actor: Actor, membership_id: UUID, given: AgreementPut, *, version: int | None, matches: bool
) -> None:
    """Write the whole agreement (PUT). ``matches`` tells whether If-Match was sent: the first PUT needs none, later ones do.

    The member writes its own signature; what the secretariat has signed, and anything once the membership is in force, is
    the secretariat's to change. An agreement that is in force stays complete.
    """
    membership = await queries.load_membership(session, actor, membership_id)
    row = await queries.agreement_of(session, membership.id)
    _check_match(row, version, matches=matches)
    if membership.status in ENDED:
        raise Problem("conflict", f"The membership is {membership.status}: its agreement stays as it is.")
    after = given.stored()
    before: dict[str, Any] = {"signatories": row.signatories, "document": row.document} if row else {"signatories": [], "document": None}
    if row is not None and before == after:
        return
    if not actor.may_for("memberships:decide", community=membership.community_id):
        check_hand(membership.status, before, after)
    if membership.status in IN_FORCE:
        validation.agreement_stands(after["signatories"], (await clock.now(session)).date())
    if row is None:
        row = Agreement(id=new_id(), membership_id=membership.id, **after)
        session.add(row)
    else:
        row.signatories, row.document = after["signatories"], after["document"]
    record(session, actor, _changed(row, membership, before, after))


def _check_match(row: Agreement | None, version: int | None, *, matches: bool) -> None:
    if row is None:
        if matches:
            raise Problem("version-mismatch", "There is no agreement yet: the first PUT needs no If-Match.")
    elif matches:
        check_version(row.version, version)
    else:
        raise Problem("version-needed", "There is an agreement: send the ETag that you read as If-Match.")


def check_hand(status: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Refuse what a member may not write: 403 for the secretariat's signature, or for what is in force."""
    if status in IN_FORCE:
        raise Problem("forbidden", "The agreement is in force: only the secretariat corrects it.")
    theirs = [agreements.of_party(state["signatories"], "secretariat") for state in (before, after)]
    if theirs[0] != theirs[1]:
        raise Problem("forbidden", "The secretariat's signature is the secretariat's to write: send it as you read it.")
    if "secretariat" in agreements.signed(before["signatories"]) and before["document"] != after["document"]:
        raise Problem("forbidden", "The secretariat has signed this document: only the secretariat changes it.")


def _changed(row: Agreement, membership: Membership, before: dict[str, Any], after: dict[str, Any]) -> AgreementChanged:
    return AgreementChanged(
        subject_id=row.id,
        jurisdiction_id=membership.jurisdiction_id,
        community_id=membership.community_id,
        membership_id=membership.id,
        before={"signed": agreements.signed(before["signatories"])},
        after={"signed": agreements.signed(after["signatories"])},
    )
