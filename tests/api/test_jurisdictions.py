"""Jurisdictions through HTTP: creating, reading, changing, and what is refused."""

from typing import Any

import httpx
import pytest

from tests.fixtures.house import House

KAOHSIUNG = {
    "name": "Kaohsiung",
    "names": {"zh-Hant": "高雄市"},
    "level": "city",
    "country": "TW",
    "subdivision": "TW-KHH",
    "population": 2_765_932,
    "area_km2": 2952,
    "external_ids": [{"source": "unlocode", "value": "TW KHH"}, {"source": "cdp", "value": "31112"}],
}


async def test_a_jurisdiction_is_created_read_and_changed(admin: httpx.AsyncClient, anonymous: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/jurisdictions", json=KAOHSIUNG)
    assert made.status_code == 201
    where = made.headers["location"]
    read = await anonymous.get(where)
    assert read.json() == made.json()
    assert read.json()["names"] == {"zh-Hant": "高雄市"}
    assert "location" not in read.json()
    unchanged = await anonymous.get(where, headers={"If-None-Match": read.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    patched = await admin.patch(where, json={"population": None}, headers={"If-Match": read.headers["etag"]})
    assert (patched.json()["population"], patched.json()["version"]) == (None, 2)
    stale = await admin.patch(where, json={"population": 5}, headers={"If-Match": read.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")
    missing = await admin.patch(where, json={"population": 5})
    assert (missing.status_code, missing.json()["code"]) == (428, "version-needed")


async def test_a_replay_gives_the_first_answer_and_creates_nothing(admin: httpx.AsyncClient, house: House) -> None:
    first = await admin.post("/v1/jurisdictions", json=KAOHSIUNG, headers={"Idempotency-Key": "one"})
    again = await admin.post("/v1/jurisdictions", json=KAOHSIUNG, headers={"Idempotency-Key": '"one"'})
    assert (again.status_code, again.json(), again.headers["etag"]) == (201, first.json(), first.headers["etag"])
    other = await admin.post("/v1/jurisdictions", json=KAOHSIUNG | {"name": "Other"}, headers={"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(await house.rows("SELECT 1 FROM jurisdiction")) == 1
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'jurisdiction.changed'")) == 1


async def test_a_patch_changes_numbers_and_merges_maps(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/jurisdictions", json=KAOHSIUNG)
    where = made.headers["location"]
    patch = {"area_km2": 2947.62, "names": {"ja": "高雄市"}, "location": {"latitude": 22.6, "longitude": 120.3}}
    patched = await admin.patch(where, json=patch, headers={"If-Match": made.headers["etag"]})
    assert patched.status_code == 200, patched.text
    assert patched.json()["area_km2"] == 2947.62
    assert patched.json()["names"] == {"zh-Hant": "高雄市", "ja": "高雄市"}
    assert patched.json()["location"] == {"latitude": 22.6, "longitude": 120.3}
    moved = await admin.patch(where, json={"location": {"latitude": 23}, "names": {"ja": None}}, headers={"If-Match": "*"})
    assert (moved.json()["location"], moved.json()["names"]) == ({"latitude": 23, "longitude": 120.3}, {"zh-Hant": "高雄市"})
    patched = moved
    cleared = await admin.patch(where, json={"location": None}, headers={"If-Match": patched.headers["etag"]})
    assert "location" not in cleared.json()


async def test_no_jurisdiction_lies_within_itself(admin: httpx.AsyncClient) -> None:
    outer = await admin.post("/v1/jurisdictions", json=KAOHSIUNG)
    district = {"name": "Yancheng", "level": "county", "country": "TW", "parent_id": outer.json()["id"]}
    inner = await admin.post("/v1/jurisdictions", json=district)
    assert inner.status_code == 201
    for parent in (outer.json()["id"], inner.json()["id"]):
        refused = await admin.patch(outer.headers["location"], json={"parent_id": parent}, headers={"If-Match": outer.headers["etag"]})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/parent_id")


YOKOHAMA = {"name": "Yokohama", "level": "city", "country": "JP", "external_ids": [{"source": "cdp", "value": "31113"}]}
COHORT: tuple[dict[str, Any], ...] = (
    KAOHSIUNG,
    {"name": "Kyōto", "level": "city", "country": "JP", "external_ids": [{"source": "cdp", "value": "49389"}]},
    YOKOHAMA,
    {"name": "Tokyo Metropolitan Government", "names": {"ja": "東京都"}, "level": "metropolitan", "country": "JP"},
    {"name": "Seoul", "level": "city", "country": "KR", "external_ids": [{"source": "cdp", "value": "31187"}]},
    {"name": "Newcastle", "level": "city", "country": "AU", "aliases": ["Mulubinba"]},
    {"name": "Newcastle upon Tyne", "level": "city", "country": "GB"},
    {"name": "กรุงเทพมหานคร", "level": "city", "country": "TH"},
)


async def found(client: httpx.AsyncClient, typed: str, **others: str) -> list[str]:
    answer = await client.get("/v1/jurisdictions", params={"q": typed, **others})
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def test_a_city_is_found_by_any_of_its_names(admin: httpx.AsyncClient, anonymous: httpx.AsyncClient) -> None:
    for body in COHORT:
        assert (await admin.post("/v1/jurisdictions", json=body)).status_code == 201
    asked = {
        "Kaohsiung": (
            "kaohsiung city",
            "Kaohsiung",
            "高雄",
            "高雄市",
            "高雄市政府",
            "KAOHSIUNG",
            "kaoh",
            "TW KHH",
            "twkhh",
            "31112",
            "カオシュン",
        ),
        "Kyōto": ("京都", "京都市", "KYOTO", "kyōto", "Kyoto Prefecture", "ｋｙｏｔｏ", "교토"),
        "Yokohama": ("横浜", "橫濱", "yokohama-shi"),
        "Tokyo Metropolitan Government": ("東京", "東京都", "tokyo"),
        "Seoul": ("서울", "서울특별시", "首尔", "Seoul Metropolitan Government"),
        "Newcastle": ("mulubinba",),
        "กรุงเทพมหานคร": ("กรุงเทพ",),
    }
    for name, spellings in asked.items():
        for typed in spellings:
            assert await found(anonymous, typed) == [name], typed
    assert await found(anonymous, "newcastle") == ["Newcastle", "Newcastle upon Tyne"]
    assert await found(anonymous, "newcastle", country="GB") == ["Newcastle upon Tyne"]
    assert await found(anonymous, "kaohsiung kyoto") == []
    assert await found(anonymous, "metropolitan") == ["Tokyo Metropolitan Government"]


async def test_what_is_found_comes_in_pages(admin: httpx.AsyncClient) -> None:
    for body in COHORT:
        await admin.post("/v1/jurisdictions", json=body)
    first = (await admin.get("/v1/jurisdictions", params={"q": "newcastle", "limit": 1, "include": "total"})).json()
    assert ([item["name"] for item in first["items"]], first["total"]) == (["Newcastle"], 2)
    second = (await admin.get("/v1/jurisdictions", params={"q": "newcastle", "limit": 1, "cursor": first["next_cursor"]})).json()
    assert ([item["name"] for item in second["items"]], second["next_cursor"]) == (["Newcastle upon Tyne"], None)
    stray = await admin.get("/v1/jurisdictions", params={"q": "kyoto", "limit": 1, "cursor": first["next_cursor"]})
    assert (stray.status_code, stray.json()["code"]) == (400, "invalid-cursor")


@pytest.mark.parametrize("typed", ["", "   ", "' & | ! ( ) : * \\ <->", "…", "x" * 201])
async def test_what_cannot_be_asked_is_said_of_q(anonymous: httpx.AsyncClient, typed: str) -> None:
    answer = await anonymous.get("/v1/jurisdictions", params={"q": typed})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-parameter")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["q"]


async def test_the_language_of_queries_means_nothing_in_q(admin: httpx.AsyncClient) -> None:
    for body in COHORT:
        await admin.post("/v1/jurisdictions", json=body)
    for typed in ("' & | ! ( ) : * \\ <-> kyoto", "!kyoto", "kyoto\\", "'kyoto", "(kyoto", "kyoto:*", "%kyoto_", "kyoto'':* & !''"):
        assert await found(admin, typed) == ["Kyōto"], typed
    for typed in ("kyoto | seoul", "kyoto' | 'seoul", "kyoto:*A", "kyoto <2> '", "!seoul & kyoto"):
        assert await found(admin, typed) == [], typed


async def test_every_write_renews_what_it_is_found_by(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/jurisdictions", json=YOKOHAMA)
    where = made.headers["location"]
    assert made.json()["aliases"] == []
    patched = await admin.patch(where, json={"aliases": ["Hama", "Port City", "Hama"]}, headers={"If-Match": made.headers["etag"]})
    assert patched.json()["aliases"] == ["Hama", "Port City"]
    assert await found(admin, "hama") == ["Yokohama"]
    whole = YOKOHAMA | {"name": "Nagoya", "aliases": ["Port City"], "external_ids": []}
    replaced = await admin.put(where, json=whole, headers={"If-Match": patched.headers["etag"]})
    assert (replaced.json()["aliases"], replaced.json()["version"]) == (["Port City"], 3)
    assert [await found(admin, typed) for typed in ("hama", "yokohama", "横浜", "port", "nagoya")] == [[], [], [], ["Nagoya"], ["Nagoya"]]
    again = await admin.put(where, json=whole, headers={"If-Match": replaced.headers["etag"]})
    assert again.json()["version"] == 3
    many = await admin.patch(where, json={"aliases": [f"A{n}" for n in range(41)]}, headers={"If-Match": "*"})
    assert (many.status_code, many.json()["errors"][0]["pointer"]) == (422, "/aliases")
    tabbed = await admin.patch(where, json={"aliases": ["fine", "a\tb"]}, headers={"If-Match": "*"})
    assert (tabbed.status_code, tabbed.json()["errors"][0]["pointer"]) == (422, "/aliases/1")


UNLOCODE = {"source": "unlocode", "value": "JP YOK"}
GCOM = {"source": "gcom", "value": "g"}


@pytest.mark.parametrize(
    ("members", "pointers"),
    [
        ({"country": "XX"}, ["/country"]),
        ({"country": "XX", "level": "hamlet", "name": ""}, ["/name", "/level", "/country"]),
        ({"subdivision": "JP-26"}, ["/subdivision"]),
        ({"subdivision": "TW-ZZZ", "external_ids": [{"source": "cdp", "value": "1"}]}, ["/subdivision", "/external_ids/0/value"]),
        ({"external_ids": [GCOM, {"source": "wikidata", "value": "P31"}]}, ["/external_ids/1/value"]),
        ({"external_ids": [UNLOCODE]}, ["/external_ids/0/value"]),
        ({"external_ids": [UNLOCODE, GCOM, GCOM]}, ["/external_ids/0/value", "/external_ids/2/source"]),
        ({"external_ids": [{"source": "iclei", "value": "i" * 65}]}, ["/external_ids/0/value"]),
        ({"external_ids": [GCOM, {"source": "iclei", "value": "a\u2028b"}]}, ["/external_ids/1/value"]),
        ({"time_zone": "Mars/Olympus"}, ["/time_zone"]),
    ],
)
async def test_every_finding_names_its_field(admin: httpx.AsyncClient, members: dict[str, Any], pointers: list[str]) -> None:
    plain = {"name": "Kaohsiung", "level": "city", "country": "TW"}
    refused = await admin.post("/v1/jurisdictions", json=plain | members)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-body")
    assert [error["pointer"] for error in refused.json()["errors"]] == pointers
    made = await admin.post("/v1/jurisdictions", json=plain)
    patched = await admin.patch(made.headers["location"], json=members, headers={"If-Match": made.headers["etag"]})
    assert (patched.status_code, patched.json()["code"]) == (422, "invalid-body")
    assert set(pointers) >= {error["pointer"] for error in patched.json()["errors"]} > set()


async def test_identifiers_of_any_registry_are_kept(admin: httpx.AsyncClient) -> None:
    ids = [{"source": "gcom", "value": "KH/0001 ü"}, {"source": "iclei", "value": "#7"}, {"source": "x-other", "value": "y" * 200}]
    made = await admin.post("/v1/jurisdictions", json=KAOHSIUNG | {"external_ids": ids})
    assert (made.status_code, made.json()["external_ids"]) == (201, ids)
    taken = await admin.post("/v1/jurisdictions", json=YOKOHAMA | {"external_ids": [{"source": "cdp", "value": "1234"}, ids[0]]})
    assert (taken.status_code, taken.json()["code"]) == (409, "already-exists")
    assert [error["pointer"] for error in taken.json()["errors"]] == ["/external_ids/1/value"]
    same = await admin.post("/v1/jurisdictions", json=YOKOHAMA | {"external_ids": [{"source": "x-more", "value": "#7"}]})
    assert same.status_code == 201


async def test_a_parent_exists_and_lies_in_the_same_country(admin: httpx.AsyncClient) -> None:
    japan = await admin.post("/v1/jurisdictions", json=YOKOHAMA | {"name": "Kanagawa", "level": "province"})
    taiwan = await admin.post("/v1/jurisdictions", json=KAOHSIUNG)
    inner = {"name": "Yokohama", "level": "city", "country": "JP", "parent_id": japan.json()["id"]}
    made = await admin.post("/v1/jurisdictions", json=inner)
    assert made.status_code == 201
    for parent in (taiwan.json()["id"], "01a20d80-7bfa-7215-86ab-a57a1067fab6"):
        refused = await admin.patch(made.headers["location"], json={"parent_id": parent}, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/parent_id")
    moved = await admin.patch(japan.headers["location"], json={"country": "TW"}, headers={"If-Match": "*"})
    assert (moved.status_code, moved.json()["errors"][0]["pointer"]) == (422, "/country")
    listed = (await admin.get("/v1/jurisdictions", params={"parent_id": japan.json()["id"]})).json()["items"]
    assert [item["name"] for item in listed] == ["Yokohama"]
    strange = await admin.get("/v1/jurisdictions", params={"parent_id": "japan"})
    assert (strange.status_code, strange.json()["errors"][0]["pointer"]) == (422, "parent_id")


async def test_the_record_says_what_changed(admin: httpx.AsyncClient, house: House) -> None:
    made = await admin.post("/v1/jurisdictions", json=KAOHSIUNG)
    await admin.patch(made.headers["location"], json={"area_km2": 2947.62}, headers={"If-Match": made.headers["etag"]})
    created, changed = await house.rows("SELECT before::text, after FROM event WHERE type = 'jurisdiction.changed' ORDER BY id")
    assert created["before"] is None
    assert changed["before"] == '{"area_km2": 2952}'


async def test_a_trailing_slash_leads_nowhere(admin: httpx.AsyncClient) -> None:
    answer = await admin.get("/v1/jurisdictions/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
