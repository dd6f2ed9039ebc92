"""Who loses a key, a session, a role or their account is refused within a second, whichever way they come."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.core.accounts import service as accounts
from services.core.accounts.schemas import PersonCreate
from services.core.kit.actor import SYSTEM
from services.core.sync.service import batches
from tests.fixtures.batches import item, send
from tests.fixtures.cohort import Cohort
from tests.fixtures.house import House
from tests.notifier.waiting import until

Json = dict[str, Any]
SECOND = 1.0
"""How long a gateway may still believe what it knew: `key_cache_s`."""
SLACK = 0.5
"""What a busy machine may need beyond it."""
ANY = {"If-Match": "*"}
NEEDS_A_RIGHT = "/v1/audit"
CHANGES = "/v1/membership/changes"


async def person(house: House, *roles: Json) -> tuple[str, httpx.AsyncClient]:
    """The id of someone with these roles, and their client."""
    given = PersonCreate.model_validate({"email": "ana@city.example", "name": "Ana", "roles": roles})
    async with house.database.transaction() as session:
        person_id = await accounts.create_person(session, SYSTEM, given)
    return str(person_id), await house.signed_in(str(person_id))


async def platform(house: House, *scopes: str) -> tuple[Json, httpx.AsyncClient]:
    """A client as the API tells of it, and who uses its key."""
    made = (await house.admin.post("/v1/api-clients", json={"name": "P", "scopes": scopes, "jurisdiction_ids": ["*"]})).json()
    return made, house.client(made["key"])


async def refused_after(ask: Callable[[], Awaitable[httpx.Response]], take_away: Awaitable[httpx.Response], status: int) -> float:
    """How many seconds after the right was taken away the answer is ``status`` (it is let in before, and stays refused)."""
    assert (await ask()).is_success
    taken = await take_away
    assert taken.is_success, taken.text
    begun = time.monotonic()
    while (await ask()).status_code != status:
        assert time.monotonic() - begun < 5
        await asyncio.sleep(0.02)
    spent = time.monotonic() - begun
    assert (await ask()).status_code == status
    return spent


async def test_a_revoked_key_is_refused_within_a_second(house: House) -> None:
    client, caller = await platform(house, "memberships:read")
    away = house.admin.delete(f"/v1/api-clients/{client['id']}/keys/{client['key_id']}")
    assert await refused_after(lambda: caller.get(CHANGES), away, 401) < SECOND + SLACK


async def test_every_key_of_a_removed_client_is_refused_within_a_second(house: House) -> None:
    client, caller = await platform(house, "memberships:read")
    second = house.client((await house.admin.post(f"/v1/api-clients/{client['id']}/keys")).json()["key"])
    assert (await second.get(CHANGES)).is_success
    away = house.admin.delete(f"/v1/api-clients/{client['id']}")
    assert await refused_after(lambda: caller.get(CHANGES), away, 401) < SECOND + SLACK
    assert (await second.get(CHANGES)).status_code == 401


async def test_an_ended_session_is_refused_within_a_second_and_others_of_the_person_go_on(house: House) -> None:
    person_id, caller = await person(house, {"role": "secretariat"})
    other = await house.signed_in(person_id)
    assert await refused_after(lambda: caller.get(NEEDS_A_RIGHT), caller.delete("/v1/sessions/current"), 401) < SECOND + SLACK
    assert (await other.get(NEEDS_A_RIGHT)).status_code == 200


async def test_a_role_that_was_taken_gives_nothing_within_a_second(house: House) -> None:
    person_id, caller = await person(house, {"role": "secretariat"})
    away = house.admin.patch(f"/v1/people/{person_id}", json={"roles": []}, headers=ANY)
    assert await refused_after(lambda: caller.get(NEEDS_A_RIGHT), away, 403) < SECOND + SLACK


async def test_a_removed_person_is_nobody_within_a_second(house: House) -> None:
    person_id, caller = await person(house, {"role": "secretariat"})
    away = house.admin.delete(f"/v1/people/{person_id}", headers=ANY)
    assert await refused_after(lambda: caller.get(NEEDS_A_RIGHT), away, 401) < SECOND + SLACK


# Who waits.


async def waits(house: House, caller: httpx.AsyncClient) -> "asyncio.Task[httpx.Response]":
    """A long poll of ``caller`` that waits, since nothing is new."""
    page: Json = (await caller.get(CHANGES, params={"limit": 200})).json()
    while page["items"]:
        page = (await caller.get(CHANGES, params={"limit": 200, "cursor": page["next_cursor"]})).json()
    poll = asyncio.create_task(caller.get(CHANGES, params={"cursor": page["next_cursor"], "wait": 30}))

    async def is_waiting() -> bool:
        return bool(house.app.state.watch.waiting == 1)

    await until(is_waiting)
    return poll


async def test_who_loses_a_role_while_waiting_learns_nothing(house: House) -> None:
    cohort = await Cohort.found(house)
    person_id, caller = await person(house, {"role": "secretariat"})
    poll = await waits(house, caller)
    await house.admin.patch(f"/v1/people/{person_id}", json={"roles": []}, headers=ANY)
    await asyncio.sleep(house.settings.key_cache_s)
    await cohort.draft("Kaohsiung")
    answer = await poll
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not {"items", "as_of"} & set(answer.json())


async def test_who_is_removed_while_waiting_learns_nothing(house: House) -> None:
    cohort = await Cohort.found(house)
    person_id, caller = await person(house, {"role": "secretariat"})
    poll = await waits(house, caller)
    assert (await house.admin.delete(f"/v1/people/{person_id}", headers=ANY)).status_code == 204
    await asyncio.sleep(house.settings.key_cache_s)
    await cohort.draft("Kaohsiung")
    assert (await poll).status_code == 401


# What goes on without them.


async def job(house: House, caller: httpx.AsyncClient, *, items: int = 1_100) -> str:
    """Where a batch of ``caller`` that became a job is watched."""
    started = await send(caller, [item(number) for number in range(items)])
    assert started.status_code == 202, started.text
    return str(started.headers["location"])


async def ended(house: House, where: str) -> tuple[str, str]:
    """How the job ended, and why."""
    told = (await house.admin.get(where)).json()
    return told["status"], told.get("problem", {}).get("code", "")


@pytest.mark.parametrize("how", ["role taken", "person removed"])
async def test_a_job_of_who_lost_the_right_does_nothing(house: House, how: str) -> None:
    person_id, caller = await person(house, {"role": "secretariat"})
    where = await job(house, caller)
    if how == "role taken":
        await house.admin.patch(f"/v1/people/{person_id}", json={"roles": []}, headers=ANY)
    else:
        await house.admin.delete(f"/v1/people/{person_id}", headers=ANY)
    await house.work("sync")
    assert await ended(house, where) == ("failed", "forbidden")
    assert await house.rows("SELECT id FROM jurisdiction") == []


async def test_a_job_that_is_running_stops_at_its_next_part(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client, caller = await platform(house, "sync:write")
    where, take_part = await job(house, caller), batches._take_part

    async def and_then_remove(*given: Any) -> Any:
        counts = await take_part(*given)
        await house.rows("UPDATE api_client SET deleted_at = now() WHERE id = $1 RETURNING id", UUID(client["id"]))
        return counts

    monkeypatch.setattr(batches, "_take_part", and_then_remove)
    await house.work("sync")
    assert await ended(house, where) == ("failed", "forbidden")
    assert 0 < len(await house.rows("SELECT id FROM jurisdiction")) <= 500, "what was taken in before stays"


# What was answered before.


async def test_who_lost_the_right_is_not_told_the_stored_answer(house: House) -> None:
    person_id, caller = await person(house, {"role": "secretariat"})
    body = {"name": "Stored", "level": "city", "country": "TW"}

    async def ask() -> httpx.Response:
        return await caller.post("/v1/jurisdictions", json=body, headers={"Idempotency-Key": "once"})

    first = await ask()
    assert (await ask()).headers["idempotency-replayed"] == "true"
    away = house.admin.patch(f"/v1/people/{person_id}", json={"roles": []}, headers=ANY)
    assert await refused_after(ask, away, 403) < SECOND + SLACK
    assert first.json()["id"] not in (await ask()).text


async def test_an_idempotency_key_is_its_callers_own(house: House) -> None:
    callers = [(await platform(house, "jurisdictions:write"))[1], (await person(house, {"role": "secretariat"}))[1]]
    body = {"name": "Twice", "level": "city", "country": "TW"}
    answers = [await caller.post("/v1/jurisdictions", json=body, headers={"Idempotency-Key": "same"}) for caller in callers]
    other = await callers[1].post("/v1/jurisdictions", json=body | {"name": "Other"}, headers={"Idempotency-Key": "same"})
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 2
    assert not any("idempotency-replayed" in answer.headers for answer in answers)
    assert other.status_code == 422, "within one caller, another body is a mistake"
    stranger = await house.client(None).post("/v1/jurisdictions", json=body, headers={"Idempotency-Key": "same"})
    assert (stranger.status_code, "idempotency-replayed" in stranger.headers) == (401, False)
