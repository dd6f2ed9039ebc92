"""Dead work is seen and made due again, and nothing else is."""

import uuid

import httpx

from services.core.ledger.record import schedule
from services.core.ledger.task import Task
from tests.fixtures.house import House


async def dead_task(house: House) -> str:
    async with house.database.transaction() as session:
        payload = {"id": str(uuid.uuid4())}
        schedule(session, Task(queue="practices", handler="nobody", dedupe_key="lost", payload=payload, max_attempts=1))
    await house.work("practices")
    rows = await house.rows("SELECT id, state FROM task")
    assert rows[0]["state"] == "dead"
    return str(rows[0]["id"])


async def test_a_dead_task_is_listed_and_requeued(admin: httpx.AsyncClient, house: House) -> None:
    task = await dead_task(house)
    dead = (await admin.get("/v1/admin/tasks?state=dead")).json()["items"]
    assert [(entry["id"], entry["attempts"]) for entry in dead] == [(task, 1)]
    assert "no handler is called nobody" in dead[0]["last_error"]
    assert (await admin.get("/v1/admin/tasks?state=pending")).json()["items"] == []
    again = await admin.post(f"/v1/admin/tasks/{task}/requeue")
    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (200, "pending", 0)
    twice = await admin.post(f"/v1/admin/tasks/{task}/requeue")
    assert (twice.status_code, twice.json()["code"]) == (409, "conflict")
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'task.requeued'")) == 1


async def test_only_an_admin_sees_the_ledger(house: House, anonymous: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    platform = await house.platform("practices:write")
    assert (await platform.get("/v1/admin/tasks")).status_code == 403
    assert (await anonymous.get("/v1/admin/tasks")).status_code == 401
    assert (await admin.post(f"/v1/admin/tasks/{uuid.uuid4()}/requeue")).status_code == 404
