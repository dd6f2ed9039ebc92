"""What is known about a running local stack, in its data folder.

`stack.json` is for people and programs: addresses and pids, there exactly while the stack is ready.
`processes.json` is for ourselves: who was started, written before anything else happens to them, so that `comphub down`
finds what is left when the supervisor was killed at any moment.
`lock` is held by the supervisor; the kernel lets it go when that ends.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from services.local.engines import processes
from services.local.engines.failures import FolderInUse
from services.local.engines.identity import Identity
from services.local.engines.locks import FolderLock
from services.local.engines.postgres import Postgres
from services.local.engines.private_files import read_if_there, write_private
from services.local.engines.redis import Redis

_STACK = "stack.json"
_PROCESSES = "processes.json"
# The supervisor gives services 25 s and each engine 20 s.
_SECONDS_FOR_SUPERVISOR = 70.0
_STEPS: Mapping[str, processes.StopSteps] = {"postgres": Postgres.stop_steps, "redis": Redis.stop_steps}
_USUAL_STEPS: processes.StopSteps = ((signal.SIGTERM, 25.0),)


@dataclass(frozen=True)
class Pids:
    """The pids of a stack; those of services in lists, since there may be several of each."""

    gateway: tuple[int, ...] = ()
    worker: tuple[int, ...] = ()
    notifier: tuple[int, ...] = ()
    postgres: int | None = None
    redis: int | None = None
    mailbox: int | None = None

    @classmethod
    def of(cls, running: Mapping[str, Sequence[Identity]]) -> Pids:
        """The pids of what runs, by the names that `Supervisor.identities` uses."""
        pids = {name: tuple(who.pid for who in several) for name, several in running.items()}
        return cls(
            gateway=pids.get("gateway", ()),
            worker=pids.get("worker", ()),
            notifier=pids.get("notifier", ()),
            postgres=next(iter(pids.get("postgres", ())), None),
            redis=next(iter(pids.get("redis", ())), None),
            mailbox=next(iter(pids.get("mailbox", ())), None),
        )


@dataclass(frozen=True)
class Stack:
    """A ready stack. The URLs and the key are secrets of the person who started it."""

    api_url: str
    mailbox_url: str
    smtp_url: str
    database_url: str
    redis_url: str
    admin_api_key: str
    pids: Pids = field(default_factory=Pids)


@dataclass(frozen=True)
class ProcessStatus:
    """One process that was started, and whether it (not only its pid) still runs."""

    name: str
    pid: int
    is_alive: bool


@dataclass(frozen=True)
class Status:
    """How the stack of a data folder is."""

    supervisor: int | None
    processes: tuple[ProcessStatus, ...]
    stack: Stack | None


def postgres_dir(data_dir: Path) -> Path:
    """Where the stack's PostgreSQL lives."""
    return data_dir / "postgres"


def redis_dir(data_dir: Path) -> Path:
    """Where the stack's Redis lives."""
    return data_dir / "redis"


def mailbox_dir(data_dir: Path) -> Path:
    """Where the stack's mailbox lives."""
    return data_dir / "mailbox"


def evidence_dir(data_dir: Path) -> Path:
    """Where the stack's files lie."""
    return data_dir / "evidence"


def lock(data_dir: Path) -> FolderLock:
    """The lock that a supervisor holds while it lives; `acquire()` says clearly who has it."""
    return FolderLock(data_dir, "comphub up")


def read(data_dir: Path) -> Stack | None:
    """The ready stack of this folder, or None."""
    text = read_if_there(data_dir / _STACK)
    if text is None:
        return None
    card = json.loads(text)
    pids: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in card.pop("pids").items()}
    return Stack(**card, pids=Pids(**pids))


def write(data_dir: Path, stack: Stack) -> None:
    """Announce that the stack is ready (0600, in one step)."""
    write_private(data_dir / _STACK, json.dumps(asdict(stack), indent=2) + "\n")


def remove(data_dir: Path) -> None:
    """Take the announcement back; harmless when there's none."""
    (data_dir / _STACK).unlink(missing_ok=True)


def note_processes(data_dir: Path, running: Mapping[str, Sequence[Identity]]) -> None:
    """Write down who runs, and bring the pids of an announced stack up to date: the supervisor's `on_change`."""
    entries = [{"name": name, **who.to_json()} for name, several in running.items() for who in several]
    write_private(data_dir / _PROCESSES, json.dumps(entries))
    announced = read(data_dir)
    if announced is not None:
        write(data_dir, replace(announced, pids=Pids.of(running)))


def status(data_dir: Path) -> Status:
    """Who is alive, by identity."""
    holder = _holder(data_dir)
    known = tuple(ProcessStatus(name, who.pid, who.is_alive()) for name, who in _noted(data_dir))
    return Status(holder.pid if holder else None, known, read(data_dir))


def end_leftovers(data_dir: Path) -> list[str]:
    """Stop what an earlier supervisor left behind, the newest first; returns the names. Hold the lock to call it."""
    stopped = []
    for name, who in reversed(_noted(data_dir)):
        if who.is_alive():
            processes.stop_firmly(who, _STEPS.get(name, _USUAL_STEPS))
            stopped.append(name)
    # Engines are also found by the folder in which they work, in case the note came too late.
    for engine in (Redis(redis_dir(data_dir)), Postgres(postgres_dir(data_dir))):
        engine.end_leftovers()
    remove(data_dir)
    (data_dir / _PROCESSES).unlink(missing_ok=True)
    return stopped


def down(data_dir: Path) -> list[str]:
    """Stop the stack of this folder and return the names of what was stopped; nothing to do is no error.

    The supervisor is asked to stop and does so in order. If it's gone, or doesn't within 70 s, what it left is stopped
    here. FolderInUse if another `up` takes the folder just then.
    """
    if not data_dir.exists():
        return []
    stopped = []
    holder = _holder(data_dir)
    if holder is not None:
        processes.stop_firmly(holder, ((signal.SIGTERM, _SECONDS_FOR_SUPERVISOR),))
        stopped.append("supervisor")
    own = lock(data_dir)
    own.acquire()
    try:
        return stopped + end_leftovers(data_dir)
    finally:
        own.release()


def _holder(data_dir: Path) -> Identity | None:
    """The supervisor that holds the lock now."""
    if not data_dir.exists():
        return None
    probe = lock(data_dir)
    # A holder that has just taken the lock writes its name a moment later.
    for pause in processes.pauses(2.0):
        holder = probe.holder()
        if not probe.is_taken():
            return None
        if holder is not None:
            return holder
        time.sleep(pause)
    raise FolderInUse(f"{data_dir} is in use by a process that doesn't say who it is.")


def _noted(data_dir: Path) -> list[tuple[str, Identity]]:
    found = []
    for entry in json.loads(read_if_there(data_dir / _PROCESSES) or "[]"):
        identity = Identity.from_json(entry)
        if identity is not None:
            found.append((str(entry["name"]), identity))
    return found
