"""Questions about the versions of a practice: what was handed in, when, and what differs between two of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import ColumnElement, and_, any_, case, cast, func, null, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH
from sqlalchemy.types import Integer, Text, Uuid

from services.core.kit.actor import Actor
from services.core.kit.errors import Problem, not_found
from services.core.kit.pages import Page, decode_cursor, encode_cursor, scope_of
from services.core.kit.statements import Connection, Statement, json_text, json_view, number, param, utc
from services.core.practices.content import submission_of
from services.core.practices.differences import changed, differences, told
from services.core.practices.models import Assessment, Call, Practice, PracticeVersion
from services.core.practices.queries.seeing import IS_OWN, seen_by
from services.core.practices.queries.translations import translations_of
from services.core.practices.words import word_count

_MOST: Final = 20
"""Versions on one page: each is read whole, and may hold a mebibyte."""
_COUNTING: Final = 2
"""Words are counted alike in every script (see `words`)."""
_TEXTS: Final = ("title", "summary", "problem", "actions", "lessons", "transfer_conditions")

_CONTENT = PracticeVersion.content
_IS_THEIRS = and_(PracticeVersion.practice_id == param("id", Uuid), IS_OWN)
_OWN_VERSION = select(PracticeVersion.number).join(Practice, Practice.id == PracticeVersion.practice_id).where(_IS_THEIRS)


def _as_shown() -> ColumnElement[Any]:
    """The frozen content with what older versions lack: their evidence is none. Without finance where there is none."""
    without_null = case((_CONTENT["finance"].astext.is_(None), _CONTENT.op("-", return_type=JSONB)("finance")), else_=_CONTENT)
    translations = func.jsonb_build_object("translations", translations_of(_CONTENT["translations"]), type_=JSONB)
    return json_text({"evidence": []}).concat(without_null).concat(translations)


_VIEW = json_view(
    {
        "practice_id": PracticeVersion.practice_id,
        "number": PracticeVersion.number,
        "submitted_at": utc(PracticeVersion.submitted_at),
        "is_late": PracticeVersion.is_late,
        "content": _as_shown(),
    }
)
VERSION = Statement(
    _OWN_VERSION.add_columns(case((PracticeVersion.number == param("known", Integer), null()), else_=_VIEW).label("body")).where(
        PracticeVersion.number == param("number", Integer)
    )
)
"""One version, by the practice's ``id`` and its ``number``. It never changes, so its number is its version."""


def _count_of(severity: str) -> ColumnElement[Any]:
    path = cast(f'$[*] ? (@.severity == "{severity}")', JSONPATH)
    return func.jsonb_array_length(func.jsonb_path_query_array(Assessment.findings, path))


_ASSESSMENT = json_view(
    {
        "rubric_version": Assessment.rubric_version,
        "band": Assessment.band,
        "total": number(Assessment.total),
        "blocking": _count_of("blocking"),
        "warnings": _count_of("warning"),
        "assessed_at": utc(Assessment.assessed_at),
    }
)
_THIS = and_(
    Assessment.practice_id == PracticeVersion.practice_id,
    Assessment.number == PracticeVersion.number,
    Assessment.rubric_version == Call.rubric_version,
)
_PAGE = Statement(
    _OWN_VERSION.join(Call, Call.id == Practice.call_id)
    .outerjoin(Assessment, _THIS)
    .add_columns(
        utc(PracticeVersion.submitted_at).label("submitted_at"),
        PracticeVersion.is_late,
        cast(_CONTENT, Text).label("content"),
        case((Assessment.id.is_not(None), _ASSESSMENT)).label("assessment"),
    )
    .where(PracticeVersion.number >= param("first", Integer))
    .order_by(PracticeVersion.number)
    .limit(param("limit", Integer))
)
_TOTAL = Statement(select(func.count()).select_from(_OWN_VERSION.subquery()))
_IS_SEEN = Statement(select(Practice.id).where(Practice.id == param("id", Uuid), IS_OWN))


@dataclass(frozen=True, slots=True)
class VersionRows:
    """Versions as they are kept, oldest first: those of a page, at most ``limit``, all of which are later than ``after``.

    The version ``after`` comes with them, to compare with (0: there is none), and the one behind, where there is more.
    """

    rows: Sequence[asyncpg.Record]
    after: int
    limit: int
    scope: str
    total: int | None


async def version_rows(
    connection: Connection, actor: Actor, practice_id: UUID, *, limit: int, cursor: str | None, total: bool
) -> VersionRows:
    """What a page of a practice's versions is made of; 404 when it is not ``actor``'s. At most 20, however many are asked for."""
    given = {"id": practice_id, **seen_by(actor)}
    scope = scope_of(actor.principal, "versions", [practice_id])
    after = int(decode_cursor(cursor, scope)[0]) if cursor else 0
    limit = min(limit, _MOST)
    rows = await _PAGE.all(connection, first=after, limit=limit + 1 + bool(after), **given)
    if not rows and await _IS_SEEN.value(connection, **given) is None:
        raise not_found()
    return VersionRows(rows, after, limit, scope, await _TOTAL.value(connection, **given) if total else None)


def version_page(found: VersionRows) -> Page:
    """The page. It takes a while where versions are long: a second or so for twenty of a mebibyte."""
    later = [row for row in found.rows if row["number"] > found.after]
    shown = later[: found.limit]
    contents = [orjson.loads(row["content"]) for row in (*found.rows[: len(found.rows) - len(later)], *shown)]
    if not found.after:
        contents.insert(0, None)
    items = [_summary(row, *pair) for row, pair in zip(shown, pairwise(contents), strict=True)]
    more = len(later) > found.limit
    return Page(orjson.dumps(items), encode_cursor([items[-1]["number"]], found.scope) if more else None, found.total)


def _summary(row: asyncpg.Record, before: dict[str, Any] | None, content: dict[str, Any]) -> dict[str, Any]:
    translated = submission_of(content).translations
    summary = {
        "number": row["number"],
        "submitted_at": row["submitted_at"],
        "is_late": row["is_late"],
        "title": content["title"],
        "language": content["language"],
        "languages": [language for language in dict.fromkeys((content["language"], *sorted(translated))) if language],
        "words": sum(word_count(content[name], _COUNTING) for name in _TEXTS),
        "changed": [] if before is None else changed(before, content),
    }
    return summary if row["assessment"] is None else summary | {"assessment": orjson.Fragment(row["assessment"])}


_PAIR = Statement(
    _OWN_VERSION.add_columns(cast(_CONTENT, Text).label("content")).where(PracticeVersion.number == any_(param("numbers", ARRAY(Integer))))
)


@dataclass(frozen=True, slots=True)
class TwoVersions:
    """Two versions of a practice, as JSON text; the version ``since`` is None for the first, which is compared with nothing."""

    practice_id: UUID
    since: int | None
    number: int
    before: str | None
    after: str


async def missing_version(connection: Connection, actor: Actor, practice_id: UUID, number_: int) -> Problem:
    """The 404 for a version that there is not; which there are is said to those alone who may read them."""
    problem, given = not_found(), {"id": practice_id, **seen_by(actor)}
    if await _IS_SEEN.value(connection, **given) is None:
        return problem
    count = await _TOTAL.value(connection, **given)
    others = {0: "nothing was handed in yet", 1: "there is only version 1"}.get(count, f"there are 1 to {count}")
    return Problem(problem.code, f"There is no version {number_}; {others}.")


async def two_versions(connection: Connection, actor: Actor, practice_id: UUID, number_: int, against: int | None) -> TwoVersions:
    """The version ``number_`` and the one ``against`` which it is compared (None: the one before); 404 when there is not either."""
    since = (number_ - 1 or None) if against is None else against
    wanted = [number_] if since is None else [number_, since]
    rows = await _PAIR.all(connection, id=practice_id, numbers=wanted, **seen_by(actor))
    found = {row["number"]: row["content"] for row in rows}
    if missing := [each for each in wanted if each not in found]:
        raise await missing_version(connection, actor, practice_id, missing[0])
    return TwoVersions(practice_id, since, number_, None if since is None else found[since], found[number_])


def compared(pair: TwoVersions) -> str:
    """What differs between two versions as JSON text. It takes a while (a second or two at most) where many long texts differ."""
    before = None if pair.before is None else orjson.loads(pair.before)
    shown = told(differences(before, orjson.loads(pair.after)))
    return orjson.dumps({"practice_id": pair.practice_id, "from": pair.since, "to": pair.number, **shown}).decode()
