"""THE table of rights in the database: what each service's login role may do with each table. A new table is a row HERE.

`comphub migrate` makes the roles and brings their rights in line with this page, after the migrations. Verbs are PostgreSQL's:
``select insert update delete``, each for the whole table or for some columns, ``update(status, version)``. What to know when
a row is written:

- The ORM reads back what the server fills in: an ``insert`` needs ``select`` too where a column has a server default.
- ``SELECT … FOR UPDATE`` needs ``update`` of a column; foreign keys are checked with the owner's rights and need nothing.
- ``ON CONFLICT (column)`` needs ``select`` of that column.
- The author's role only reads, and nothing of who reviews what: no leak by a mistake in one query.
- Nobody but the owner changes or deletes an event, or moves domain time. A right that nobody uses is not given.
- While a new version comes in, the one before still runs: take a right off this page one version after its last use.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

OWNER = "cop_owner"
"""Owns everything, and runs the migrations. It needs no row: what is one's own one may do."""
API, AUTHOR, WORKER, NOTIFIER = "cop_api", "cop_author", "cop_worker", "cop_notifier"
SERVICES = (API, AUTHOR, WORKER, NOTIFIER)
ROLES = (OWNER, *SERVICES)
PUBLIC = "public"
"""Every role of the server: in this database it may use the schema, and nothing in it."""

_VERB = re.compile(r"(select|insert|update|delete)(?:\(([a-z0-9_, ]+)\))?(?: |$)")


class Row(NamedTuple):
    """What each service may do with one table; nothing where nothing stands."""

    api: str = ""
    author: str = ""
    worker: str = ""
    notifier: str = ""


class Right(NamedTuple):
    """One right of one role on one thing; ``column`` is empty for the whole of it."""

    kind: str
    name: str
    column: str
    role: str
    verb: str


_STEP = "version, updated_at"
"""What every change of a row changes besides."""
_READ = "select"
_WRITE = "select insert update"
_ALL_READ = Row(api=_READ, author=_READ, worker=_READ, notifier=_READ)
_TASKS_DONE = "update(state, attempts, due_at, lease_token, lease_until, last_error, done_at, dead_at)"
_ADDRESSEE = "id, name, email, email_key, locale, time_zone, deleted_at"
"""What a letter needs of a person."""
_KEPT_ANSWERS = "select(created_at) insert delete"

TABLES: Mapping[str, Row] = {
    # the house itself
    "alembic_version": Row(api=_READ),
    "domain_clock": _ALL_READ,
    "feed_epoch": Row(api=_READ, author=_READ),
    # the ledger; each commit writes events, tasks and answers by one statement, whoever's it is
    "event": Row(api="select insert", author=_READ, worker="select(seq, subject, subject_id, data) insert", notifier="insert"),
    "task": Row(
        api="select insert update(state, attempts, due_at, lease_token, lease_until, dead_at)",
        worker=f"select insert {_TASKS_DONE}",
        notifier=f"select insert {_TASKS_DONE}",
    ),
    "job": Row(
        api="select insert",
        worker="select insert update(status, done, task_key, problem, outcome, started_at, finished_at) delete",
        notifier="select(finished_at) delete",
    ),
    "job_part": Row(api="select insert", worker="select insert update(content, results)"),
    "idempotency": Row(api="select insert", worker=_KEPT_ANSWERS, notifier=_KEPT_ANSWERS),
    "heartbeat": Row(worker="select insert update(seen_at) delete", notifier="select insert update(seen_at) delete"),
    # accounts
    "person": Row(api=_WRITE, worker="select insert", notifier=f"select({_ADDRESSEE})"),
    "role_grant": Row(api="select insert delete", worker=_READ, notifier=_READ),
    "api_client": Row(api=_WRITE, worker="select(id, scopes, jurisdiction_ids, deleted_at)", notifier="select(id, name)"),
    "api_key": Row(api="select insert update(revoked_at)"),
    "sign_in_link": Row(api="select update(used_at) delete", notifier="select insert"),
    "session": Row(api="select insert update(revoked_at) delete"),
    # letters
    "letter": Row(notifier=_WRITE),
    # jurisdictions
    "jurisdiction": Row(api=_WRITE, author=_READ, worker=_WRITE, notifier="select(id, name)"),
    "external_id": Row(api="select insert delete", author=_READ, worker="select insert delete"),
    "jurisdiction_alias": Row(api="select insert delete", author=_READ, worker="select insert delete"),
    # communities; of a community itself, its members' steps move who chairs it
    "community": Row(api=_WRITE, author=_READ, worker=f"select update(chair_jurisdiction_id, {_STEP})", notifier="select(id, name)"),
    "membership": Row(api=_WRITE, author=_READ, worker=_WRITE, notifier="select(id, community_id, jurisdiction_id, status)"),
    "representative": Row(api=_WRITE, author=_READ, worker=_WRITE, notifier=_READ),
    "agreement": Row(api=_WRITE, author=_READ, worker=_WRITE),
    # syncs: the worker takes large batches in, with all that this writes
    "sync_item": Row(api=_WRITE, worker=_WRITE),
    "pull": Row(worker=_WRITE),
    "pull_page": Row(worker="select insert delete"),
    # commitments: the worker assesses them, and takes in what files of other registries say
    "commitment": Row(api=_WRITE, author=_READ, worker=_WRITE),
    "progress_report": Row(api=_WRITE, author=_READ, worker=_READ),
    "jurisdiction_band": Row(api=_READ, author=_READ, worker=_WRITE),
    "imported_target": Row(worker=_WRITE),
    # practices; what was handed in and how it scored is written once. The author's role reads what was handed in: a version holds
    # what its author wrote, and nothing that a reviewer or the secretariat did
    "call": Row(api=_WRITE, author=_READ, worker=f"select update(status, {_STEP})", notifier=_READ),
    "practice": Row(api=_WRITE, author=_READ, worker=f"select update(status, needs_decision, {_STEP})", notifier=_READ),
    "practice_version": Row(api="select insert", author=_READ, worker=_READ),
    "evidence": Row(api="select insert update(removed_at, version, updated_at) delete", author=_READ, worker=_READ),
    "practice_sketch": Row(api="insert", worker=_READ),
    "assessment": Row(api=_READ, author=_READ, worker="select insert", notifier="select(practice_id, number, rubric_version, findings)"),
    # reviews: of all this the author's role reads what was released
    "assignment_run": Row(api=_READ, worker="select insert"),
    "review_alternate": Row(api=_READ, worker="select insert delete"),
    "review_request": Row(
        api=f"select update(status, answers, answered_at, decline_reason, {_STEP})",
        worker=f"select insert update(status, answer_due_at, review_due_at, {_STEP})",
        notifier=f"select update(status, {_STEP})",
    ),
    "review_link": Row(api=_READ, notifier="select(created_at) insert"),
    "review_session": Row(api="select insert delete"),
    "review": Row(api="select insert update delete", worker=_READ),
    "decision": Row(api="select insert", worker="select insert update(released_at)"),
    "released_review": Row(api=_READ, author=_READ, worker="insert"),
    # recognition
    "recognition": Row(
        api=f"select update(status, revoked_at, revoked_reason, {_STEP})", author=_READ, worker="select insert", notifier=_READ
    ),
}

FUNCTIONS: Mapping[str, tuple[str, ...]] = {"domain_now": SERVICES}
"""Our functions, and who may call them."""

SCHEMA = "public"


def wanted() -> frozenset[Right]:
    """Every right that this page gives. ValueError for a word that it cannot read."""
    rights = {Right("schema", SCHEMA, "", role, "usage") for role in SERVICES}
    rights |= {Right("function", name, "", role, "execute") for name, roles in FUNCTIONS.items() for role in roles}
    for table, row in TABLES.items():
        for role, words in zip(SERVICES, row, strict=True):
            rights |= {Right("table", table, column, role, verb) for verb, column in read(words)}
    return frozenset(rights)


def read(words: str) -> Iterator[tuple[str, str]]:
    """The verbs in ``words``, each with a column or with none for the whole table."""
    place = 0
    while place < len(words):
        found = _VERB.match(words, place)
        if found is None:
            message = f"“{words[place:]}” is not like `select update(status, version)`"
            raise ValueError(message)
        verb, columns = found.groups()
        yield from ((verb, column.strip()) for column in (columns or "").split(","))
        place = found.end()
