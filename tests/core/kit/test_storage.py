"""Where files lie: objects as a whole or not at all, and one answer for every kind of trouble."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import obstore
import pytest

from services.core.kit import storage
from services.core.kit.errors import Problem
from services.core.kit.settings import MissingSettingError


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A store in a folder with a blank and a character beyond ASCII in its name."""
    place = tmp_path / "our files é"
    storage.hang(storage.open_store(place.as_uri()))
    yield place
    storage.hang(None)


async def read(key: str, begin: int, end: int) -> bytes:
    return b"".join([piece async for piece in await storage.open_range(key, begin, end)])


async def test_an_object_is_read_as_it_was_written(folder: Path) -> None:
    content = bytes(range(256)) * 4_000
    await storage.put("evidence/a", content)
    assert (folder / "evidence" / "a").read_bytes() == content
    assert await read("evidence/a", 0, len(content)) == content
    assert await read("evidence/a", 5, 700_001) == content[5:700_001]
    assert await read("evidence/a", 5, 5) == b""
    await storage.put("evidence/a", b"anew")
    assert await read("evidence/a", 0, 4) == b"anew"


async def test_objects_are_listed_in_groups_and_taken_away(folder: Path) -> None:
    for name in "abcde":
        await storage.put(f"evidence/{name}", b"1")
    await storage.put("elsewhere/z", b"1")
    groups = [group async for group in storage.listed("evidence/", at_once=2)]
    assert sorted(each.key for group in groups for each in group) == [f"evidence/{name}" for name in "abcde"]
    assert max(len(group) for group in groups) == 2
    await storage.delete("evidence/a", "evidence/never", "evidence/b")
    assert [each.name for each in sorted((folder / "evidence").iterdir())] == ["c", "d", "e"]


async def test_what_is_half_written_is_no_object(folder: Path) -> None:
    await storage.put("evidence/a", b"1")
    (folder / "evidence" / "b#1").write_bytes(b"what a killed process left")
    assert [each.key async for group in storage.listed("evidence/") for each in group] == ["evidence/a"]


def age(path: Path, *, days: float) -> None:
    """Make a file as old as that."""
    then = path.stat().st_mtime - days * 86_400
    os.utime(path, (then, then))


async def test_what_is_half_written_is_swept_when_it_is_old(folder: Path) -> None:
    assert await storage.sweep_half_written("evidence/", older_than=timedelta(days=1)) == 0
    await storage.put("evidence/a", b"1")
    for name in ("b#1", "b#20", "c#1", "a#", "a#x"):
        (folder / "evidence" / name).write_bytes(b"what a killed process left")
    for name in ("a", "b#1", "b#20", "a#", "a#x"):
        age(folder / "evidence" / name, days=1.1)
    assert await storage.sweep_half_written("evidence/", older_than=timedelta(days=1)) == 2
    assert sorted(each.name for each in (folder / "evidence").iterdir()) == ["a", "a#", "a#x", "c#1"]


async def test_the_store_stages_under_the_names_that_are_swept(folder: Path) -> None:
    store = storage.open_store(folder.as_uri())
    assert store is not None
    writer = obstore.open_writer(store, "evidence/a", buffer_size=10)
    writer.write(b"the first half of a file")
    [left] = (folder / "evidence").iterdir()
    assert [group async for group in storage.listed("evidence/")] == []
    age(left, days=2)
    assert await storage.sweep_half_written("evidence/", older_than=timedelta(days=1)) == 1
    assert not left.exists()


async def test_an_object_is_on_the_disk_with_its_name_before_it_is_said_to_be_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, int]] = []
    sync = os.fsync

    def seen(opened: int) -> None:
        synced.append((os.fstat(opened).st_ino, threading.get_ident()))
        sync(opened)

    monkeypatch.setattr(os, "fsync", seen)
    await storage.put("evidence/a", b"1")
    expected = [path.stat().st_ino for path in (folder / "evidence" / "a", folder / "evidence", folder)]
    assert [inode for inode, _ in synced] == expected
    assert threading.get_ident() not in {thread for _, thread in synced}, "a disk that is slow holds no other request up"


async def test_an_object_that_the_disk_does_not_take_is_trouble(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(Problem) as trouble:
        await storage.put("evidence/a", b"1")
    assert trouble.value.status == 503


async def test_a_second_process_finds_what_the_first_one_stored(folder: Path) -> None:
    await storage.put("evidence/a", b"1")
    storage.hang(storage.open_store(folder.as_uri()))
    assert await read("evidence/a", 0, 1) == b"1"


async def test_every_trouble_is_a_503_that_says_when_to_come_back(folder: Path) -> None:
    await storage.put("evidence/a", b"1")
    (folder / "evidence" / "a").unlink()
    (folder / "evidence").rmdir()
    folder.rmdir()
    folder.write_text("a file where the folder was")

    async def listed() -> None:
        async for _ in storage.listed("evidence/"):
            pass

    for attempt in (storage.put("evidence/a", b"1"), storage.open_range("evidence/a", 0, 1), listed()):
        with pytest.raises(Problem) as trouble:
            await attempt
        assert (trouble.value.code, trouble.value.status, trouble.value.headers) == ("unavailable", 503, {"Retry-After": "10"})


async def test_without_a_place_for_files_there_is_none() -> None:
    assert storage.open_store("") is None
    storage.hang(None)
    assert not storage.is_named()
    with pytest.raises(Problem, match="no place for files yet"):
        await storage.put("evidence/a", b"1")


@pytest.mark.parametrize("url", ["evidence", "ftp://host/x", "memory:///", "http://host/x", "file://host/x", "s3://"])
def test_a_url_that_names_no_store_of_ours_is_told_at_the_start(url: str) -> None:
    with pytest.raises(MissingSettingError, match="EVIDENCE_URL"):
        storage.open_store(url)


def test_a_bucket_is_opened_without_asking_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-north-1"}.items():
        monkeypatch.setenv(name, value)
    assert "bucket" in repr(storage.open_store("s3://bucket/pre/fix"))
