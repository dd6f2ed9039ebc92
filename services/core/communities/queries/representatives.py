"""Questions about representatives, and who receives a member's letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from services.core.accounts.models import Person
from services.core.communities.models import Membership, Representative
from services.core.communities.queries.memberships import SPEAKING
from services.core.communities.queries.seeing import in_own, must_be_own, must_write, own_only, seen_by
from services.core.communities.rules import ENDED
from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, json_view, param, utc

VIEW = json_view(
    {
        "id": Representative.id,
        "membership_id": Representative.membership_id,
        "person_id": Representative.person_id,
        "name": Representative.name,
        "email": Representative.email,
        "role": Representative.role,
        "locale": Representative.locale,
        "time_zone": Representative.time_zone,
        "languages": Representative.languages,
        "themes": Representative.themes,
        "mandate_ends_on": Representative.mandate_ends_on,
        "reviewer": Representative.reviewer,
        "max_load": Representative.max_load,
        "version": Representative.version,
        "created_at": utc(Representative.created_at),
        "updated_at": utc(Representative.updated_at),
    }
)
_IS_SEEN = (Representative.deleted_at.is_(None), in_own(Representative.membership_id))
REPRESENTATIVE = detail(Representative, VIEW, *_IS_SEEN)
_LIST = Listing("representatives", Representative, VIEW, Representative.membership_id == param("membership_id", Uuid), *_IS_SEEN)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone to whom a member's letters go."""

    representative_id: UUID
    person_id: UUID
    name: str
    email: str
    locale: str
    time_zone: str
    role: str


async def representatives(
    connection: Connection, actor: Actor, membership_id: UUID, *, limit: int, cursor: str | None, total: bool
) -> Page:
    """A page of the representatives of a member that ``actor`` speaks for; 404 for another's."""
    given = {"membership_id": membership_id, **seen_by(actor)}
    page = await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, **given)
    if page.items == b"[]":
        await must_be_own(connection, actor, membership_id)
    return page


async def load_representative(session: AsyncSession, actor: Actor, representative_id: UUID) -> tuple[Representative, Membership]:
    """The representative and the membership, which is locked first; 404 when there is none, or it is another jurisdiction's."""
    query = (
        select(Membership)
        .join(Representative, Representative.membership_id == Membership.id)
        .where(Representative.id == representative_id, Representative.deleted_at.is_(None))
        .with_for_update(of=Membership)
    )
    membership: Membership | None = await session.scalar(own_only(query, actor))
    if membership is None:
        raise not_found()
    must_write(actor, membership)
    row = await session.get(Representative, representative_id, with_for_update=True)
    if row is None or row.deleted_at is not None:  # removed by whoever held the membership until now
        raise not_found()
    return row, membership


async def speaks_as(session: AsyncSession, person_id: UUID) -> list[tuple[Representative, Membership]]:
    """Wherever a person is a representative, with the memberships; all locked, in the order of their ids."""
    wanted = select(Representative.membership_id).where(Representative.person_id == person_id, Representative.deleted_at.is_(None))
    memberships = select(Membership).where(Membership.id.in_(wanted)).order_by(Membership.id).with_for_update()
    found = {row.id: row for row in await session.scalars(memberships)}
    query = select(Representative).where(Representative.person_id == person_id, Representative.deleted_at.is_(None))
    rows = await session.scalars(query.order_by(Representative.id).with_for_update())
    return [(row, found[row.membership_id]) for row in rows if row.membership_id in found]


async def speaking(session: AsyncSession, membership_id: UUID) -> dict[UUID, str]:
    """The role of each representative of a membership whose mandate lasts, by the representative's id."""
    query = select(Representative.id, Representative.role).where(Representative.membership_id == membership_id, SPEAKING)
    return {row.id: row.role for row in await session.execute(query)}


async def to_renew(session: AsyncSession, membership_id: UUID) -> Sequence[Representative]:
    """The representatives of a membership who go on into its renewal, in the order in which they were named."""
    query = (
        select(Representative)
        .join(Person, Person.id == Representative.person_id)
        .where(Representative.membership_id == membership_id, SPEAKING, Person.deleted_at.is_(None))
        .order_by(Representative.id)
    )
    return (await session.scalars(query)).all()


async def recipients(session: AsyncSession, community_id: UUID, jurisdiction_id: UUID) -> list[Recipient]:
    """Who receives what is written to the member: each person once, in the order in which they were named."""
    query = (
        select(Representative)
        .join(Membership, Membership.id == Representative.membership_id)
        .join(Person, Person.id == Representative.person_id)
        .where(
            Membership.community_id == community_id,
            Membership.jurisdiction_id == jurisdiction_id,
            Membership.status.not_in(ENDED),
            Representative.deleted_at.is_(None),
            Person.deleted_at.is_(None),
        )
        .order_by(Representative.id)
    )
    found: dict[UUID, Recipient] = {}
    for row in await session.scalars(query):
        found.setdefault(row.person_id, Recipient(row.id, row.person_id, row.name, row.email, row.locale, row.time_zone, row.role))
    return list(found.values())
