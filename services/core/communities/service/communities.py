"""Creating and changing communities."""

from typing import Any
from uuid import UUID

from services.core.communities import queries
from services.core.communities.events import CommunityChanged
from services.core.communities.models import Community
from services.core.communities.schemas import CommunityCreate, CommunityPatch
from services.core.communities.service.terms import ends_at, schedule_end
from services.core.kit import clock
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
from services.core.kit.patches import merge_patch
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record


async def create_community(session: Session, actor: Actor, given: CommunityCreate) -> UUID:
    """Create a community."""
    if not actor.everywhere("communities:write"):
        raise Problem("forbidden", "Only a secretariat of the whole installation creates communities.")
    row = Community(id=new_id(), **_columns(given))
    session.add(row)
    event_id = record(session, actor, CommunityChanged(subject_id=row.id, community_id=row.id, after=_state(given)))
    if (due_at := ends_at(given.ends_on)) > await clock.now(session):  # whoever enters a past cohort has nothing to expire yet
        schedule_end(session, row.id, given.ends_on, event_id, due_at)
    return row.id


async def replace_community(session: Session, actor: Actor, community_id: UUID, given: CommunityCreate, version: int | None) -> None:
    """Give the community a whole new state (PUT); 409 ``capacity-reached`` when its active members would have no place."""
    row = await queries.load_community(session, community_id, lock="write")
    _may_write(actor, row)
    await _write(session, actor, row, given, version)


async def amend_community(session: Session, actor: Actor, community_id: UUID, patch: CommunityPatch, version: int | None) -> None:
    """Change the members that were sent (PATCH): the merged whole must fit like a new community."""
    row = await queries.load_community(session, community_id, lock="write")
    _may_write(actor, row)
    whole = merge_patch(_state(_current(row)), patch.model_dump(mode="json", exclude_unset=True))
    await _write(session, actor, row, fits(CommunityCreate, whole), version)


def _may_write(actor: Actor, row: Community) -> None:
    if not actor.may_for("communities:write", community=row.id):
        raise Problem("forbidden", "You do not run this community.")


async def _write(session: Session, actor: Actor, row: Community, given: CommunityCreate, version: int | None) -> None:
    check_version(row.version, version)
    before, after = _state(_current(row)), _state(given)
    if before == after:
        return
    if given.capacity < row.capacity and (taken := await queries.active_count(session, row.id)) > given.capacity:
        raise Problem("capacity-reached", f"{taken} members are active: the capacity cannot be {given.capacity}.")
    for name, value in _columns(given).items():
        setattr(row, name, value)
    event_id = record(session, actor, CommunityChanged(subject_id=row.id, community_id=row.id, before=before, after=after))
    if before["ends_on"] != after["ends_on"]:
        schedule_end(session, row.id, given.ends_on, event_id, ends_at(given.ends_on))


def _columns(given: CommunityCreate) -> dict[str, Any]:
    groups = {"secretariat", "founding_agreement"}
    return given.model_dump(exclude=groups) | {name: value for name, value in _state(given).items() if name in groups}


def _state(given: CommunityCreate) -> dict[str, Any]:
    return given.model_dump(mode="json")


def _current(row: Community) -> CommunityCreate:
    return fits(CommunityCreate, {name: getattr(row, name) for name in CommunityCreate.model_fields})
