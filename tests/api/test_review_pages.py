"""The reviewer's page: readable without scripts, changed by nothing but a person's choice, and a robot's playground."""

import asyncio
import re
from html.parser import HTMLParser

import httpx

from tests.fixtures.house import House
from tests.fixtures.panel import CRITERIA, Link, Panel

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Page(HTMLParser):
    """The forms of a page with their default values, its links, and which inputs have a label."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.links: list[str] = []
        self.inputs: set[str] = set()
        self.labels: set[str] = set()
        self._select = ""
        self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag == "a":
            self.links.append(given["href"])
        elif tag == "label":
            self.labels.add(given["for"])
        elif tag in ("input", "textarea", "select"):
            self._input(tag, given)
        elif tag == "option" and "selected" in given:
            self.forms[-1][self._select] = given["value"]

    def _input(self, tag: str, given: dict[str, str]) -> None:
        if given.get("type") != "hidden":
            self.inputs.add(given["id"])
        self._select = given["name"] if tag == "select" else ""
        self._area = given["name"] if tag == "textarea" else ""
        if tag == "textarea":
            self.forms[-1][given["name"]] = ""
        elif tag == "input" and (given.get("type") == "hidden" or "checked" in given):
            self.forms[-1][given["name"]] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][self._area] += data


async def _asked(house: House) -> tuple[Panel, Link]:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    return panel, await panel.link((await panel.requests(practice_id))[0])


async def _page(link: Link) -> Page:
    answer = await link.client.get(link.page)
    assert answer.status_code == 200
    return Page(answer.text)


async def _send(link: Link, form: dict[str, str], **more: str) -> httpx.Response:
    return await link.client.post(link.page, data=form | more)


async def test_a_reviewer_accepts_drafts_and_hands_in_without_a_script(house: House) -> None:
    _, link = await _asked(house)
    shown = await link.client.get(link.page)
    assert "Asia/Manila, UTC+08:00" in shown.text
    assert "Why you" in shown.text
    assert "Waste heat for ten thousand homes" in shown.text
    page = Page(shown.text)
    assert page.forms[0].keys() == {"nonce", "form", "reason"}  # nothing is chosen beforehand
    accepted = await _send(link, page.forms[0], action="accept")
    assert (accepted.status_code, accepted.headers["location"]) == (303, link.page)
    cookie = accepted.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/review/" in cookie
    [kept_s] = re.findall(r"Max-Age=(\d+)", cookie)
    assert int(kept_s) > 365 * 86_400, "the browser does not end what an extension prolongs"

    page = await _page(link)
    form = page.forms[0]
    assert form["form"] == "review"
    saved = await _send(link, form, **{"score.impact": "9", "comments_to_author": "Zürich & <b>co</b>\r\nnext"}, do="save")
    assert (saved.status_code, saved.headers["location"]) == (303, f"{link.page}?note=saved")
    told = await link.client.get(saved.headers["location"])
    assert "Your draft is saved" in told.text
    assert "<b>co" not in told.text
    form = Page(told.text).forms[0]
    assert (form["score.impact"], form["comments_to_author"], form["version"]) == ("9", "Zürich & <b>co</b>\nnext", "1")

    scores = {f"score.{code}": "8" for code in CRITERIA}
    hasty = await _send(link, form, **scores, recommendation="recognise", confidence="4", do="hand_in")
    assert (hasty.status_code, "Confirm that your review is finished" in hasty.text) == (422, True)
    done = await _send(link, Page(hasty.text).forms[0], done="yes", do="hand_in")
    assert done.status_code == 303
    assert "Your review is handed in" in (await link.client.get(link.page)).text
    [review] = await house.rows("SELECT final, total FROM review")
    assert (review["final"], review["total"]) == (True, 80)


async def test_a_robot_changes_nothing(house: House) -> None:
    _, link = await _asked(house)
    state = (
        "SELECT (SELECT jsonb_agg(q) FROM review_request q)::text AS q, (SELECT count(*) FROM event) AS e, (SELECT count(*) FROM task) AS t"
    )
    known = await house.rows(state)
    assert (await link.client.head(link.page)).status_code in (200, 405)
    await link.client.options(link.page)
    answers = await asyncio.gather(*(link.client.get(link.page) for _ in range(20)))
    for answer in answers:
        assert answer.status_code == 200
        page = Page(answer.text)
        for href in page.links:
            await link.client.get(href)
        for form in page.forms:
            refused = await link.client.post(link.page, data=form)
            assert refused.status_code == 422
    assert await house.rows(state) == known
    assert (await link.brief())["status"] == "invited"


async def test_a_robot_with_the_reviewers_cookie_changes_nothing_either(house: House) -> None:
    _, link = await _asked(house)
    await _send(link, (await _page(link)).forms[0], action="accept")
    state = "SELECT (SELECT jsonb_agg(q) FROM review_request q)::text AS q, (SELECT count(*) FROM review) AS r"
    known = await house.rows(state)
    page = await _page(link)
    assert [form["form"] for form in page.forms] == ["review", "answer"]
    for form in page.forms:
        for button in ({}, {"do": "save"}, {"do": "hand_in"}):
            answer = await link.client.post(link.page, data=form | button)
            assert answer.status_code in (303, 422)
    assert await house.rows(state) == known


async def test_a_form_needs_a_fresh_nonce_of_this_very_link(house: House) -> None:
    panel, link = await _asked(house)
    other = await panel.link((await panel.requests(link.request["practice_id"]))[1])
    foreign = (await _page(other)).forms[0]["nonce"]
    own = (await _page(link)).forms[0]["nonce"]
    end, _, rest = own.partition(".")
    for nonce in ("", "x", foreign, f"{int(end) + 1}.{rest}", own[:-1] + ("0" if own[-1] != "0" else "1")):
        refused = await link.client.post(link.page, data={"nonce": nonce, "form": "answer", "action": "accept"})
        assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert (await link.brief())["status"] == "invited"


async def test_a_form_is_a_form(house: House) -> None:
    _, link = await _asked(house)
    nonce = (await _page(link)).forms[0]["nonce"]
    as_json = await link.client.post(link.page, json={"nonce": nonce, "action": "accept"})
    assert as_json.status_code == 415
    twice = await link.client.post(link.page, content=f"nonce={nonce}&action=accept&action=decline", headers=FORM)
    assert twice.status_code == 400
    control = await link.client.post(link.page, content=f"nonce={nonce}&form=answer&action=decline&reason=%00", headers=FORM)
    assert control.status_code == 400
    broken = await link.client.post(link.page, content=f"nonce={nonce}&reason=%ff", headers=FORM)
    assert broken.status_code == 400
    elsewhere = await link.client.post("/v1/jurisdictions", content="name=x", headers=FORM)
    assert elsewhere.status_code == 415


async def test_pages_keep_their_promises_in_headers_and_markup(house: House) -> None:
    _, link = await _asked(house)
    await link.accept()
    answers = [
        await link.client.get(link.page),
        await link.client.get(f"/review/{'x' * 43}"),
        await link.client.post(link.page, data={"x": "y"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 403]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe-inline" not in policy
        assert '<html lang="en">' in answer.text
        assert 'name="viewport"' in answer.text
        assert "<script" not in answer.text
        assert not re.search(r'(?:src|href)="(?!/review/)', answer.text)
        page = Page(answer.text)
        assert page.inputs <= page.labels


async def test_late_and_closed_requests_are_told_on_a_page_with_the_right_status(house: House) -> None:
    _, link = await _asked(house)
    form = (await _page(link)).forms[0]
    await house.shift(days=15)
    late = await _send(link, form, action="accept")
    assert (late.status_code, "The time to answer" in late.text) == (410, True)
    shown = await link.client.get(link.page)
    assert (shown.status_code, Page(shown.text).forms) == (200, [])


async def test_a_second_tab_loses_nothing(house: House) -> None:
    _, link = await _asked(house)
    await _send(link, (await _page(link)).forms[0], action="accept")
    tabs = [(await _page(link)).forms[0] for _ in range(2)]
    await _send(link, tabs[0], comments_to_author="first tab", do="save")
    clash = await _send(link, tabs[1], comments_to_author="second tab", do="save")
    assert clash.status_code == 412
    form = Page(clash.text).forms[0]
    assert (form["comments_to_author"], form["version"]) == ("second tab", "1")
    assert [row["comments_to_author"] for row in await house.rows("SELECT comments_to_author FROM review")] == ["first tab"]


async def test_a_forwarded_link_does_not_read_the_review(house: House) -> None:
    panel, link = await _asked(house)
    await _send(link, (await _page(link)).forms[0], action="accept")
    await _send(link, (await _page(link)).forms[0], comments_to_author="my secret words", do="save")
    stranger = Link(house.client(None), link.token, link.request)
    shown = await stranger.client.get(stranger.page)
    assert "my secret words" not in shown.text
    again = (await stranger.answer("accept")).json()
    assert "review_session" not in again
    later = await panel.link(link.request)  # the receipt's own link, in the browser that accepted
    later.client = link.client
    assert "my secret words" in (await later.client.get(later.page)).text
