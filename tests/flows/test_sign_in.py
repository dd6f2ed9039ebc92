"""How a person comes in: invited by letter, signed in by its link, acting by their roles, out again, and back by another letter."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.core.kit.settings import Settings
from services.notifier import posting
from tests.fixtures.cohort import Cohort
from tests.fixtures.house import House
from tests.fixtures.smtp import Accepted, Relay, open_relay

Json = dict[str, Any]
LINK = re.compile(r"^http://comphub\.test(/sign-in/([\w-]{43}))$", re.MULTILINE)
TOKEN = re.compile(r'<code id="access-token">(cos_[\w-]+)</code>')
COMMITMENT: Json = {
    "title": "-30 % by 2030", "target_type": "base_year_absolute", "base_year": 2005, "base_year_emissions_t": 67_372_856,
    "reduction_percent": 30, "target_year": 2030, "year_set": 2024, "boundary": "same", "sector": "all", "gases": ["CO2", "CH4", "N2O"],
    "scopes": [1, 2], "visibility": "private",
}  # fmt: skip
ANA = {"email": "ana@kaohsiung.example", "name": "Ana Lin", "time_zone": "Asia/Taipei"}
STATE = (
    "SELECT (SELECT jsonb_agg(l)::text FROM sign_in_link l) AS links, (SELECT count(*) FROM session) AS sessions, "
    "(SELECT count(*) FROM event) AS events, (SELECT count(*) FROM task) AS tasks"
)


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with open_relay() as opened:
        yield opened


@pytest.fixture
async def settings(settings: Settings, relay: Relay) -> AsyncIterator[Settings]:
    given = settings.model_copy(update={"smtp_url": relay.url})
    yield given
    await posting.lines(given).close()


async def _letter(house: House, relay: Relay) -> Accepted:
    """The one letter that is on its way."""
    known = len(relay.accepted)
    await house.work("letters")
    [letter] = relay.accepted[known:]
    return letter


def _link_in(letter: Accepted) -> tuple[str, str]:
    """The page behind the letter's link, and the secret at its end."""
    [(page, token)] = LINK.findall(letter.text())
    assert f'href="http://comphub.test{page}"' in letter.text("html")
    return page, token


def _form(page: str) -> dict[str, str]:
    """The hidden fields of a page's form: what a robot would send."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


async def _invited(house: House, **fields: Any) -> Json:
    made = await house.admin.post("/v1/people", json=ANA | fields)
    assert made.status_code == 201, made.text
    person: Json = made.json()
    return person


async def test_a_colleague_of_a_city_is_invited_signs_in_acts_and_comes_back(house: House, relay: Relay) -> None:
    cohort = await Cohort.found(house)
    city, other = await cohort.jurisdiction("Kaohsiung"), await cohort.jurisdiction("Yokohama")
    roles = [{"role": "jurisdiction_member", "jurisdiction_id": city}, {"role": "reviewer", "community_id": cohort.community["id"]}]
    await _invited(house, roles=roles)
    letter = await _letter(house, relay)
    assert letter.recipients == ("ana@kaohsiung.example",)
    assert letter.message["Subject"] == "You are invited to ComP Hub"
    for said in (
        "Dear Ana Lin,",
        "test invites you",
        "- colleague for Kaohsiung",
        f"- reviewer in {cohort.community['name']}",
        "Asia/Taipei",
    ):
        assert said in letter.text()

    browser = house.client(None)
    page, token = _link_in(letter)
    shown = await browser.get(page)
    assert (shown.status_code, shown.headers["cache-control"], shown.headers["referrer-policy"]) == (200, "no-store", "no-referrer")
    assert "a***@kaohsiung.example" in shown.text
    done = await browser.post(page, data=_form(shown.text) | {"me": "yes"})
    assert (done.status_code, done.headers["cache-control"]) == (200, "no-store")
    assert "Asia/Taipei, UTC+08:00" in done.text
    [access] = set(TOKEN.findall(done.text))

    ana = house.client(None)
    ana.headers["Authorization"] = f"Bearer {access}"
    me = (await ana.get("/v1/me")).json()
    assert (me["kind"], me["name"], me["jurisdiction_ids"]) == ("person", "Ana Lin", [city])
    assert (await ana.post(f"/v1/jurisdictions/{city}/commitments", json=COMMITMENT)).status_code == 201
    assert (await ana.post(f"/v1/jurisdictions/{other}/commitments", json=COMMITMENT)).status_code in (403, 404)
    assert (await ana.get("/v1/people")).status_code == 403
    [made] = await house.rows("SELECT actor_kind, actor_id FROM event WHERE type = 'commitment.made'")
    assert (made["actor_kind"], made["actor_id"]) == ("person", me["id"])

    again = await browser.get(page)
    assert (again.status_code, "opens nothing any more" in again.text) == (410, True)
    assert (await browser.post("/v1/sessions", json={"token": token})).status_code == 401
    assert (await ana.delete("/v1/sessions/current")).status_code == 204

    asked = await browser.post(page, data=_form(again.text) | {"email": "ANA+work@kaohsiung.example"})
    assert (asked.status_code, "If this address is known" in asked.text) == (202, True)
    letter = await _letter(house, relay)
    assert (letter.message["Subject"], letter.recipients) == ("Your sign-in link for ComP Hub", ("ana@kaohsiung.example",))
    opened = await browser.post("/v1/sessions", json={"token": _link_in(letter)[1]})
    assert (opened.status_code, opened.json()["person"]["id"]) == (201, me["id"])


async def test_a_robot_that_follows_links_signs_nobody_in(house: House, relay: Relay) -> None:
    await _invited(house)
    page, token = _link_in(await _letter(house, relay))
    robot = house.client(None)
    known = await house.rows(STATE)
    assert (await robot.head(page)).status_code in (200, 405)
    await robot.options(page)
    for answer in await asyncio.gather(*(robot.get(page) for _ in range(20))):
        assert answer.status_code == 200
        assert (await robot.post(page, data=_form(answer.text))).status_code == 422
    assert await house.rows(STATE) == known
    assert (await robot.post("/v1/sessions", json={"token": token})).status_code == 201


async def test_a_form_needs_a_nonce_of_this_very_page(house: House, relay: Relay) -> None:
    await _invited(house)
    page, _ = _link_in(await _letter(house, relay))
    await _invited(house, email="ben@kaohsiung.example")
    foreign, _ = _link_in(await _letter(house, relay))
    browser = house.client(None)
    nonce = _form((await browser.get(foreign)).text)["nonce"]
    for data in ({"me": "yes"}, {"me": "yes", "nonce": nonce}, {"me": "yes", "nonce": "9999999999.x.y"}):
        refused = await browser.post(page, data=data)
        assert (refused.status_code, "Sign in to ComP Hub" in refused.text) == (403, True)
    assert (await browser.post(page, json={"me": "yes"})).status_code == 415
    assert (await browser.get(page)).status_code == 200


async def test_a_link_of_nobody_offers_another_and_tells_nothing(house: House, relay: Relay) -> None:
    browser = house.client(None)
    lost = await browser.get("/sign-in/" + "x" * 43)
    assert lost.status_code == 410
    robot = await browser.post("/sign-in/" + "x" * 43, data=_form(lost.text) | {"email": ""})
    assert robot.status_code == 422
    asked = await browser.post("/sign-in/" + "x" * 43, data=_form(lost.text) | {"email": "stranger@nowhere.example"})
    assert asked.status_code == 202
    await house.work("letters")
    assert relay.accepted == []


async def test_an_invitation_is_good_for_a_week_and_a_link_for_fifteen_minutes(house: House, relay: Relay) -> None:
    await _invited(house)
    invitation = _link_in(await _letter(house, relay))[1]
    browser = house.client(None)
    await browser.post("/v1/sign-in-links", json={"email": ANA["email"]})
    link = _link_in(await _letter(house, relay))[1]
    await house.shift(seconds=901)
    assert (await browser.post("/v1/sessions", json={"token": link})).status_code == 401
    await house.shift(days=6, hours=23)
    assert (await browser.post("/v1/sessions", json={"token": invitation})).status_code == 201


async def test_a_link_that_expired_on_its_way_is_not_sent(house: House, relay: Relay) -> None:
    await _invited(house)
    await _letter(house, relay)
    await house.client(None).post("/v1/sign-in-links", json={"email": ANA["email"]})
    relay.fail("rcpt 451")
    await house.work("letters")
    await house.shift(seconds=901)
    await house.work("letters")
    assert len(relay.accepted) == 1
    [letter] = await house.rows("SELECT state FROM letter WHERE kind = 'sign_in_link'")
    assert letter["state"] == "cancelled"


async def test_who_invites_cannot_write_headers(house: House, relay: Relay) -> None:
    body = {"name": "Evil\u2028Bcc: all@nowhere.example", "scopes": ["admin"], "jurisdiction_ids": ["*"]}
    issued = await house.admin.post("/v1/api-clients", json=body)
    assert issued.status_code == 201, issued.text
    hostile: httpx.AsyncClient = house.client(issued.json()["key"])
    assert (await hostile.post("/v1/people", json=ANA | {"name": 'Ana" <all@nowhere.example>, '})).status_code == 201
    letter = await _letter(house, relay)
    assert letter.recipients == ("ana@kaohsiung.example",)
    assert [address.addr_spec for address in letter.message["To"].addresses] == ["ana@kaohsiung.example"]
    assert "Bcc" not in letter.message


async def test_representatives_are_not_invited(house: House, relay: Relay) -> None:
    cohort = await Cohort.found(house)
    await cohort.member("Kaohsiung")
    await house.work("letters")
    assert await house.rows("SELECT 1 FROM task WHERE handler = 'letters.person_invited'") == []
    people = (await house.admin.get("/v1/people")).json()["items"]
    await house.client(None).post("/v1/sign-in-links", json={"email": people[0]["email"]})
    letter = await _letter(house, relay)
    assert letter.message["Subject"] == "Your sign-in link for ComP Hub"
