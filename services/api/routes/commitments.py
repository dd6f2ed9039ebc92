"""Commitments, their progress reports and their trajectories."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PATCH_BODY, LanguageQuery, PageQuery
from services.api.languages import negotiate
from services.api.pictures import LANGUAGES, SVG_ANSWER, answer
from services.api.route import Route
from services.core.commitments import queries, service
from services.core.commitments.schemas import (
    Commitment,
    CommitmentCreate,
    CommitmentPage,
    CommitmentPatch,
    CommitmentReplace,
    ProgressReport,
    ProgressReportCreate,
    ProgressReportPage,
    ProgressReportReplace,
    RevisionPage,
    TargetType,
    Trajectory,
)
from services.core.jurisdictions.schemas import Country

router = APIRouter(prefix="/v1", tags=["commitments"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("commitments:read", public=True))]
Writes = Annotated[Call, Depends(Requires("commitments:write", quick=True))]


class OwnQuery(PageQuery):
    """Filters of a jurisdiction's list."""

    target_type: TargetType | None = None


class CommitmentQuery(OwnQuery):
    """Filters of the list."""

    jurisdiction_id: UUID | None = None
    country: Country | None = None


@router.get("/commitments", response_model=CommitmentPage)
async def list_commitments(request: Request, call: Reads, query: Annotated[CommitmentQuery, Query()]) -> Response:
    """A page of the commitments that you may see, in the order in which they were made."""
    async with call.read() as connection:
        page = await queries.page(connection, call.actor, **query.paging(), filters=query.filters())
    return listing(request, page.body(), page.next_cursor)


@router.get("/jurisdictions/{id}/commitments", response_model=CommitmentPage)
async def list_commitments_of_jurisdiction(request: Request, call: Reads, id: UUID, query: Annotated[OwnQuery, Query()]) -> Response:
    """A page of the commitments of one jurisdiction."""
    async with call.read() as connection:
        page = await queries.page_of(connection, call.actor, id, **query.paging(), target_type=query.target_type)
    return listing(request, page.body(), page.next_cursor)


@router.post("/jurisdictions/{id}/commitments", response_model=Commitment, status_code=201)
async def make_commitment(call: Writes, id: UUID, given: CommitmentCreate) -> Response:
    """Make a commitment. What its type needs and what cannot hold (R0, R3) is refused; the other findings come with its assessment."""
    commitment_id, row = await service.make(call.unit, call.actor, id, given)
    return created(f"/v1/commitments/{commitment_id}", row["version"], row["body"], row["derived"])


@router.get("/commitments/{id}", response_model=Commitment)
async def get_commitment(call: Reads, id: UUID) -> Response:
    """One commitment with its findings and its progress."""
    async with call.read() as connection:
        row = found(await queries.DETAIL.one(connection, id=id, **call.known_state(), **queries.seen_by(call.actor)))
    return item(row["version"], row["body"], row["derived"])


@router.put("/commitments/{id}", response_model=Commitment)
async def replace_commitment(call: Writes, id: UUID, given: CommitmentReplace) -> Response:
    """Give a commitment a whole new state; needs ``If-Match``. What it was stays in its history, with the ``reason`` that you give."""
    row = await service.replace(call.unit, call.actor, id, given, call.must_match())
    return item(row["version"], row["body"], row["derived"])


@router.patch("/commitments/{id}", response_model=Commitment, openapi_extra=PATCH_BODY)
async def amend_commitment(call: Writes, id: UUID, patch: CommitmentPatch) -> Response:
    """Change some members of a commitment (RFC 7396); needs ``If-Match``. What it was stays in its history, with your ``reason``."""
    row = await service.amend(call.unit, call.actor, id, patch, call.must_match())
    return item(row["version"], row["body"], row["derived"])


@router.get("/commitments/{id}/revisions", response_model=RevisionPage)
async def list_revisions(request: Request, call: Reads, id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    """A page of a commitment's history, oldest first: who changed what when and why, and whether it was weakened; a chain of hashes."""
    async with call.read() as connection:
        page = await queries.revisions(connection, call.actor, id, **query.paging())
    return listing(request, page.body(), page.next_cursor)


@router.get("/commitments/{id}/progress-reports", response_model=ProgressReportPage)
async def list_progress_reports(request: Request, call: Reads, id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    """A page of the inventories that were reported against a commitment, in the order in which they were reported."""
    async with call.read() as connection:
        page = await queries.reports(connection, call.actor, id, **query.paging())
    return listing(request, page.body(), page.next_cursor)


@router.post("/commitments/{id}/progress-reports", response_model=ProgressReport, status_code=201)
async def report_progress(call: Writes, id: UUID, given: ProgressReportCreate) -> Response:
    """Report the inventory of one year: emissions, or a notation key with its explanation."""
    report_id, row = await service.report(call.unit, call.actor, id, given)
    return created(f"/v1/commitments/{id}/progress-reports/{report_id}", row["version"], row["body"])


@router.get("/commitments/{id}/progress-reports/{report_id}", response_model=ProgressReport)
async def get_progress_report(call: Reads, id: UUID, report_id: UUID) -> Response:
    """One progress report."""
    given = {"id": report_id, "commitment_id": id, "known": call.known_version()}
    async with call.read() as connection:
        row = found(await queries.REPORT.one(connection, **given, **queries.seen_by(call.actor)))
    return item(row["version"], row["body"])


@router.put("/commitments/{id}/progress-reports/{report_id}", response_model=ProgressReport)
async def replace_progress_report(call: Writes, id: UUID, report_id: UUID, given: ProgressReportReplace) -> Response:
    """Correct a progress report by its whole new state; the year stays; needs ``If-Match``. What moved, and why, is kept in the history."""
    row = await service.correct(call.unit, call.actor, id, report_id, given, call.must_match())
    return item(row["version"], row["body"])


@router.get("/commitments/{id}/trajectory", response_model=Trajectory)
async def get_trajectory(request: Request, call: Reads, id: UUID) -> Response:
    """The path from base year to target year with what was reported on it; each figure with its formula and inputs."""
    async with call.read() as connection:
        body = await service.trajectory(connection, call.actor, id)
    return listing(request, body, None)


@router.get("/commitments/{id}/trajectory.svg", response_class=Response, responses=SVG_ANSWER)
async def get_trajectory_picture(request: Request, call: Reads, id: UUID, query: Annotated[LanguageQuery, Query()]) -> Response:
    """The path, what was reported and the gap as a picture for a phone, in the language of ``lang`` or else of ``Accept-Language``."""
    async with call.read() as connection:
        facts = await service.picture_facts(connection, call.actor, id)
    return await answer(request, facts, negotiate(query.lang, request.headers.get("accept-language"), LANGUAGES))
