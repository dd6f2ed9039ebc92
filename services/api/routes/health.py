"""Liveness, readiness, and the readable page of each class of problem."""

from html import escape

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from services.api.route import Route
from services.core.kit import health
from services.core.kit.errors import CODES, not_found

router = APIRouter(route_class=Route, include_in_schema=False)


@router.get("/livez")
async def livez() -> Response:
    """The process runs; asks nothing of anyone."""
    return JSONResponse({"status": "alive"})


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Ready when PostgreSQL answers and its schema is the one that this version knows; without Redis: degraded, but ready."""
    state = await health.check(request.app.state.database, request.app.state.settings)
    return JSONResponse(state, 200 if state["ready"] else 503)


@router.get("/problems/{code}")
async def problem_page(code: str) -> Response:
    """What a problem's ``type`` leads to."""
    kind = CODES.get(code)
    if kind is None:
        raise not_found()
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(kind.title)} - ComP Hub</title>"
        f"<h1>{escape(kind.title)}</h1><p><code>{escape(code)}</code> is answered with status {kind.status}.</p>"
        f"<p>{escape(kind.remedy)}</p>"
    )
    return HTMLResponse(page)
