"""The picture of a path through HTTP: who sees it, in which language, and what a cache may keep."""

import asyncio
import re
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.fixtures.house import House

SVG = "{http://www.w3.org/2000/svg}"
TARGET: dict[str, Any] = {
    "title": "Tom & Jerry's <b>$30\\%$</b> plan",
    "target_type": "base_year_absolute",
    "base_year": 2005,
    "base_year_emissions_t": 19_835_303,
    "reduction_percent": 30,
    "target_year": 2030,
    "boundary": "same",
    "visibility": "public",
}


async def a_picture(house: House, **members: Any) -> str:
    """The address of the picture of a commitment of New Taipei."""
    city = await house.admin.post("/v1/jurisdictions", json={"name": "New Taipei", "level": "city", "country": "TW"})
    made = await house.admin.post(f"/v1/jurisdictions/{city.json()['id']}/commitments", json=TARGET | members)
    assert made.status_code == 201, made.text
    return f"{made.headers['location']}/trajectory.svg"


async def report(house: House, where: str, year: int, emissions_t: int) -> None:
    made = await house.admin.post(where.replace("trajectory.svg", "progress-reports"), json={"year": year, "emissions_t": emissions_t})
    assert made.status_code == 201, made.text


def told(answer: httpx.Response) -> str:
    return ET.fromstring(answer.content).findtext(f"{SVG}desc") or ""  # noqa: S314  our own


async def test_anyone_gets_the_picture_of_a_public_commitment(house: House, anonymous: httpx.AsyncClient) -> None:
    where = await a_picture(house)
    read = await anonymous.get(where)
    assert (read.status_code, read.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8")
    assert read.headers["content-language"] == "en"
    assert read.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert read.headers["x-content-type-options"] == "nosniff"
    assert "Accept-Language" in read.headers["vary"]
    root = ET.fromstring(read.content)  # noqa: S314  our own
    assert root.findtext(f"{SVG}title") == TARGET["title"]
    assert "No inventory reported yet." in told(read)
    await report(house, where, 2019, 17_900_000)
    after = await anonymous.get(where)
    assert "The latest report, for 2019, is 17.9\u00a0Mt CO₂e: 1.4\u00a0Mt over the path. Status: behind the path." in told(after)


async def test_it_says_what_the_numbers_say(house: House) -> None:
    where = await a_picture(house)
    for year, emissions in ((2008, 19_700_000), (2019, 13_200_000)):
        await report(house, where, year, emissions)
    years = (await house.admin.get(where.removesuffix(".svg"))).json()["years"]
    gap = next(year["gap_t"] for year in years if year["year"] == 2019)
    assert gap == pytest.approx(13_200_000 - 19_835_303 * (1 - 0.3 * 14 / 25))
    assert f"{-gap / 1e6:.1f}\u00a0Mt under the path" in told(await house.admin.get(where))
    root = ET.fromstring((await house.admin.get(where)).content)  # noqa: S314  our own
    path = next(group for group in root.iter(f"{SVG}g") if group.get("class") == "path")
    assert len(re.findall("[ML]", next(path.iter(f"{SVG}path")).get("d", ""))) == len(years)


async def test_the_language_asked_for_wins_over_the_reader_s(house: House, anonymous: httpx.AsyncClient) -> None:
    where = await a_picture(house)
    reader = {"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.5"}
    found = {
        (lang, bool(headers)): (await anonymous.get(where, params=lang, headers=headers)).headers["content-language"]
        for lang, headers in (("", reader), ("lang=en", reader), ("lang=xx", reader), ("lang=zh-HK", {}), ("", {}))
    }
    assert list(found.values()) == ["zh-Hant", "en", "en", "zh-Hant", "en"]
    assert "尚未申報排放盤查。" in told(await anonymous.get(where, headers=reader))
    for query in ("lang=" + "x" * 36, "language=en"):
        assert (await anonymous.get(where, params=query)).status_code == 422


async def test_the_tag_changes_with_what_the_picture_shows(house: House, anonymous: httpx.AsyncClient) -> None:
    where = await a_picture(house)
    first = await anonymous.get(where)
    tags = [first.headers["etag"], (await anonymous.get(where, params="lang=zh-Hant")).headers["etag"]]
    known = await anonymous.get(where, headers={"If-None-Match": f"W/{tags[0]}"})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tags[0])
    assert (await anonymous.get(where)).content == first.content
    await report(house, where, 2019, 17_900_000)
    tags.append((await anonymous.get(where)).headers["etag"])
    await house.work("commitments")
    tags.append((await anonymous.get(where)).headers["etag"])
    patch = {"title": "Renamed", "reason": "A clearer name."}
    version = (await house.admin.get(where.removesuffix("/trajectory.svg"))).headers["etag"]
    patched = await house.admin.patch(where.removesuffix("/trajectory.svg"), json=patch, headers={"If-Match": version})
    assert patched.status_code == 200, patched.text
    tags.append((await anonymous.get(where)).headers["etag"])
    assert len(set(tags)) == len(tags)
    assert (await anonymous.get(where, headers={"If-None-Match": tags[0]})).status_code == 200


async def test_who_may_not_see_the_commitment_finds_no_picture(house: House, anonymous: httpx.AsyncClient) -> None:
    where = await a_picture(house, visibility="private")
    hidden = await anonymous.get(where)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "not-found")
    absent = await anonymous.get("/v1/commitments/01890000-0000-7000-8000-000000000000/trajectory.svg")
    assert (absent.status_code, absent.json()["code"]) == (404, "not-found")
    assert (await house.admin.get(where)).status_code == 200


async def test_a_target_without_a_base_year_is_said_in_words(house: House, anonymous: httpx.AsyncClient) -> None:
    nothing = dict.fromkeys(("base_year", "base_year_emissions_t", "reduction_percent"))
    where = await a_picture(house, **nothing, target_type="fixed_level", target_emissions_t=0, target_year=2050, boundary=None)
    assert "names no base year" in told(await anonymous.get(where))
    await report(house, where, 2019, 4_100_000)
    assert "The latest report, for 2019, is 4,100\u00a0kt CO₂e." in told(await anonymous.get(where))


@pytest.mark.parametrize("pathless", [False, True])
async def test_a_year_that_is_not_over_is_neither_drawn_nor_counted(house: House, *, pathless: bool) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("base_year", "base_year_emissions_t", "reduction_percent"))
    nothing |= {"target_type": "fixed_level", "target_emissions_t": 0}
    where = await a_picture(house, **(nothing if pathless else {}))
    await report(house, where, 2150, 4_000_000)
    await report(house, where, 2019, 17_900_000)
    said = told(await house.admin.get(where))
    assert "The latest report, for 2019, is 17.9\u00a0Mt CO₂e" in said
    assert ("Status: behind the path." in said) != pathless
    years = (await house.admin.get(where.removesuffix(".svg"))).json()["years"]
    assert [year["year"] for year in years if year["reported_t"] is not None] == ([] if pathless else [2019])


async def test_many_who_ask_at_once_get_the_same_picture(house: House, anonymous: httpx.AsyncClient) -> None:
    where = await a_picture(house)
    answers = await asyncio.gather(*(anonymous.get(where, params=f"lang={lang}") for lang in ("en", "zh-Hant") * 10))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 2
