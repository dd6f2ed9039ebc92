"""Imports: files in which a registry publishes what jurisdictions told it."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Response
from pydantic import BeforeValidator

from services.api.auth import Requires
from services.api.calls import Call, found
from services.api.openapi import NEEDS_KEY
from services.api.route import Route
from services.api.uploads import Part
from services.core.imports import service
from services.core.imports.schemas import ImportResult
from services.core.kit.errors import Problem, invalid
from services.core.kit.schema import Input, fits
from services.core.ledger import jobs, queries
from services.core.ledger.schemas import Job
from services.core.sync.tabular import Unusable

router = APIRouter(prefix="/v1/imports", tags=["imports"], route_class=Route)
Imports = Annotated[Call, Depends(Requires("commitments:write", everywhere=True))]
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "title": "ImportCreate",
                    "type": "object",
                    "required": ["kind", "file"],
                    "additionalProperties": False,
                    "properties": {
                        "kind": {"type": "string", "enum": ["cdp_targets"], "description": "what the file holds"},
                        "dry_run": {"type": "boolean", "default": False, "description": "judge every row, and write nothing"},
                        "file": {"type": "string", "format": "binary", "description": "CSV in UTF-8, as it was published"},
                    },
                },
                "encoding": {"file": {"contentType": "text/csv, application/octet-stream"}},
            }
        },
    }
}


def _flag(text: str) -> bool:
    """A truth value in a form field, as the common clients write it."""
    said = {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    if said is None:
        raise ValueError("must be true or false")
    return said


class ImportTerms(Input):
    """The fields of the form that say how its file is taken in."""

    kind: Literal["cdp_targets"]
    dry_run: Annotated[bool, BeforeValidator(_flag)] = False


@router.post("", status_code=202, response_model=Job, openapi_extra=NEEDS_KEY | _FORM)
async def create_import(call: Imports) -> Response:
    """Take in a file of city targets as CDP and ICLEI publish it (the forms of 2020 and 2021, worldwide): a job.

    Each row becomes a commitment of the jurisdiction that CDP knows by the row's account number (an unknown one is made), or is
    skipped, or is rejected by a named rule; the job's `result_url` tells of each. Sending a file again changes nothing; a later
    edition revises; what was edited here since is kept. Needs an `Idempotency-Key`.
    """
    if call.key is None:
        raise Problem(
            "idempotency-key-needed", "Send an Idempotency-Key with a file, so that repeating it after a broken connection is safe."
        )
    terms, content = _given(call)
    try:
        file = await asyncio.to_thread(service.read, content)
    except Unusable as why:
        raise invalid("/file", f"The file {why}.") from why
    job_id = await service.begin(call.session, call.actor, terms.kind, file, dry_run=terms.dry_run)
    row = found(await queries.JOB.one(await call.session.driver(), id=job_id, **queries.jobs_seen_by(call.actor)))
    headers = {"Location": f"/v1/jobs/{job_id}", "Retry-After": "1"}
    return Response(row["body"].encode(), 202, headers, media_type="application/json")


def _given(call: Call) -> tuple[ImportTerms, bytes]:
    form: dict[str, Part] | None = call.request.scope.get("comphub.form")
    if form is None:
        raise Problem("unsupported-media-type", "Send the file as multipart/form-data, with the fields kind, dry_run and file.")
    others = {name: part.content.decode("utf-8", "replace") for name, part in form.items() if name != "file"}
    terms = fits(ImportTerms, others)
    if "file" not in form or not form["file"].content:
        raise invalid("/file", "Send the file in the field “file”; it may not be empty.")
    return terms, form["file"].content


@router.get("/{id}", response_model=ImportResult)
async def get_import(call: Imports, id: UUID) -> Response:
    """What came of each row of an import, once that has ended; of one that failed, what its parts did before."""
    async with call.read_own() as connection:
        row = found(await queries.JOB.one(connection, id=id, **queries.jobs_seen_by(call.actor)))
        if row["kind"] != service.KIND or not row["has_ended"]:
            found(None)
        parts = await jobs.results(connection, id)
    params, outcome = orjson.loads(row["params"]), orjson.loads(row["outcome"])
    body = await asyncio.to_thread(service.result, params, outcome, parts)
    return Response(body, media_type="application/json")
