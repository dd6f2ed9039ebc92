"""The login roles of an installation: made once, owner of all tables, with passwords where some are given.

Whoever runs `comphub migrate` may be a superuser, a role that may make roles (a managed server's administrator), or the owner
alone. Each does what it may; what somebody else must do is said in a sentence, and nothing breaks meanwhile: an installation
with one URL for everything goes on as it was.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

import asyncpg

from services.core.kit.settings import Settings
from services.local.grants import OWNER, ROLES, SCHEMA

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

_ME = """
SELECT current_user::text AS name, rolsuper AS may_all, rolsuper OR rolcreaterole AS may_make_roles
FROM pg_roles WHERE rolname = current_user
"""
_THERE = """
SELECT rolname, rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls AS may_too_much FROM pg_roles WHERE rolname = ANY($1)
"""
_IS_OWNER = "SELECT pg_has_role($1::text, 'USAGE')"
_STRANGE = """
SELECT 'TABLE' AS kind, format('%I.%I', n.nspname, c.relname) AS name, pg_has_role(c.relowner, 'USAGE') AS is_mine
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relowner <> $2::text::regrole
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'FUNCTION', p.oid::regprocedure::text, pg_has_role(p.proowner, 'USAGE') FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = $1::text AND p.proowner <> $2::text::regrole
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
"""
"""What belongs to somebody else; what an extension brought stays with whoever installed it."""
_MAY_CREATE = (
    "SELECT has_schema_privilege($1::text, $2::text, 'CREATE'), pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $2::text"
)
_ITERATIONS, _SALT_BYTES = 4096, 16


def passwords_of(settings: Settings) -> dict[str, str]:
    """The passwords that the settings give, by role."""
    given = {role: getattr(settings, f"{role}_password").get_secret_value() for role in ROLES}
    return {role: password for role, password in given.items() if password}


def url_as(url: str, role: str, password: str) -> str:
    """``url`` with another login."""
    scheme, _, rest = url.partition("://")
    before, at, after = rest.partition("/")
    place = before.rpartition("@")[2]
    return f"{scheme}://{quote(role, safe='')}:{quote(password, safe='')}@{place}{at}{after}"


async def make(connection: "Connection", passwords: Mapping[str, str]) -> list[str]:
    """Make the roles that are missing and set ``passwords``, as far as this login may; answers what somebody must do by hand.

    A role without a password cannot log in: the server's administrator may allow it another way (certificates, IAM).
    """
    me = await _one(connection, _ME)
    there = {row["rolname"]: row["may_too_much"] for row in await connection.fetch(_THERE, list(ROLES))}
    missing = [role for role in ROLES if role not in there]
    said = [f"{role} may do too much: ALTER ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;" for role in there if there[role]]
    if missing and not me["may_make_roles"]:
        by_hand = " ".join(f"CREATE ROLE {role} LOGIN PASSWORD '…';" for role in missing)
        said.append(f"These login roles are missing and {me['name']} may not make them; as a role that may, run: {by_hand}")
        missing = []
    for role in missing:
        await _make_one(connection, role)
    for role in ROLES:
        if role in passwords and (role in there or role in missing):
            said += await _set_password(connection, role, passwords[role])
    return said


async def _one(connection: "Connection", sql: str, *arguments: str) -> asyncpg.Record:
    row = await connection.fetchrow(sql, *arguments)
    if row is None:
        raise LookupError(sql)
    return row


async def _make_one(connection: "Connection", role: str) -> None:
    try:
        async with connection.transaction():
            await connection.execute(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        return  # roles belong to the whole server: another database of it was migrated at the same time


async def _set_password(connection: "Connection", role: str, password: str) -> list[str]:
    try:
        async with connection.transaction():
            await connection.execute(f"ALTER ROLE {role} LOGIN PASSWORD '{verifier(password)}'")
    except asyncpg.InsufficientPrivilegeError:
        return [f"The password of {role} was not set, since this login may not. By hand: ALTER ROLE {role} LOGIN PASSWORD '…';"]
    return []


def verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803), so that the password itself is in no log of the server.

    ValueError for a password with other characters than ASCII: clients prepare those in different ways.
    """
    if not password.isascii() or not password.isprintable():
        message = "The password of a role must be printable ASCII."
        raise ValueError(message)
    salt = secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${_ITERATIONS}:{salt64}${stored64}:{server64}"


async def give_to_owner(connection: "Connection") -> list[str]:
    """Make the owner's role the owner of what another login made (the versions before there were roles, or an administrator).

    Only when this login is a superuser or can be made a member of the owner's role, so that it loses nothing.
    """
    me = await _one(connection, _ME)
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", OWNER):
        return []
    if not await connection.fetchval(_IS_OWNER, OWNER):
        try:
            async with connection.transaction():
                await connection.execute(f"GRANT {OWNER} TO CURRENT_USER")
        except asyncpg.InsufficientPrivilegeError:
            return [f"{me['name']} owns the tables. To have {OWNER} own them, as a superuser run: GRANT {OWNER} TO {me['name']};"]
    may_create, is_ours = await _one(connection, _MAY_CREATE, OWNER, SCHEMA)
    if not may_create:
        if not is_ours:
            return [f"{OWNER} may not make tables; as the owner of the database run: GRANT CREATE ON SCHEMA {SCHEMA} TO {OWNER};"]
        await connection.execute(f"GRANT USAGE, CREATE ON SCHEMA {SCHEMA} TO {OWNER}")
    strange = await connection.fetch(_STRANGE, SCHEMA, OWNER)
    for row in strange:
        if row["is_mine"]:
            await connection.execute(f"ALTER {row['kind']} {row['name']} OWNER TO {OWNER}")
    left = ", ".join(row["name"] for row in strange if not row["is_mine"])
    return [f"{left} belong to another role: ALTER TABLE … OWNER TO {OWNER};"] if left else []
