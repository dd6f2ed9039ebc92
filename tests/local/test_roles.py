"""Who may run `comphub migrate`, and what comes of it: a superuser, a role that may make roles, the owner alone; and old folders."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.local import grants, rights, roles
from services.local.engines.postgres import SUPERUSER, Postgres
from services.local.grants import API, AUTHOR, NOTIFIER, OWNER, ROLES, WORKER
from services.local.migrate import upgrade
from tests.local.test_commands import comphub

PASSWORDS = {f"{role.upper()}_PASSWORD": f"the password of {role}" for role in ROLES}
WHO = """
SELECT DISTINCT usename || ' ' || application_name FROM pg_stat_activity
WHERE application_name LIKE 'comphub%' AND datname = current_database()
"""
OWNERS = "SELECT DISTINCT pg_get_userbyid(relowner) AS role FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Postgres]:
    """A server of this test's own, since login roles belong to the whole server: none of ours is there."""
    engine = Postgres(tmp_path / "postgres", fsync=False)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def ask(url: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def are_right(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return await rights.held(connection) == grants.wanted()
    finally:
        await connection.close()


async def migrate(url: str, **env: str) -> subprocess.CompletedProcess[str]:
    done = comphub("migrate", env={"DATABASE_URL": url, **env})
    assert done.returncode == 0, done.stderr
    return done


async def test_a_superuser_makes_everything_and_the_passwords_open_the_doors(server: Postgres) -> None:
    await run(server.url(), "CREATE DATABASE hub")
    done = await migrate(server.url("hub"), **PASSWORDS)
    assert done.stderr == ""
    assert await are_right(server.url("hub"))
    assert await ask(server.url("hub"), OWNERS) == [OWNER]
    for role in ROLES:
        url = roles.url_as(server.url("hub"), role, PASSWORDS[f"{role.upper()}_PASSWORD"])
        assert await ask(url, "SELECT current_user::text") == [role]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(roles.url_as(server.url("hub"), role, "wrong"), "SELECT 1")
    # From now on its owner migrates, and needs nobody.
    owner = roles.url_as(server.url("hub"), OWNER, PASSWORDS["COP_OWNER_PASSWORD"])
    assert (await migrate(owner)).stderr == ""
    await run(owner, "CREATE TABLE next_year (id int)", "DROP TABLE next_year")


async def test_without_passwords_the_roles_cannot_log_in_and_one_url_goes_on(server: Postgres) -> None:
    await run(server.url(), "CREATE DATABASE hub")
    await migrate(server.url("hub"))
    assert set(await ask(server.url("hub"), "SELECT rolname FROM pg_roles WHERE rolname LIKE 'cop\\_%' AND NOT rolcanlogin")) == set(ROLES)
    assert await are_right(server.url("hub"))
    first = comphub("bootstrap", "--email", "chair@kaohsiung.example", env={"DATABASE_URL": server.url("hub")})
    assert first.returncode == 0, first.stderr


async def test_an_administrator_of_a_managed_server_needs_no_superuser(server: Postgres) -> None:
    await run(server.url(), "CREATE ROLE master LOGIN PASSWORD 'm' CREATEROLE CREATEDB", "CREATE DATABASE hub OWNER master")
    url = server.url("hub", "master", "m")
    await asyncio.to_thread(upgrade, url)  # the version before: everything belongs to the administrator
    done = await migrate(url, **PASSWORDS)
    assert done.stderr == ""
    assert await are_right(url)
    assert await ask(url, OWNERS) == [OWNER]
    assert (await migrate(url)).stderr == ""
    assert await ask(url, "SELECT count(*) FROM person") == [0], "one URL for everything goes on"
    api = roles.url_as(url, API, PASSWORDS["COP_API_PASSWORD"])
    assert await ask(api, "SELECT count(*) FROM person") == [0]


async def test_an_owner_who_may_not_make_roles_is_told_what_to_run(server: Postgres) -> None:
    await run(server.url(), "CREATE ROLE only_owner LOGIN PASSWORD 'o'", "CREATE DATABASE hub OWNER only_owner")
    url = server.url("hub", "only_owner", "o")
    told = (await migrate(url, **PASSWORDS)).stderr
    assert all(f"CREATE ROLE {role} LOGIN PASSWORD" in told for role in ROLES)
    first = comphub("bootstrap", "--email", "chair@kaohsiung.example", env={"DATABASE_URL": url})
    assert first.returncode == 0, first.stderr
    # Somebody does it by hand; the grants follow, and the tables stay whose they are until that is said too.
    await run(server.url(), *(f"CREATE ROLE {role} LOGIN PASSWORD 'x'" for role in ROLES))
    told = (await migrate(url)).stderr
    assert f"GRANT {OWNER} TO only_owner" in told
    assert await are_right(url)
    assert await ask(server.url("hub", AUTHOR, "x"), "SELECT count(*) FROM practice") == [0]
    await run(server.url(), f"GRANT {OWNER} TO only_owner")
    assert (await migrate(url)).stderr == ""
    assert await ask(url, OWNERS) == [OWNER]
    assert await are_right(url)


async def test_a_role_that_may_too_much_is_named(server: Postgres) -> None:
    await run(server.url(), "CREATE DATABASE hub", f"CREATE ROLE {API} LOGIN SUPERUSER PASSWORD 'x'")
    assert f"ALTER ROLE {API} NOSUPERUSER" in (await migrate(server.url("hub"))).stderr


async def test_a_data_folder_of_the_version_before_is_taken_over(tmp_path: Path) -> None:
    engine = Postgres(tmp_path / "postgres")
    engine.start()
    try:
        await run(engine.url(), "CREATE DATABASE comphub")
        await asyncio.to_thread(upgrade, engine.url("comphub"))
        assert await ask(engine.url("comphub"), OWNERS) == [SUPERUSER]
    finally:
        engine.stop()
    folder = ["--data-dir", str(tmp_path)]
    for _ in range(2):  # the second time there is nothing to take over
        started = comphub("up", "--empty", "--detach", "--port", "0", *folder)
        assert started.returncode == 0, started.stdout + started.stderr
        try:
            url = json.loads((tmp_path / "stack.json").read_text())["database_url"]
            assert await ask(url, "SELECT current_user::text") == [OWNER]
            assert await ask(url, OWNERS) == [OWNER]
            assert await ask(url, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'comphub'") == [OWNER]
            assert await are_right(url)
            logged_in = await ask(roles.url_as(url, SUPERUSER, engine.password), WHO)
            assert {f"{API} comphub-gateway", f"{WORKER} comphub-worker", f"{NOTIFIER} comphub-notifier"} <= set(logged_in)
            assert not [who for who in logged_in if who.startswith(SUPERUSER)]
            assert comphub("clock", "+1h", *folder).returncode == 0
        finally:
            assert comphub("down", *folder).returncode == 0
    for role in ROLES:
        assert (tmp_path / "postgres" / f"{role}.password").stat().st_mode & 0o777 == 0o600
