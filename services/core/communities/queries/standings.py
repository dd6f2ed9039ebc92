"""Standings as sets: a few statements for any number of memberships, their agreements and their representatives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.core.accounts.rules import email_key
from services.core.communities.rules import COUNTED, ENDED, IN_FORCE
from services.core.kit.db import Session
from services.core.kit.errors import Problem

_LIVING = f"""
SELECT m.id, m.community_id, m.jurisdiction_id, m.kind, m.status, m.version, m.expression::text AS expression
FROM membership m
JOIN unnest($1::uuid[], $2::uuid[]) AS wanted(community_id, jurisdiction_id)
  ON wanted.community_id = m.community_id AND wanted.jurisdiction_id = m.jurisdiction_id
WHERE m.status NOT IN {ENDED!r}
ORDER BY m.id FOR UPDATE OF m
"""  # noqa: S608  constants of the house
_AGREEMENTS = """
SELECT membership_id, id, signatories::text AS signatories, document::text AS document
FROM agreement WHERE membership_id = ANY($1::uuid[])
"""
_REPRESENTATIVES = """
SELECT membership_id, id, name, email, role, locale, time_zone, languages, themes, mandate_ends_on, reviewer, max_load
FROM representative WHERE membership_id = ANY($1::uuid[]) AND deleted_at IS NULL ORDER BY id
"""
_PLACES = f"""
SELECT community_id, count(*) FILTER (WHERE status = 'active' AND kind IN {COUNTED!r}) AS active,
       (array_agg(id) FILTER (WHERE kind = 'chair' AND status IN {IN_FORCE!r}))[1] AS chair
FROM membership WHERE community_id = ANY($1::uuid[]) GROUP BY community_id
"""  # noqa: S608  constants of the house
_DRAFT = """
INSERT INTO membership (id, community_id, jurisdiction_id, kind, status, activated_at, version)
SELECT id, community_id, jurisdiction_id, kind, status, CASE WHEN activated THEN domain_now() END, 1
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, community_id uuid, jurisdiction_id uuid, kind text, status text, activated bool)
"""
_MOVE = """
UPDATE membership m SET kind = x.kind, status = x.status, version = m.version + 1, updated_at = domain_now(),
       activated_at = CASE WHEN x.activated THEN domain_now() ELSE m.activated_at END
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, kind text, status text, activated bool) WHERE m.id = x.id
"""
_SIGN = """
INSERT INTO agreement (id, membership_id, signatories, document, version)
SELECT id, membership_id, signatories, document, 1
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, membership_id uuid, signatories jsonb, document jsonb)
ON CONFLICT (membership_id) DO UPDATE SET signatories = excluded.signatories, document = excluded.document,
   version = agreement.version + 1, updated_at = domain_now()
"""
_NAME = """
INSERT INTO representative (id, membership_id, person_id, name, email, role, locale, time_zone, languages, themes,
                            mandate_ends_on, reviewer, max_load, version)
SELECT id, membership_id, person_id, name, email, role, locale, time_zone, languages, themes, mandate_ends_on, reviewer, max_load, 1
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, membership_id uuid, person_id uuid, name text, email text, role text, locale text,
     time_zone text, languages text[], themes text[], mandate_ends_on date, reviewer bool, max_load int)
"""
_RENAME = """
UPDATE representative r SET name = x.name, email = x.email, locale = x.locale, time_zone = x.time_zone, languages = x.languages,
       themes = x.themes, mandate_ends_on = x.mandate_ends_on, reviewer = x.reviewer, max_load = x.max_load,
       version = r.version + 1, updated_at = domain_now()
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, name text, email text, locale text, time_zone text, languages text[],
     themes text[], mandate_ends_on date, reviewer bool, max_load int) WHERE r.id = x.id
"""


@dataclass(slots=True)
class KnownMembership:
    """A membership that has not ended, with what its guards look at."""

    id: UUID
    kind: str
    status: str
    version: int
    expression: Mapping[str, Any] | None
    agreement_id: UUID | None = None
    agreement: dict[str, Any] | None = None
    representatives: dict[tuple[str, str], tuple[UUID, dict[str, Any]]] = field(default_factory=dict)
    """(address key, role) -> id and columns"""


@dataclass(slots=True)
class Places:
    """What a locked community has given away so far."""

    capacity: int
    active: int = 0
    chair: UUID | None = None
    """the membership that holds the chair"""


async def living(session: Session, pairs: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], KnownMembership]:
    """The memberships of these (community, jurisdiction) that have not ended, locked in the order of their ids."""
    driver = await session.driver()
    rows = await driver.fetch(_LIVING, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    found = {
        (row["community_id"], row["jurisdiction_id"]): KnownMembership(
            row["id"], row["kind"], row["status"], row["version"], orjson.loads(row["expression"]) if row["expression"] else None
        )
        for row in rows
    }
    by_id = {known.id: known for known in found.values()}
    if by_id:
        for row in await driver.fetch(_AGREEMENTS, list(by_id)):
            document = orjson.loads(row["document"]) if row["document"] else None
            by_id[row["membership_id"]].agreement_id = row["id"]
            by_id[row["membership_id"]].agreement = {"signatories": orjson.loads(row["signatories"]), "document": document}
        for row in await driver.fetch(_REPRESENTATIVES, list(by_id)):
            columns = {name: value for name, value in row.items() if name not in ("id", "membership_id")}
            by_id[row["membership_id"]].representatives[email_key(row["email"]), row["role"]] = (row["id"], columns)
    return found


async def places(session: Session, capacities: Mapping[UUID, int]) -> dict[UUID, Places]:
    """What is taken in these communities, which the caller has locked."""
    found = {community_id: Places(capacity) for community_id, capacity in capacities.items()}
    for row in await (await session.driver()).fetch(_PLACES, list(found)):
        found[row["community_id"]].active = row["active"]
        found[row["community_id"]].chair = row["chair"]
    return found


async def today(session: Session) -> date:
    """The day of domain time in UTC."""
    day: date = await (await session.driver()).fetchval("SELECT (domain_now() AT TIME ZONE 'UTC')::date")
    return day


@dataclass(slots=True)
class Rows:
    """What a set of standings writes, as rows of its statements."""

    leaving: list[dict[str, Any]] = field(default_factory=list)
    moving: list[dict[str, Any]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    agreements: list[dict[str, Any]] = field(default_factory=list)
    named: list[dict[str, Any]] = field(default_factory=list)
    amended: list[dict[str, Any]] = field(default_factory=list)


async def write(session: Session, rows: Rows) -> None:
    """Write a set: who leaves first, so that the chair is free for who comes.

    409 ``chair-taken`` or ``conflict`` when a row collides with what stands.
    """
    driver = await session.driver()
    sets = (
        (_MOVE, rows.leaving), (_MOVE, rows.moving), (_DRAFT, rows.new),
        (_SIGN, rows.agreements), (_NAME, rows.named), (_RENAME, rows.amended),
    )  # fmt: skip
    try:
        for statement, members in sets:
            if members:
                await driver.execute(statement, orjson.dumps(members, default=str).decode())
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "uq_membership_chair":
            raise Problem("chair-taken", "Another jurisdiction chairs this community.") from error
        raise Problem("conflict", "Someone else has written this membership or representative meanwhile: send it again.") from error
