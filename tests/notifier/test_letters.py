"""Who is written to, when, and what: the letters of the main job, read as their readers get them."""

import re
from collections.abc import AsyncIterator

import pytest

from services.core.kit.tokens import digest
from tests.fixtures.house import House
from tests.fixtures.panel import Link, Panel, review
from tests.fixtures.smtp import Accepted, Relay

TITLE = "Waste heat for ten thousand homes"
TOKEN = re.compile(r"^http://comphub\.test/review/([\w-]{43})$", re.MULTILINE)
AUTHORS = ["political@kaohsiung.example", "reviewer0@kaohsiung.example", "technical@kaohsiung.example"]


class Post:
    """What the relay took since last asked."""

    def __init__(self, house: House, relay: Relay) -> None:
        self._house, self._relay, self._read = house, relay, 0

    async def read(self) -> list[Accepted]:
        """The new letters in their order, once everything due has been done."""
        await self._house.work()
        came, self._read = self._relay.accepted[self._read :], len(self._relay.accepted)
        return came

    async def new(self) -> dict[str, Accepted]:
        """The new letters by recipient, at most one for each."""
        came = await self.read()
        assert all(len(letter.recipients) == 1 for letter in came), "one recipient per message"
        by_reader = {letter.recipients[0]: letter for letter in came}
        assert len(by_reader) == len(came)
        return by_reader


def link_in(letter: Accepted, house: House) -> Link:
    """The reviewer with nothing but this letter."""
    [token] = TOKEN.findall(letter.text())
    assert f'href="http://comphub.test/review/{token}"' in letter.text("html")
    return Link(house.client(None), token, {})


@pytest.fixture
async def post(house: House, relay: Relay) -> AsyncIterator[Post]:
    yield Post(house, relay)
    assert await house.rows("SELECT handler, last_error FROM task WHERE state = 'dead' OR last_error IS NOT NULL") == []


async def test_the_letters_of_a_practice_from_the_request_to_the_recognition(house: House, post: Post) -> None:
    panel = await Panel.open(house, cities=5)
    practice_id = await panel.in_review("Kaohsiung")

    requests = await post.new()
    assert len(requests) == 3
    assert all(address.startswith("reviewer0@") and "kaohsiung" not in address for address in requests)
    assert {request["status"] for request in await panel.requests(practice_id)} == {"invited"}
    for letter in requests.values():
        assert letter.message["Subject"] == f"Review request: {TITLE}"
        text = letter.text()
        for said in ("circular economy", "Kaohsiung", "First call", "about an hour", "(Philippine Standard Time, Asia/Manila; 2", "UTC)"):
            assert said in text
        assert re.search(r"Why you\n(- .+\n)+", text)

    first, second, third = [link_in(letter, house) for letter in requests.values()]
    assert (await first.brief())["practice"]["title"] == TITLE
    declined = await first.answer("decline", reason="I am on leave.")
    assert declined.status_code == 200
    letters = await post.new()
    receipt = letters.pop(next(iter(requests)))
    assert receipt.message["Subject"] == f"You declined to review: {TITLE}"
    assert "Your reason: I am on leave." in receipt.text()
    assert (await link_in(receipt, house).brief())["status"] == "declined"
    [asked_next] = letters.values()
    assert asked_next.message["Subject"] == f"Review request: {TITLE}"

    last: list[Accepted] = []
    for link in (second, third, link_in(asked_next, house)):
        await link.accept()
        [accepted] = (await post.new()).values()
        assert accepted.message["Subject"] == f"You accepted to review: {TITLE}"
        assert (await link_in(accepted, house).brief())["status"] == "accepted"
        assert (await link.write(review(8))).status_code == 200
        received, *last = await post.read()
        assert received.message["Subject"] == f"Your review has arrived: {TITLE}"

    await panel.tick()
    told = {letter.recipients[0]: letter for letter in [*last, *await post.read()]}
    assert sorted(told) == AUTHORS
    [recognition] = (await house.client(None).get("/v1/recognitions", params={"call_id": panel.call["id"]})).json()["items"]
    for letter in told.values():
        assert letter.message["Subject"] == f"Recognised: {TITLE}"
        assert f"\nhttp://comphub.test/verify/{recognition['code']}\n" in letter.text()
        assert recognition["code"] in letter.text("html")
        raw = letter.text() + letter.text("html") + "".join(f"{name}: {value}\n" for name, value in letter.message.items())
        assert not any(
            f"Reviewer 0 of {city}" in raw or city.lower() in raw.lower() for city in ("Yokohama", "Kyoto", "Iloilo", "Batangas")
        )


async def test_every_change_of_an_answer_has_its_letter_and_the_stale_one_says_so(house: House, post: Post, relay: Relay) -> None:
    panel = await Panel.open(house, cities=4)
    await panel.in_review()
    link = link_in(next(iter((await post.new()).values())), house)
    for action in ("accept", "decline", "accept"):
        assert (await link.answer(action)).status_code == 200
    await house.work("letters")
    texts = {letter.message["Subject"][:12]: letter.text() for letter in relay.accepted[3:]}
    assert len(relay.accepted) == 6
    assert sorted(texts) == ["You accepted", "You declined"]
    assert "Since then you have changed this answer" in texts["You declined"]


async def test_secrets_of_links_are_kept_as_hashes_only(house: House, post: Post) -> None:
    panel = await Panel.open(house, cities=4)
    await panel.in_review()
    tokens = [link_in(letter, house).token for letter in (await post.new()).values()]
    hashes = {bytes(row["token_hash"]) for row in await house.rows("SELECT token_hash FROM review_link")}
    assert hashes == {digest(token) for token in tokens}
    assert await house.rows("SELECT 1 FROM letter WHERE raw IS NOT NULL") == []


async def test_a_request_that_was_called_off_is_not_mailed(house: House, post: Post) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    withdrawn = await panel.cities["Kaohsiung"]["key"].post(f"/v1/practices/{practice_id}/transitions", json={"action": "withdraw"})
    assert withdrawn.status_code == 200
    await panel.work()
    assert await post.new() == {}
    assert await house.rows("SELECT 1 FROM letter") == []


async def test_a_request_whose_letter_is_in_doubt_counts_as_invited_and_is_not_sent_again_once_answered(house: House, relay: Relay) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    relay.fail("cut after acceptance", "cut after acceptance", "cut after acceptance")
    await house.work("letters")
    assert {request["status"] for request in await panel.requests(practice_id)} == {"invited"}
    link = link_in(relay.accepted[0], house)
    await link.accept()
    await house.shift(seconds=901)
    await house.work("letters")
    states = sorted(row["state"] for row in await house.rows("SELECT state FROM letter WHERE kind = 'review_requested'"))
    assert states == ["cancelled", "sent", "sent"]
    requests = [letter for letter in relay.accepted if letter.message["Subject"].startswith("Review request")]
    assert len(requests) == 5


async def test_a_double_blind_request_does_not_name_the_author(house: House, post: Post) -> None:
    panel = await Panel.open(house, cities=4, blind="double")
    await panel.in_review()
    letters = await post.new()
    assert len(letters) == 3
    for letter in letters.values():
        assert "withheld" in letter.text()
        assert "Kaohsiung" not in letter.text() + letter.text("html")


async def test_a_returned_practice_tells_its_authors_what_it_needs(house: House, post: Post) -> None:
    panel = await Panel.open(house, cities=1)
    await panel.hand_in(consent_to_publish=False, lessons="")
    letters = await post.new()
    assert sorted(letters) == AUTHORS
    for letter in letters.values():
        assert letter.message["Subject"] == f"Please complete: {TITLE}"
        before, _, after = letter.text().partition("You may also look at this")
        assert re.search(r"^- .*consent", before, re.MULTILINE | re.IGNORECASE)
        assert re.search(r"^- .*do differently", after, re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize(
    ("value", "recommendation", "subject", "said"),
    [
        (2, "decline", f"Decided: {TITLE}", "was not recognised this time"),
        (6, "revise", f"Please revise: {TITLE}", "hand it in again"),
        (6, "commend", f"Commended: {TITLE}", "/verify/"),
    ],
)
async def test_each_outcome_has_one_letter_for_each_representative(
    house: House, post: Post, value: int, recommendation: str, subject: str, said: str
) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    await panel.review_all(practice_id, value, value, value, recommendation=recommendation)
    await panel.tick()
    letters = [letter for letter in await post.read() if letter.recipients[0] in AUTHORS]
    assert sorted(letter.recipients[0] for letter in letters) == AUTHORS
    for letter in letters:
        assert letter.message["Subject"] == subject
        assert said in letter.text()
    await house.shift(days=1)
    assert await post.new() == {}
