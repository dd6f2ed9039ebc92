"""Questions about evidence: the links and files behind what a practice says, and who may see which of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Integer, Uuid

from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, json_view, param, utc
from services.core.kit.storage import Stored
from services.core.practices import files
from services.core.practices.models import Evidence, Practice, PracticeVersion
from services.core.practices.queries.practices import PRACTICE
from services.core.practices.queries.seeing import IS_OWN, IS_PUBLISHED, seen_by

_FROZEN = ("kind", "title", "url", "name", "media_type", "size", "sha256")

_HOLDS: ColumnElement[bool] = and_(
    PracticeVersion.practice_id == Evidence.practice_id,
    PracticeVersion.content["evidence"].contains(func.jsonb_build_array(func.jsonb_build_object("id", cast(Evidence.id, Text)))),
)
"""The version holds this evidence."""
_IN_VERSIONS = (
    select(func.coalesce(func.array_agg(aggregate_order_by(PracticeVersion.number, PracticeVersion.number)), cast([], ARRAY(Integer))))
    .where(_HOLDS)
    .correlate(Evidence)
    .scalar_subquery()
)
_IN_NEWEST = (
    select(PracticeVersion.number).where(_HOLDS, PracticeVersion.number == Practice.submission).correlate(Evidence, Practice).exists()
)
_IS_SEEN: ColumnElement[bool] = or_(IS_OWN, and_(IS_PUBLISHED, _IN_NEWEST))
"""Its author and the secretariat see all of a practice's evidence; of a published one everyone sees what its newest version holds."""
_IS_LISTED: ColumnElement[bool] = or_(and_(IS_OWN, Evidence.removed_at.is_(None)), and_(IS_PUBLISHED, _IN_NEWEST))

_VIEW = json_view(
    {
        "id": Evidence.id,
        "practice_id": Evidence.practice_id,
        "kind": Evidence.kind,
        "title": Evidence.title,
        "url": Evidence.url,
        "name": Evidence.name,
        "media_type": Evidence.media_type,
        "size": Evidence.size,
        "sha256": Evidence.sha256,
        "content_url": case((Evidence.kind == "file", literal("/v1/evidence/").concat(cast(Evidence.id, Text)).concat("/content"))),
        "in_versions": _IN_VERSIONS,
        "removed_at": utc(Evidence.removed_at),
        "created_at": utc(Evidence.created_at),
        "version": Evidence.version,
    }
)
_derived = func.cardinality(_IN_VERSIONS)
_is_known = and_(Evidence.version == param("known", Integer), _derived == param("known_derived", Integer))
EVIDENCE = Statement(
    select(Evidence.version, _derived.label("derived"), case((_is_known, null()), else_=_VIEW).label("body"))
    .join(Practice, Practice.id == Evidence.practice_id)
    .where(Evidence.id == param("id", Uuid), _IS_SEEN)
)
"""One piece of evidence. In how many versions it is held changes without a new version of its own: that is ``derived``."""

_LIST = Listing(
    "evidence",
    Evidence,
    _VIEW,
    Evidence.practice_id == param("practice_id", Uuid),
    _IS_LISTED,
    joins=((Practice, Practice.id == Evidence.practice_id),),
)


async def evidence(connection: Connection, actor: Actor, practice_id: UUID, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of a practice's evidence; 404 when ``actor`` may not see the practice."""
    if await PRACTICE.one(connection, id=practice_id, known=None, **seen_by(actor)) is None:
        raise not_found()
    return await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, practice_id=practice_id, **seen_by(actor))


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it is sent to readers: ``media_type`` as it was found, ``size`` in bytes, ``sha256`` in hex."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str

    @property
    def key(self) -> str:
        """Where its bytes lie in the storage."""
        return files.key(self.id)


_FILE = (Evidence.id, Evidence.name, Evidence.media_type, Evidence.size, Evidence.sha256)
_SEEN_FILE = Statement(
    select(*_FILE)
    .join(Practice, Practice.id == Evidence.practice_id)
    .where(Evidence.id == param("id", Uuid), Evidence.kind == "file", _IS_SEEN)
)
_FILE_IN_VERSION = Statement(
    select(*_FILE)
    .join(PracticeVersion, _HOLDS)
    .where(
        Evidence.id == param("id", Uuid),
        Evidence.kind == "file",
        PracticeVersion.practice_id == param("practice_id", Uuid),
        PracticeVersion.number == param("number", Integer),
    )
)


async def file_of(connection: Connection, actor: Actor, evidence_id: UUID) -> KeptFile:
    """The file that ``actor`` wants to read; 404 for a link, and for what is not theirs to see."""
    return _kept(await _SEEN_FILE.one(connection, id=evidence_id, **seen_by(actor)))


async def file_in_version(connection: Connection, practice_id: UUID, number: int, evidence_id: UUID) -> KeptFile:
    """The file that a submission holds, for who may read the submission; 404 when it holds no such file."""
    return _kept(await _FILE_IN_VERSION.one(connection, id=evidence_id, practice_id=practice_id, number=number))


def _kept(row: Any) -> KeptFile:
    if row is None:
        raise not_found()
    return KeptFile(**row)


async def practice_of_evidence(session: AsyncSession, actor: Actor, evidence_id: UUID) -> UUID:
    """The practice whose evidence ``actor`` wants to change: what to lock before it; 404 when they may not see it."""
    query = select(Evidence.practice_id).join(Practice, Practice.id == Evidence.practice_id).where(Evidence.id == evidence_id, _IS_SEEN)
    found: UUID | None = await session.scalar(query, seen_by(actor))
    if found is None:
        raise not_found()
    return found


async def load_evidence(session: AsyncSession, practice_id: UUID) -> list[Evidence]:
    """The evidence of a practice's working copy, oldest first."""
    query = select(Evidence).where(Evidence.practice_id == practice_id, Evidence.removed_at.is_(None)).order_by(Evidence.id)
    return list(await session.scalars(query))


async def is_held(session: AsyncSession, evidence_id: UUID) -> bool:
    """Whether a version that was handed in holds it."""
    return bool(await session.scalar(select(select(Evidence.id).join(PracticeVersion, _HOLDS).where(Evidence.id == evidence_id).exists())))


async def evidence_exists(session: AsyncSession, evidence_id: UUID) -> bool:
    """Whether there is a row for it."""
    return await session.scalar(select(Evidence.id).where(Evidence.id == evidence_id)) is not None


async def evidence_to_freeze(session: AsyncSession, practice_id: UUID) -> list[dict[str, Any]]:
    """The evidence of a practice's working copy, oldest first, as a version holds it (`submission.Evidence`)."""
    rows = await load_evidence(session, practice_id)
    return [{"id": str(row.id)} | {name: value for name in _FROZEN if (value := getattr(row, name)) is not None} for row in rows]


_ORPHANS = """
SELECT key FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS stored (key, id, written_at)
WHERE written_at < now() - interval '1 day' AND NOT EXISTS (SELECT 1 FROM evidence WHERE evidence.id = stored.id)
"""


async def orphans(connection: Connection, stored: Sequence[Stored]) -> list[str]:
    """The keys of files that nothing speaks of, and whose upload is over: they were stored more than a day ago."""
    ours = [(each.key, found, each.written_at) for each in stored if (found := files.id_of(each.key)) is not None]
    columns = [[each[place] for each in ours] for place in range(3)]
    return [row["key"] for row in await connection.fetch(_ORPHANS, *columns)]
