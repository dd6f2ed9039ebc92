"""Bringing the rights in a database in line with the table of rights: what is missing is granted, what is too much is taken."""

from collections import defaultdict
from collections.abc import Iterable

import asyncpg

from services.local.grants import PUBLIC, SCHEMA, SERVICES, Right, wanted

_HELD = """
WITH things AS (
  SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, relname AS name, '' AS "column", relacl AS acl
  FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
  UNION ALL
  SELECT 'table', c.relname, a.attname, a.attacl FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE c.relnamespace = $1::text::regnamespace AND NOT a.attisdropped
  UNION ALL
  SELECT 'function', proname, '', coalesce(proacl, acldefault('f', proowner)) FROM pg_proc p
  WHERE pronamespace = $1::text::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  UNION ALL
  SELECT 'schema', nspname, '', coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace WHERE nspname = $1::text
)
SELECT t.kind, t.name, t."column", coalesce(r.rolname, 'public') AS role, lower(e.privilege_type) AS verb
FROM things t CROSS JOIN LATERAL aclexplode(t.acl) e LEFT JOIN pg_roles r ON r.oid = e.grantee
WHERE e.grantee = 0 OR r.rolname = ANY($2)
"""
"""What service roles and PUBLIC may do, functions of extensions aside: those are harmless, and not ours."""
_THINGS = "SELECT relname FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
_FUNCTIONS = "SELECT proname FROM pg_proc WHERE pronamespace = $1::text::regnamespace"
_ROLES = "SELECT rolname FROM pg_roles WHERE rolname = ANY($1)"
_OWNS_SCHEMA = "SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $1::text"
_PUBLIC_USES_SCHEMA = Right("schema", SCHEMA, "", PUBLIC, "usage")
"""The server's own default, which stays."""


async def held(connection: "asyncpg.Connection[asyncpg.Record]") -> frozenset[Right]:
    """The rights of the service roles and of PUBLIC, as the catalog has them."""
    rows = await connection.fetch(_HELD, SCHEMA, list(SERVICES))
    return frozenset(Right(*row) for row in rows) - {_PUBLIC_USES_SCHEMA}


async def tables(connection: "asyncpg.Connection[asyncpg.Record]") -> frozenset[str]:
    """The tables and views of the schema."""
    return frozenset(row["relname"] for row in await connection.fetch(_THINGS, SCHEMA))


async def settle(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Give the service roles what the table of rights says and take the rest; answers the statements that it took.

    A table that the page does not name gets no right at all. Roles that do not exist are passed over; so is the schema when it
    is somebody else's.
    """
    there = {row["rolname"] for row in await connection.fetch(_ROLES, list(SERVICES))}
    known = {"table": await tables(connection), "function": {row["proname"] for row in await connection.fetch(_FUNCTIONS, SCHEMA)}}
    right = {each for each in wanted() if each.role in there and each.name in known.get(each.kind, {each.name})}
    is_ours = await connection.fetchval(_OWNS_SCHEMA, SCHEMA)
    # What is taken of a whole table goes from its columns too: what is missing is known only after that.
    taken = _statements("REVOKE", _ours(await held(connection) - right, schema=is_ours))
    for statement in taken:
        await connection.execute(statement)
    given = _statements("GRANT", _ours(right - await held(connection), schema=is_ours))
    for statement in given:
        await connection.execute(statement)
    return taken + given


def _ours(rights: Iterable[Right], *, schema: bool) -> list[Right]:
    return [right for right in rights if schema or right.kind != "schema"]


def _statements(word: str, rights: Iterable[Right]) -> list[str]:
    """One statement for each role and thing."""
    verbs: dict[tuple[str, str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for right in sorted(rights):
        verbs[right.role, right.kind, right.name][right.verb].append(right.column)
    return [
        f"{word} {', '.join(_part(verb, columns) for verb, columns in parts.items())} "
        f"ON {kind} {_named(kind, name)} {'TO' if word == 'GRANT' else 'FROM'} {role}"
        for (role, kind, name), parts in verbs.items()
    ]


def _part(verb: str, columns: list[str]) -> str:
    named = [f'"{column}"' for column in columns if column]
    if named and len(named) < len(columns):  # the whole table and some of its columns: what is said of the whole is enough
        return f"{verb}, {verb} ({', '.join(named)})"
    return f"{verb} ({', '.join(named)})" if named else verb


def _named(kind: str, name: str) -> str:
    return f'"{name}"' if kind == "schema" else f'{SCHEMA}."{name}"'
