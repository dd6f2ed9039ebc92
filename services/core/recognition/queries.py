"""Questions about recognitions. All are public."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, cast, func, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.jurisdictions.models import Jurisdiction
from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, allowed_actions, json_view, param, utc
from services.core.practices.models import Call, Practice
from services.core.recognition import codes
from services.core.recognition.models import Recognition
from services.core.recognition.rules import RECOGNITION

VIEW = json_view(
    {
        "id": Recognition.id,
        "practice_id": Recognition.practice_id,
        "jurisdiction_id": Recognition.jurisdiction_id,
        "call_id": Recognition.call_id,
        "level": Recognition.level,
        "theme": Recognition.theme,
        "code": Recognition.code,
        "status": Recognition.status,
        "allowed_actions": allowed_actions(RECOGNITION, Recognition.status),
        "granted_at": utc(Recognition.granted_at),
        "revoked_at": utc(Recognition.revoked_at),
        "verify_url": cast(param("public_url", Text), Text) + "/verify/" + Recognition.code,
        "version": Recognition.version,
        "created_at": utc(Recognition.created_at),
        "updated_at": utc(Recognition.updated_at),
    }
)
DETAIL = detail(Recognition, VIEW)
"""Besides its id it asks for ``public_url``, the address of this installation."""
_LIST = Listing(
    "recognitions",
    Recognition,
    VIEW,
    filters={
        "call_id": Recognition.call_id == param("call_id", Uuid),
        "jurisdiction_id": Recognition.jurisdiction_id == param("jurisdiction_id", Uuid),
        "theme": Recognition.theme == param("theme", Text),
        "level": Recognition.level == param("level", Text),
    },
)
_VERIFICATION = Statement(
    select(
        json_view(
            {
                "valid": Recognition.status == "granted",
                "status": Recognition.status,
                "recognition": cast(VIEW, JSON),
                "practice": func.json_build_object("id", Practice.id, "title", Practice.title, "jurisdiction", Jurisdiction.name),
            }
        ).label("body")
    )
    .join(Practice, Practice.id == Recognition.practice_id)
    .join(Jurisdiction, Jurisdiction.id == Recognition.jurisdiction_id)
    .where(Recognition.code == param("code", Text))
)


async def page(
    connection: Connection, actor: Actor, *, limit: int, cursor: str | None, total: bool, filters: dict[str, Any], public_url: str
) -> Page:
    """A page of recognitions; filters ``call_id``, ``jurisdiction_id``, ``theme``, ``level``."""
    return await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, filters=filters, public_url=public_url)


async def verification(connection: Connection, code: str, *, public_url: str) -> str:
    """What a code stands for, as JSON; 404 when it stands for nothing."""
    body: str | None = await _VERIFICATION.value(connection, code=codes.read(code), public_url=public_url)
    if body is None:
        raise not_found()
    return body


async def load(session: AsyncSession, recognition_id: UUID) -> Recognition:
    """The recognition, locked; 404 when there is none."""
    row = await session.get(Recognition, recognition_id, with_for_update=True)
    if row is None:
        raise not_found()
    return row


@dataclass(frozen=True, slots=True)
class Candidate:
    """A decided practice, as far as its recognition is concerned."""

    jurisdiction_id: UUID
    call_id: UUID
    community_id: UUID
    theme: str
    status: str


async def candidate(session: AsyncSession, practice_id: UUID) -> Candidate:
    """The practice, locked, so that it is recognised once; 404 when there is none."""
    query = (
        select(Practice.jurisdiction_id, Practice.call_id, Call.community_id, Practice.theme, Practice.status)
        .join(Call, Call.id == Practice.call_id)
        .where(Practice.id == practice_id)
        .with_for_update(of=Practice, key_share=True)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise not_found()
    return Candidate(*row)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a letter says of a recognition."""

    id: UUID
    code: str
    level: str
    status: str


async def of_practice(session: AsyncSession, practice_id: UUID) -> Granted | None:
    """The recognition of a practice, if it has one."""
    columns = (Recognition.id, Recognition.code, Recognition.level, Recognition.status)
    row = (await session.execute(select(*columns).where(Recognition.practice_id == practice_id))).one_or_none()
    return None if row is None else Granted(*row)
