"""Evidence as reviewers read it: the files of the submission that they were asked to review, and no others."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.fixtures.evidence_files import pdf
from tests.fixtures.house import House
from tests.fixtures.panel import Panel

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


async def test_a_reviewer_who_is_signed_in_reads_them_as_long_as_the_request_is_theirs(house: House) -> None:
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
    await house.rows("UPDATE review_request SET status = 'cancelled' WHERE id = $1", UUID(request["id"]))
    assert (await reviewer.get(path.format(mine["id"]))).status_code == 404
    assert (await house.admin.get(path.format(mine["id"]))).status_code == 200
