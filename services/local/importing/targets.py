"""The import of a file of city targets, from its options to its exit status: the API reads and judges it, and we wait and tell."""

import asyncio
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from rich.console import Console

from services.core.sync.tabular import Unusable
from services.local.importing import files, patience, target
from services.local.importing.patience import Refused, Sleep
from services.local.importing.summary import summarise
from services.local.importing.telling import Bar, say

PATH = "/v1/imports"
ALL_IN, SOME_REJECTED, NOTHING_DONE = 0, 1, 2
MOST_BYTES = 32 * 1024 * 1024
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 1.0
_GIVE_UP_S = 600
"""So long nothing may happen before we stop watching; the job goes on when its worker does."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """What was asked for."""

    file: Path
    data_dir: Path
    dry_run: bool = False
    report: Path | None = None
    api_url: str | None = None
    key: str | None = None


async def run(
    options: TargetOptions,
    *,
    console: Console | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    sleep: Sleep = asyncio.sleep,
) -> int:
    """Import, report and tell; the exit status: 0 no row was rejected, 1 some were, 2 nothing could be done."""
    console = console or Console()
    try:
        content = files.content(options.file, MOST_BYTES)
        http = patience.client(target.find(options.data_dir, options.api_url, options.key), transport)
        if options.report:
            files.write_json(options.report, {"stopped": "the import has not ended", "rows": [], "counts": {}})
        async with http:
            result = await _import(http, options, content, console, sleep)
        if options.report:
            files.write_json(options.report, {"file": options.file.name, **result})
    except (Unusable, Refused) as error:
        print(f"comphub import: {error}", file=sys.stderr)
        return NOTHING_DONE
    summarise(console, options.file.name, result)
    if options.report:
        say(console, f"The report is in {options.report}.")
    if "stopped" in result:
        return NOTHING_DONE
    return SOME_REJECTED if result["counts"]["rejected"] else ALL_IN


async def _import(http: httpx.AsyncClient, options: TargetOptions, content: bytes, console: Console, sleep: Sleep) -> Json:
    """The result as the API tells it; with ``stopped`` where the job failed before its end."""
    key = f"import-{hashlib.sha256(content).hexdigest()[:32]}-{uuid4().hex}"
    form = {"kind": "cdp_targets", "dry_run": "true" if options.dry_run else "false"}
    sent = {"file": ("targets.csv", content, "text/csv")}
    job = await patience.ask(http, "POST", PATH, sleep=sleep, data=form, files=sent, headers={"Idempotency-Key": key})
    try:
        job = await _watched(http, job, console, sleep)
    except (KeyError, TypeError) as error:
        raise Refused("the API answered an import with something that is no job: is this the address of a ComP Hub?") from error
    result = await patience.ask(http, "GET", job["result_url"], sleep=sleep)
    return result if job["status"] == "succeeded" else {"stopped": _why(job), **result}


async def _watched(http: httpx.AsyncClient, job: Json, console: Console, sleep: Sleep) -> Json:
    """The job once it has ended; `Refused` when nothing happens for a long time."""
    done, quiet, wait = 0, 0.0, _FIRST_WAIT_S
    with Bar(console, job["progress"]["total"], "rows taken in") as bar:
        while job["result_url"] is None:
            if quiet >= _GIVE_UP_S:
                raise Refused(f"nothing has happened for {_GIVE_UP_S // 60} minutes: does a worker run? The job is /v1/jobs/{job['id']}")
            await sleep(wait)
            quiet, wait = quiet + wait, min(wait * 1.5, _LONGEST_WAIT_S)
            job = await patience.ask(http, "GET", f"/v1/jobs/{job['id']}", sleep=sleep)
            if job["progress"]["done"] != done:
                bar.forward(job["progress"]["done"] - done)
                done, quiet = job["progress"]["done"], 0.0
    return job


def _why(job: Json) -> str:
    problem = job.get("problem") or {}
    return f"{problem.get('title', 'The job ended before its last row')}: {problem.get('detail', job['status'])}"
