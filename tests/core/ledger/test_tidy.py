"""Once an hour what has served is forgotten, by each door under its own login."""

import pytest

from services.core.ledger import ring, sweep
from tests.fixtures.house import House

_ANSWER = """
INSERT INTO idempotency (principal, key, method, route, fingerprint, status, headers, body, created_at)
VALUES ('platform:x', $1, 'POST', '/v1/x', '', 201, '{}', '', now() - make_interval(hours => $2))
"""
_JOB = """
WITH j AS (
  INSERT INTO job (id, kind, lane, principal, total, task_key, result_url, params, status, finished_at)
  VALUES (gen_random_uuid(), 'x', 'x', 'platform:x', 1, $1, '/x', '{}', $2, now() - make_interval(days => $3)) RETURNING id)
INSERT INTO job_part (job_id, number, results) SELECT id, 0, 'told' FROM j
"""
_BEAT = "INSERT INTO heartbeat (process, service, seen_at) VALUES ($1, 'worker', now() - make_interval(hours => $2))"


@pytest.mark.parametrize("door", ["worker", "notifier"])
async def test_old_answers_jobs_and_signs_of_life_go_and_newer_ones_stay(house: House, door: str) -> None:
    for name, age in (("old", 49), ("new", 47)):
        await house.rows(_ANSWER, name, age)
        await house.rows(_BEAT, name, age - 24)
        await house.rows(_JOB, name, "succeeded", 31 if name == "old" else 29)
    await house.rows(_JOB, "runs", "running", None)
    await sweep.tidy(getattr(house, door))
    assert [row["key"] for row in await house.rows("SELECT key FROM idempotency")] == ["new"]
    assert [row["process"] for row in await house.rows("SELECT process FROM heartbeat")] == ["new"]
    assert [row["task_key"] for row in await house.rows("SELECT task_key FROM job ORDER BY task_key")] == ["new", "runs"]
    assert len(await house.rows("SELECT 1 FROM job_part")) == 2


def test_what_arq_says_of_a_job_that_failed_can_be_written_down() -> None:
    told = ring.deserialize(ring.serialize({"t": 1, "r": RuntimeError("max retries exceeded")}))
    assert told["r"] == "RuntimeError('max retries exceeded')"
