"""Public shapes of the ledger of work."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from services.core.kit.schema import Output, absent_when_unknown, open_enum

STATES = ("pending", "done", "dead", "cancelled")
JOB_STATES = ("queued", "running", "succeeded", "failed", "cancelled")


class WorkTask(Output):
    """One piece of work: who fulfils it, how often it was tried, and why it failed last. The payload holds ids only."""

    id: UUID
    queue: str
    handler: str
    payload: dict[str, Any]
    state: Annotated[str, open_enum(*STATES)]
    attempts: int
    max_attempts: int
    due_at: datetime
    last_error: str | None
    created_at: datetime
    done_at: datetime | None
    dead_at: datetime | None


class WorkTaskPage(Output):
    """A page of tasks."""

    items: list[WorkTask]
    next_cursor: str | None


class InnerFieldProblem(Output):
    """What is wrong with one field; ``pointer`` is RFC 6901 into the body of the request that was judged."""

    pointer: str
    code: str
    detail: str


class InnerProblem(Output):
    """A refusal inside an answer: of one item of a batch, or of a job. Codes are those of every problem (`/problems/{code}`)."""

    code: str
    title: str
    status: int
    detail: str
    errors: list[InnerFieldProblem]


class Progress(Output):
    """How much of a job is done, in its own items."""

    done: int
    total: int


class Job(Output):
    """Long work. A finished job stays 200; ``problem`` is absent unless it failed, ``result_url`` null until it has ended."""

    id: UUID
    kind: Annotated[str, open_enum("membership-batch", "pull", "import")]
    status: Annotated[str, open_enum(*JOB_STATES)]
    progress: Progress
    result_url: str | None
    problem: InnerProblem = absent_when_unknown()
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class AuditActor(Output):
    """Who did it."""

    kind: Annotated[str, open_enum("platform", "person", "reviewer", "system")]
    id: str
    label: str


class AuditSubject(Output):
    """What it was done to."""

    kind: str
    id: UUID


class AuditEntry(Output):
    """One thing that happened: who did it, through what, to what, when and why, and what was before and after.

    ``via`` is what the actor acted through, such as ``key:…``; null for what happened before it was kept.
    """

    id: UUID
    type: str
    action: str | None
    subject: AuditSubject
    jurisdiction_id: UUID | None
    community_id: UUID | None
    actor: AuditActor
    via: str | None
    request_id: str | None
    reason: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    data: dict[str, Any]
    occurred_at: datetime


class AuditPage(Output):
    """A page of the audit, oldest first."""

    items: list[AuditEntry]
    next_cursor: str | None
