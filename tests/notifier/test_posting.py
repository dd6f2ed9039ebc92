"""A letter's way to the relay: once for every definite fault, recorded for every doubt, the same bytes every time."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.core.kit.crypto import unseal
from services.core.kit.settings import Settings
from services.notifier import outcome, posting
from tests.fixtures.house import House
from tests.fixtures.smtp import Fault, Relay
from tests.notifier import probe as probes
from tests.notifier.waiting import until

Post = Callable[..., Awaitable[str]]
Look = Callable[[str], Awaitable[Any]]

BEFORE_THE_DOT: tuple[Fault, ...] = ("banner 421", "mail 421", "rcpt 451", "data 452", "cut in data")


async def deliver(house: House, *, after: float = 1.0, rounds: int = 1) -> None:
    """Do what is due, let the retry time pass, and do it again."""
    await house.work("letters")
    for _ in range(rounds):
        await house.shift(seconds=after)
        await house.work("letters")


async def test_a_letter_goes_out_once_and_leaves_nothing_readable_behind(
    house: House, relay: Relay, post: Post, letter: Look, settings: Settings
) -> None:
    key = await post(words="One, and once.")
    await deliver(house)
    [accepted] = relay.accepted
    row = await letter(key)
    assert (row["state"], row["task"], row["raw"], row["attempts"], row["in_doubt_count"]) == ("sent", "done", None, 1, 0)
    assert row["sent_at"] is not None
    assert row["dot_at"] is not None
    assert row["reply"] == "250 2.0.0 kept as 1"
    assert accepted.sender == "no-reply@comphub.example"
    assert accepted.recipients == ("reader@city.example",)
    assert accepted.message["Message-ID"] == row["message_id"]
    assert probes.relayed.count(key) == 1
    lines = accepted.text().splitlines()
    assert ".a line that begins with a dot" in lines
    assert "..and one with two" in lines


async def test_one_line_to_the_relay_serves_many_letters(house: House, relay: Relay, post: Post) -> None:
    for _ in range(12):
        await post()
        await house.work("letters")
    assert len(relay.accepted) == 12
    assert relay.connections == 1


async def test_a_line_that_the_relay_closed_meanwhile_costs_no_attempt(house: House, relay: Relay, post: Post, letter: Look) -> None:
    await post()
    await house.work("letters")
    relay.hang_up()
    key = await post()
    await house.work("letters")
    relay.fail("mail 421")
    other = await post()
    await house.work("letters")
    assert [(await letter(k))["claims"] for k in (key, other)] == [1, 1]
    assert len(relay.accepted) == 3


@pytest.mark.parametrize("fault", [*BEFORE_THE_DOT, "dot 452"])
async def test_a_definite_fault_is_tried_again_and_leads_to_exactly_one_copy(
    house: House, relay: Relay, post: Post, letter: Look, fault: Fault
) -> None:
    relay.fail(fault)
    key = await post()
    await house.work("letters")
    assert relay.accepted == []
    before = await letter(key)
    assert (before["state"], before["task"]) == ("ready", "pending")
    assert before["raw"] is not None
    await deliver(house)
    row = await letter(key)
    assert (len(relay.accepted), row["state"], row["task"], row["in_doubt_count"], row["claims"]) == (1, "sent", "done", 0, 2)
    assert relay.accepted[0].message["Message-ID"] == before["message_id"]


async def test_a_relay_that_says_nothing_blocks_nobody(house: House, relay: Relay, post: Post, letter: Look) -> None:
    relay.fail("banner silence")
    await post()
    key = await post()
    await deliver(house, rounds=2)
    assert len(relay.accepted) == 2
    assert (await letter(key))["state"] == "sent"


async def test_many_letters_through_a_bad_relay_arrive_once_each(house: House, relay: Relay, post: Post, letter: Look) -> None:
    faults = [*BEFORE_THE_DOT, "dot 452"] * 3
    relay.fail(*faults)
    keys = [await post(words=f"number {n}") for n in range(30)]
    await deliver(house, rounds=len(faults))
    rows = [await letter(key) for key in keys]
    assert [row["state"] for row in rows] == ["sent"] * 30
    assert sorted(a.message["Message-ID"] for a in relay.accepted) == sorted(row["message_id"] for row in rows)


async def test_a_cut_between_body_and_dot_never_means_two_copies(house: House, relay: Relay, post: Post, letter: Look) -> None:
    relay.fail("cut before dot")
    key = await post()
    await house.work("letters")
    assert (await letter(key))["state"] in {"ready", "in_doubt"}, "whichever of the two was seen first: the cut or our dot"
    await deliver(house, after=1000)
    assert len(relay.accepted) == 1
    assert (await letter(key))["state"] == "sent"


async def test_a_relay_that_does_not_let_us_in_is_no_verdict_about_the_letter(
    house: House, relay: Relay, post: Post, letter: Look, settings: Settings
) -> None:
    relay.needs_login = True
    settings.smtp_url = relay.url.replace("smtp://", "smtp://user:pass@") + "?starttls=never"
    relay.fail("auth 535")
    key = await post()
    await house.work("letters")
    row = await letter(key)
    assert (row["state"], row["last_error"]) == ("ready", "no line to the relay: it said 535")
    await deliver(house)
    assert (await letter(key))["state"] == "sent"
    await posting.lines(settings).close()


async def test_a_relay_without_tls_gets_no_password(house: House, relay: Relay, post: Post, letter: Look, settings: Settings) -> None:
    relay.needs_login = True
    settings.smtp_url = relay.url.replace("smtp://", "smtp://user:pass@")
    key = await post()
    await house.work("letters")
    assert (await letter(key))["state"] == "ready"
    assert not any(command.startswith("AUTH") for command in relay.commands)


@pytest.mark.parametrize("fault", ["rcpt 550", "dot 554"])
async def test_a_permanent_no_ends_the_letter(house: House, relay: Relay, post: Post, letter: Look, fault: Fault) -> None:
    relay.fail(fault)
    key = await post()
    await deliver(house)
    row = await letter(key)
    assert (row["state"], row["task"], row["raw"]) == ("dead", "done", None)
    assert row["reply"].startswith(("550 5.1.1", "554 5.7.1"))
    assert relay.accepted == []


async def test_a_refusal_for_now_is_for_ever_after_three_days(house: House, relay: Relay, post: Post, letter: Look) -> None:
    relay.fail("rcpt 451", "rcpt 451", "rcpt 451")
    key = await post()
    await deliver(house, after=71 * 3600)
    assert (await letter(key))["state"] == "ready"
    await deliver(house, after=3600)
    row = await letter(key)
    assert (row["state"], row["task"]) == ("dead", "done")


async def test_days_without_a_relay_do_not_count_against_the_recipient(house: House, relay: Relay, post: Post, letter: Look) -> None:
    relay.fail("banner 421", "rcpt 451")
    key = await post()
    await deliver(house, after=5 * 86400)
    assert (await letter(key))["state"] == "ready"
    await deliver(house)
    assert (await letter(key))["state"] == "sent"


async def test_a_cut_after_the_dot_is_a_doubt_answered_by_one_more_copy_of_the_same_bytes(
    house: House, relay: Relay, post: Post, letter: Look
) -> None:
    relay.fail("cut after acceptance")
    key = await post()
    await house.work("letters")
    row = await letter(key)
    assert (row["state"], row["task"], row["in_doubt_count"], row["reply"]) == ("in_doubt", "pending", 1, "SMTPServerDisconnected")
    assert probes.relayed.count(key) == 1, "it may have arrived, so its reader may answer"
    await deliver(house, after=800)
    assert len(relay.accepted) == 1, "fifteen minutes for evidence"
    await deliver(house, after=200)
    row = await letter(key)
    assert (row["state"], row["task"], row["in_doubt_count"]) == ("sent", "done", 1)
    assert relay.accepted[0].raw == relay.accepted[1].raw
    assert len(relay.accepted) == 2


async def test_a_second_doubt_is_for_people(house: House, relay: Relay, post: Post, letter: Look) -> None:
    relay.fail("cut after acceptance", "silence after acceptance")
    key = await post()
    await deliver(house, after=1000, rounds=3)
    row = await letter(key)
    assert (row["state"], row["task"], row["in_doubt_count"]) == ("needs_human", "done", 2)
    assert row["raw"] is not None, "people may send it again"
    assert len({accepted.raw for accepted in relay.accepted}) == 1
    assert len(relay.accepted) == 2


async def test_a_slow_answer_is_waited_for_in_a_slot_of_its_own(
    house: House, relay: Relay, post: Post, letter: Look, settings: Settings
) -> None:
    settings.letter_reply_s = 10
    relay.slow_s = settings.task_lease_s * 0.2 + 0.5
    relay.fail("slow acceptance")
    key, other = await post(), await post()
    await house.work("letters")
    states = {(await letter(k))["state"] for k in (key, other)}
    assert states == {"transmitting", "sent"}

    async def both_done() -> bool:
        return {(await letter(k))["task"] for k in (key, other)} == {"done"}

    await until(both_done)
    assert len(relay.accepted) == 2
    assert {(await letter(k))["state"] for k in (key, other)} == {"sent"}


async def test_a_letter_whose_sender_died_after_the_dot_is_in_doubt_when_its_lease_runs_out(
    house: House, relay: Relay, post: Post, letter: Look
) -> None:
    relay.fail("rcpt 451")
    key = await post()
    await house.work("letters")
    await house.rows("UPDATE letter SET state = 'transmitting', dot_at = domain_now() WHERE dedupe_key = $1", key)
    await deliver(house)
    row = await letter(key)
    assert (row["state"], row["task"], row["in_doubt_count"]) == ("in_doubt", "pending", 1)
    assert relay.accepted == []
    await deliver(house, after=900)
    assert (await letter(key))["state"] == "sent"


async def test_a_sender_that_lost_its_lease_hangs_up_before_the_dot(
    house: House, relay: Relay, post: Post, letter: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await post()
    commit = posting._point_of_no_return

    async def robbed(*arguments: Any) -> bool:
        assert relay.commands[-1] == "DATA"
        await house.rows("UPDATE task SET lease_token = gen_random_uuid() WHERE dedupe_key = $1", key)
        return await commit(*arguments)

    monkeypatch.setattr(posting, "_point_of_no_return", robbed)
    await house.work("letters")
    row = await letter(key)
    assert (row["state"], row["task"], row["dot_at"]) == ("ready", "pending", None)
    assert relay.accepted == []


async def test_an_answer_that_comes_after_the_lease_is_recorded_all_the_same(
    house: House, relay: Relay, post: Post, letter: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await post()
    end = outcome.conclude

    async def robbed(*arguments: Any) -> None:
        await house.rows("UPDATE task SET lease_token = gen_random_uuid(), lease_until = now() WHERE dedupe_key = $1", key)
        await end(*arguments)

    monkeypatch.setattr(posting, "conclude", robbed)
    await house.work("letters")
    assert (await letter(key))["state"] == "sent"
    await deliver(house)
    assert (await letter(key))["task"] == "done"
    assert len(relay.accepted) == 1


async def test_what_is_no_longer_so_is_cancelled_not_sent(house: House, relay: Relay, post: Post, letter: Look) -> None:
    relay.fail("rcpt 451")
    key = await post()
    await house.work("letters")
    probes.withdrawn.add(key)
    await deliver(house)
    row = await letter(key)
    assert (row["state"], row["task"], row["raw"]) == ("cancelled", "done", None)
    assert relay.accepted == []


async def test_what_is_no_longer_so_before_it_is_written_leaves_no_letter(house: House, relay: Relay, post: Post, letter: Look) -> None:
    key = await post()
    probes.withdrawn.add(key)
    await deliver(house)
    assert await letter(key) is None
    [task] = await house.rows("SELECT state FROM task WHERE dedupe_key = $1", key)
    assert task["state"] == "done"


async def test_the_bytes_are_frozen_before_the_first_attempt_and_unreadable_in_the_table(
    house: House, relay: Relay, post: Post, letter: Look, settings: Settings
) -> None:
    relay.fail("rcpt 451", "dot 452", "banner 421")
    key = await post(words="Frozen words")
    await house.work("letters")
    row = await letter(key)
    assert b"Frozen" not in row["raw"]
    assert b"/review/" not in row["raw"]
    frozen = unseal(settings.secret_key.get_secret_value(), "letter", row["raw"], about=row["id"].bytes)
    await deliver(house, rounds=4)
    assert [accepted.raw for accepted in relay.accepted] == [frozen]
    assert probes.written.count(key) == 1


async def test_a_letter_that_cannot_be_written_dies_after_eight_attempts(house: House, relay: Relay, post: Post) -> None:
    key = await post(unwritable=True)
    await deliver(house, after=5 * 3600, rounds=9)
    [task] = await house.rows("SELECT state, attempts, last_error FROM task WHERE dedupe_key = $1", key)
    assert (task["state"], task["attempts"]) == ("dead", 8)
    assert "@" not in task["last_error"]


async def test_an_address_that_plain_smtp_cannot_write_is_not_tried(house: House, relay: Relay, post: Post) -> None:
    key = await post(email="邮箱@city.example")
    await deliver(house)
    [task] = await house.rows("SELECT state, last_error FROM task WHERE dedupe_key = $1", key)
    assert task["state"] == "dead"
    assert relay.commands == []
