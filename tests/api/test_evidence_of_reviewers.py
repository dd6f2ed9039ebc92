"""Evidence as reviewers read it: the files of the submission that they were asked to review, and no others."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.fixtures.evidence_files import pdf
from tests.fixtures.house import House
from tests.fixtures.panel import Link, Panel

Json = dict[str, Any]


async def reviewed(house: House) -> tuple[Panel, str, Json, Json]:
    """A practice in review with a link and a file, and one with another file."""
    panel = await Panel.open(house, cities=4, blind="double")
    key: httpx.AsyncClient = panel.cities["Kaohsiung"]["key"]
    made: list[Json] = []
    for content in (pdf(b"1"), pdf(b"2")):
        practice = await panel.draft()
        path = f"/v1/practices/{practice}/evidence"
        made.append((await key.post(path, files={"file": ("measured <b>.pdf", content)})).json())
        link = {"kind": "link", "title": "The <i>city</i> & its report", "url": "https://city.example/?a=1&b=2"}
        assert (await key.post(path, json=link)).status_code == 201
        assert (await key.post(f"/v1/practices/{practice}/transitions", json={"action": "submit"})).status_code == 200
    await panel.work()
    return panel, made[0]["practice_id"], made[0], made[1]


async def test_reviewers_read_the_files_of_the_submission_that_they_review(house: House, anonymous: httpx.AsyncClient) -> None:
    panel, practice_id, mine, other = await reviewed(house)
    [link, *_] = [link async for link in panel.links(practice_id)]
    brief = await link.brief()
    assert [each["title"] for each in brief["practice"]["evidence"]] == ["measured _b_.pdf", "The <i>city</i> & its report"]
    assert "jurisdiction" not in brief["practice"]
    at = f"{link.path}/evidence"
    [file, page_elsewhere] = brief["practice"]["evidence"]
    assert (file["content_url"], "content_url" in page_elsewhere) == (f"{at}/{mine['id']}/content", False)
    answer = await link.client.get(f"{at}/{mine['id']}/content")
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, pdf(b"1"), "no-store")
    page = (await link.client.get(link.page)).text
    assert f'href="{at}/{mine["id"]}/content"' in page
    assert (
        'href="https://city.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">The &lt;i&gt;city&lt;/i&gt; &amp; its report'
        in page
    )
    for path in (f"{at}/{other['id']}/content", f"{at}/{uuid4()}/content", f"/v1/review-links/none/evidence/{mine['id']}/content"):
        assert (await anonymous.get(path)).status_code == 404
    await house.rows("UPDATE review_link SET revoked_at = now()")
    assert (await anonymous.get(f"{at}/{mine['id']}/content")).status_code == 404


async def test_a_reviewer_who_is_signed_in_reads_the_files_of_their_own_request(house: House) -> None:
    panel, practice_id, mine, other = await reviewed(house)
    [request, another, *_] = await panel.requests(practice_id)
    reviewer = await house.signed_in(request["reviewer"]["person_id"])
    path = f"/v1/review-requests/{request['id']}/evidence/{{}}/content"
    assert (await reviewer.get(path.format(mine["id"]))).content == pdf(b"1")
    assert (await house.admin.get(path.format(mine["id"]))).content == pdf(b"1")
    for client in (await house.signed_in(another["reviewer"]["person_id"]), panel.cities["Kaohsiung"]["key"], panel.cities["Kyoto"]["key"]):
        assert (await client.get(path.format(mine["id"]))).status_code == 404
    assert (await reviewer.get(path.format(other["id"]))).status_code == 404
    assert (await reviewer.get(f"/v1/evidence/{mine['id']}/content")).status_code == 404, "the author's way is not the reviewer's"


@dataclass(frozen=True, slots=True)
class Ways:
    """The two ways of one reviewer to one file."""

    panel: Panel
    link: Link
    person: httpx.AsyncClient
    file_id: str

    async def read(self) -> tuple[int, int]:
        """What they answer: by the link, and signed in."""
        by_link = await self.link.client.get(f"{self.link.path}/evidence/{self.file_id}/content")
        signed_in = await self.person.get(f"/v1/review-requests/{self.link.request['id']}/evidence/{self.file_id}/content")
        return by_link.status_code, signed_in.status_code


async def ways(house: House) -> Ways:
    """Of the first reviewer of a practice in review."""
    panel, practice_id, mine, _ = await reviewed(house)
    link = await panel.link((await panel.requests(practice_id))[0])
    return Ways(panel, link, await house.signed_in(link.request["reviewer"]["person_id"]), mine["id"])


OPEN, SHUT = (200, 200), (404, 404)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", OPEN),
        ("invited", OPEN),
        ("accepted", OPEN),
        ("submitted", OPEN),
        ("declined", OPEN),
        ("replaced", SHUT),
        ("expired", SHUT),
        ("cancelled", SHUT),
    ],
)
async def test_a_link_and_a_session_read_alike(house: House, status: str, expected: tuple[int, int]) -> None:
    both = await ways(house)
    request_id = both.link.request["id"]
    await house.rows("UPDATE review_request SET status = $2 WHERE id = $1", UUID(request_id), status)
    assert await both.read() == expected
    assert (await house.admin.get(f"/v1/review-requests/{request_id}/evidence/{both.file_id}/content")).status_code == 200


async def test_who_declined_reads_as_long_as_they_may_still_accept(house: House) -> None:
    both = await ways(house)
    assert (await both.link.answer("decline", reason="no time")).status_code == 200
    assert await both.read() == OPEN
    await house.shift(days=14.1)
    assert await both.read() == SHUT
    async with house.database.read() as connection:
        await connection.execute("UPDATE call SET answer_due_at = answer_due_at + interval '3 days'")
    assert await both.read() == OPEN, "a call that was extended gives them its time at once"
    await house.rows("UPDATE practice SET status = 'recognised'")
    assert await both.read() == SHUT


@pytest.mark.parametrize("status", ["accepted", "submitted"])
async def test_a_practice_that_was_withdrawn_is_read_by_nobody_who_reviewed_it(house: House, status: str) -> None:
    both = await ways(house)
    await house.rows("UPDATE review_request SET status = $2 WHERE id = $1", UUID(both.link.request["id"]), status)
    assert await both.read() == OPEN
    practice = f"/v1/practices/{both.link.request['practice_id']}/transitions"
    assert (await both.panel.cities["Kaohsiung"]["key"].post(practice, json={"action": "withdraw"})).status_code == 200
    assert await both.read() == SHUT, "at once, before the worker has cancelled what was asked"
    await both.panel.work()
    assert await both.read() == SHUT


async def test_the_page_leads_from_a_figure_to_the_evidence_that_it_names(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    key: httpx.AsyncClient = panel.cities["Kaohsiung"]["key"]
    practice = f"/v1/practices/{await panel.draft()}"
    file = (await key.post(f"{practice}/evidence", files={"file": ("meters.pdf", pdf(b"1"))})).json()
    link = (
        await key.post(f"{practice}/evidence", json={"kind": "link", "title": "Grid & heat", "url": "https://city.example/?a=1&b=2"})
    ).json()
    named = (("Heat", file["id"]), ("Grid", link["id"]), ("Homes", None))
    figures = [{"name": name, "unit": "MWh", "result": 7, "year": 2024, "evidence_id": evidence_id} for name, evidence_id in named]
    assert (await key.patch(practice, json={"indicators": figures}, headers={"If-Match": "*"})).status_code == 200
    assert (await key.post(f"{practice}/transitions", json={"action": "submit"})).status_code == 200
    await panel.work()
    invited = await anext(panel.links(file["practice_id"]))
    page = (await invited.client.get(invited.page)).text
    shown = [line for line in page.splitlines() if " 7 MWh in 2024" in line]
    apart = 'target="_blank" rel="nofollow noopener noreferrer"'
    assert shown == [
        f'<li>Heat: 7 MWh in 2024; evidence: <a href="{invited.path}/evidence/{file["id"]}/content">meters.pdf</a></li>',
        f'<li>Grid: 7 MWh in 2024; evidence: <a href="https://city.example/?a=1&amp;b=2" {apart}>Grid &amp; heat</a></li>',
        "<li>Homes: 7 MWh in 2024</li>",
    ]
    followed = await invited.client.get(f"{invited.path}/evidence/{file['id']}/content")
    assert (followed.status_code, followed.content) == (200, pdf(b"1"))
