"""The login roles and their rights: what the catalog says is what the table of rights says, and nobody has more."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import asyncpg
import pytest

from services.local import grants, rights, roles
from services.local.grants import API, AUTHOR, NOTIFIER, OWNER, ROLES, SERVICES, WORKER, Right, Row
from services.local.migrate import secure
from tests.fixtures.house import Logins

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
REVIEWING = ("assignment_run", "review_alternate", "review_request", "review_link", "review_session", "review", "decision")
ACCOUNTS = ("person", "role_grant", "api_client", "api_key")


@pytest.fixture
async def owner(logins: Logins) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(logins.owner)
    yield connection
    await connection.close()


@pytest.fixture
async def services(logins: Logins) -> AsyncIterator[dict[str, Connection]]:
    """A session of each service."""
    opened = {role: await asyncpg.connect(url) for role, url in zip(SERVICES, _urls(logins), strict=True)}
    yield opened
    for connection in opened.values():
        await connection.close()


def _urls(logins: Logins) -> Iterator[str]:
    yield from (logins.api, logins.author, logins.worker, logins.notifier)


async def refuses(connection: Connection, sql: str) -> bool:
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(sql)
    except asyncpg.InsufficientPrivilegeError:
        return True
    finally:
        await transaction.rollback()
    return False


async def test_the_catalog_says_what_the_table_of_rights_says(owner: Connection) -> None:
    assert await rights.held(owner) == grants.wanted()


async def test_every_table_has_its_row(owner: Connection) -> None:
    assert await rights.tables(owner) == set(grants.TABLES), "give the table a row in services/local/grants.py"
    await owner.execute("CREATE TABLE forgotten (id int)")
    assert await rights.tables(owner) - set(grants.TABLES) == {"forgotten"}
    await rights.settle(owner)
    assert not [right for right in await rights.held(owner) if right.name == "forgotten"]


async def test_every_function_of_ours_has_its_line(owner: Connection) -> None:
    ours = {right.name for right in await rights.held(owner) if right.kind == "function"}
    assert ours == set(grants.FUNCTIONS)
    await owner.execute("CREATE FUNCTION forgotten() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    assert Right("function", "forgotten", "", "public", "execute") in await rights.held(owner)
    await rights.settle(owner)
    assert not [right for right in await rights.held(owner) if right.name == "forgotten"]


async def test_a_second_time_changes_nothing(owner: Connection) -> None:
    assert await rights.settle(owner) == []
    assert await secure(owner, {}) == []


async def test_what_was_taken_off_the_page_is_taken_in_the_database(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await rights.held(owner)
    narrower = {**grants.TABLES, "practice": Row(api="select insert update(title)", author="select(id, title)")}
    monkeypatch.setattr(grants, "TABLES", narrower)
    await rights.settle(owner)
    assert await rights.held(owner) == grants.wanted() != before
    monkeypatch.undo()
    await rights.settle(owner)
    assert await rights.held(owner) == before


async def test_a_right_that_somebody_gave_by_hand_is_taken(owner: Connection) -> None:
    given = f"GRANT DELETE, TRUNCATE ON event TO {API}; GRANT SELECT ON person TO PUBLIC; GRANT SELECT (email) ON person TO {AUTHOR}"
    await owner.execute(f"{given}; GRANT USAGE ON SEQUENCE event_seq_seq TO {WORKER}; GRANT CREATE ON SCHEMA public TO PUBLIC")
    assert len(await rights.held(owner) - grants.wanted()) == 6
    assert await rights.settle(owner)
    assert await rights.held(owner) == grants.wanted()


async def test_the_roles_are_nothing_special_and_own_nothing(owner: Connection) -> None:
    special = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
    rows = await owner.fetch(f"SELECT rolname, {special} AS special FROM pg_roles WHERE rolname = ANY($1)", list(ROLES))  # noqa: S608
    assert {row["rolname"]: row["special"] for row in rows} == dict.fromkeys(ROLES, False)
    owners = "SELECT DISTINCT pg_get_userbyid(relowner) AS role FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert {row["role"] for row in await owner.fetch(owners)} == {OWNER}
    functions = "SELECT DISTINCT pg_get_userbyid(proowner) AS role FROM pg_proc WHERE proname = 'domain_now'"
    assert {row["role"] for row in await owner.fetch(functions)} == {OWNER}
    members = "SELECT count(*) FROM pg_auth_members WHERE pg_get_userbyid(roleid) = ANY($1) AND pg_get_userbyid(member) = ANY($1)"
    assert await owner.fetchval(members, list(ROLES)) == 0


@pytest.mark.parametrize("role", SERVICES)
async def test_no_service_changes_what_happened_or_what_time_it_is(role: str, services: dict[str, Connection]) -> None:
    me = services[role]
    assert await me.fetchval("SELECT current_user") == role
    for sql in (
        "UPDATE event SET reason = 'never'",
        "DELETE FROM event",
        "TRUNCATE event",
        "UPDATE domain_clock SET \"offset\" = interval '1 day'",
        "DELETE FROM domain_clock",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DROP TABLE event",
    ):
        assert await refuses(me, sql), sql
    assert await me.fetchval("SELECT domain_now()") is not None


async def test_scores_are_written_once(services: dict[str, Connection]) -> None:
    for role in SERVICES:
        for table in ("assessment", "practice_version", "released_review"):
            for sql in (f"DELETE FROM {table}", f"UPDATE {table} SET practice_id = practice_id"):  # noqa: S608
                assert await refuses(services[role], sql), (role, sql)
    assert await refuses(services[API], "INSERT INTO assessment (id) VALUES (gen_random_uuid())")
    for sql in ("DELETE FROM commitment", "UPDATE progress_report SET emissions_t = 0", "SELECT actor_id FROM event"):
        assert await refuses(services[WORKER], sql), sql
    assert await refuses(services[API], "SELECT 1 FROM practice_sketch")
    assert await refuses(services[WORKER], "UPDATE practice SET title = 'Mine'")
    assert await refuses(services[NOTIFIER], "SELECT token_hash FROM review_link")


@pytest.mark.parametrize("table", [*REVIEWING, *ACCOUNTS, "letter", "task", "idempotency"])
async def test_the_authors_login_knows_nothing_of_reviewers_and_accounts(table: str, services: dict[str, Connection]) -> None:
    assert await refuses(services[AUTHOR], f"SELECT 1 FROM {table}")  # noqa: S608
    assert not await refuses(services[AUTHOR], "SELECT 1 FROM released_review")


async def test_the_authors_login_reads_what_authors_handed_in(services: dict[str, Connection]) -> None:
    """A version holds what its author wrote and when, and nothing that a reviewer or the secretariat did."""
    columns = await services[AUTHOR].fetch("SELECT column_name FROM information_schema.columns WHERE table_name = 'practice_version'")
    assert {row["column_name"] for row in columns} == {"practice_id", "number", "content", "is_late", "submitted_at"}
    assert not await refuses(services[AUTHOR], "SELECT * FROM practice_version")


async def test_the_authors_login_only_reads() -> None:
    assert {right.verb for right in grants.wanted() if right.role == AUTHOR and right.kind == "table"} == {"select"}


@pytest.mark.parametrize("words", ["selct", "select insert, update", "update(status", "select  insert", "truncate"])
def test_a_word_that_is_no_right_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="is not like"):
        list(grants.read(words))


def test_rights_are_read_as_they_are_written() -> None:
    assert list(grants.read("select insert")) == [("select", ""), ("insert", "")]
    assert list(grants.read("select(id, name) update(status) delete")) == [
        ("select", "id"), ("select", "name"), ("update", "status"), ("delete", ""),
    ]  # fmt: skip
    assert list(grants.read("")) == []


def test_a_password_is_sent_as_what_the_server_keeps_of_it() -> None:
    kept = roles.verifier("correct horse")
    assert re.fullmatch(r"SCRAM-SHA-256\$4096:[\w+/=]{24}\$[\w+/=]{44}:[\w+/=]{44}", kept)
    assert kept != roles.verifier("correct horse"), "salted"
    with pytest.raises(ValueError, match="ASCII"):
        roles.verifier("kaffè")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://postgres:x@host:5432/comphub", "postgresql://cop_api:a%2Fb@host:5432/comphub"),
        ("postgresql://host/comphub?sslmode=require", "postgresql://cop_api:a%2Fb@host/comphub?sslmode=require"),
        ("postgresql+asyncpg://u:p@/comphub?host=/run/s&port=5432", "postgresql+asyncpg://cop_api:a%2Fb@/comphub?host=/run/s&port=5432"),
    ],
)
def test_a_url_is_given_another_login(url: str, expected: str) -> None:
    assert roles.url_as(url, API, "a/b") == expected
