"""Writing the ledger: events, tasks and the idempotency record, as one statement at the end of a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from services.core.kit.actor import Actor
from services.core.kit.db import Unit
from services.core.kit.ids import new_id
from services.core.ledger import ring
from services.core.ledger.event import Event
from services.core.ledger.task import Reaction, Task

_TAIL = """
WITH e AS (
  INSERT INTO event (id, type, subject, subject_id, jurisdiction_id, community_id, actor_kind, actor_id, actor_label,
                     via, request_id, reason, before, after, data, occurred_at)
  SELECT id, type, subject, subject_id, jurisdiction_id, community_id, actor_kind, actor_id, actor_label,
         via, request_id, reason, before, after, data, domain_now()
  FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, type text, subject text, subject_id uuid, jurisdiction_id uuid,
       community_id uuid, actor_kind text, actor_id text, actor_label text, via text, request_id text, reason text,
       before jsonb, after jsonb, data jsonb)
), t AS (
  INSERT INTO task (id, queue, handler, dedupe_key, payload, jurisdiction_id, max_attempts, due_at)
  SELECT id, queue, handler, dedupe_key, payload, jurisdiction_id, max_attempts, coalesce(due_at, domain_now())
  FROM jsonb_to_recordset($2::jsonb) AS x(id uuid, queue text, handler text, dedupe_key text, payload jsonb,
       jurisdiction_id uuid, max_attempts int, due_at timestamptz)
  ON CONFLICT (dedupe_key) DO NOTHING
)
INSERT INTO idempotency (principal, key, method, route, fingerprint, status, headers, body)
SELECT principal, key, method, route, decode(fingerprint, 'hex'), status, headers, decode(body, 'base64')
FROM jsonb_to_recordset($3::jsonb) AS x(principal text, key text, method text, route text, fingerprint text,
     status int, headers jsonb, body text)
"""


@dataclass(slots=True)
class _Tail:
    events: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mark:
    """How much a transaction had recorded at some moment."""

    events: int
    tasks: int
    told: int


class _Wiring:
    """The table of consequences; `wire` is called once by each process, since the table stands above this room."""

    reactions: Mapping[type[Event], tuple[Reaction, ...]] | None = None


def wire(reactions: Mapping[type[Event], tuple[Reaction, ...]]) -> None:
    """Give the ledger the table of consequences (`services.core.reactions`)."""
    _Wiring.reactions = reactions


def record(session: Unit, actor: Actor, event: Event) -> UUID:
    """Say that ``event`` happened, done by ``actor``; writes the event and one task for each of its reactions.

    Everything is written with the commit of ``session``. An event class that the table of consequences does not name is
    refused, so that none is forgotten.
    """
    if _Wiring.reactions is None:
        msg = "the ledger is not wired: call ledger.record.wire(REACTIONS) when the process starts"
        raise RuntimeError(msg)
    event_id = new_id()
    data = event.data()
    _tail(session).events.append(
        {
            "id": event_id, "type": event.type, "subject": event.subject, "subject_id": event.subject_id,
            "jurisdiction_id": event.jurisdiction_id, "community_id": event.community_id,
            "actor_kind": actor.kind, "actor_id": actor.id, "actor_label": actor.label,
            "via": actor.via or None, "request_id": session.request_id, "reason": event.reason,
            "before": event.before, "after": event.after, "data": data,
        }
    )  # fmt: skip
    for reaction in _Wiring.reactions[type(event)]:
        key = reaction.key(event) if reaction.key else str(event_id)
        payload = {"event_id": event_id, "id": event.subject_id, **(data if event.carried else {})}
        schedule(
            session,
            Task(
                queue=reaction.queue,
                handler=reaction.handler,
                dedupe_key=f"{reaction.handler}:{key}",
                payload=payload,
                jurisdiction_id=event.jurisdiction_id,
            ),
        )
    return event_id


def waiting(session: Unit, subject_id: UUID, name: str) -> Any:
    """The own field ``name`` of the last event about ``subject_id`` that waits for the commit of ``session``; None when none has it.

    Events are written last of all: who follows on from the one before must look here too.
    """
    tail: _Tail = session.info.get("ledger") or _Tail()
    found = (each["data"][name] for each in reversed(tail.events) if each["subject_id"] == subject_id and name in each["data"])
    return next(found, None)


def schedule(session: Unit, task: Task) -> None:
    """Write ``task`` with the commit of ``session``, and ring for it when it is due at once."""
    _tail(session).tasks.append(
        {
            "id": new_id(), "queue": task.queue, "handler": task.handler, "dedupe_key": task.dedupe_key,
            "payload": task.payload, "jurisdiction_id": task.jurisdiction_id, "max_attempts": task.max_attempts,
            "due_at": task.due_at,
        }
    )  # fmt: skip
    if task.due_at is None:
        ring.after_commit(session, task.queue)


def keep_answer(session: Unit, answer: Mapping[str, Any]) -> None:
    """Store the answer of an idempotent request with its effect (see `ledger.idempotency`)."""
    _tail(session).answers.append(dict(answer))


def mark(session: Unit) -> Mark:
    """Where the recording of ``session`` stands: taken beside a savepoint, for `rewind`."""
    tail: _Tail = session.info.get("ledger") or _Tail()
    return Mark(len(tail.events), len(tail.tasks), len(session.after_commit))


def rewind(session: Unit, to: Mark) -> None:
    """Forget what was recorded since ``to``: a savepoint was rolled back, so none of it happened."""
    tail: _Tail | None = session.info.get("ledger")
    if tail is not None:
        del tail.events[to.events :], tail.tasks[to.tasks :]
    del session.after_commit[to.told :]


def _tail(session: Unit) -> _Tail:
    tail: _Tail | None = session.info.get("ledger")
    if tail is None:
        tail = session.info["ledger"] = _Tail()
        session.before_commit.append(_write)
    return tail


async def _write(session: Unit) -> None:
    tail: _Tail = session.info.pop("ledger")
    connection = await session.driver()
    await connection.execute(_TAIL, *(orjson.dumps(rows, default=str).decode() for rows in (tail.events, tail.tasks, tail.answers)))
