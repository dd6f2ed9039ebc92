"""Where files lie: objects as a whole or not at all, and one answer for every kind of trouble."""

from collections.abc import Iterator
from pathlib import Path

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
