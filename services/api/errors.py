"""Every refusal as RFC 9457 problem+json, whoever raised it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.core.kit.db import driver_error, is_unavailable
from services.core.kit.errors import FieldError, Problem, not_found
from services.core.kit.log import logger
from services.core.kit.refusals import field_error
from services.core.kit.settings import settings
from services.core.ledger import idempotency

MEDIA_TYPE = "application/problem+json"
_BY_STATUS = {
    404: "not-found",
    405: "method-not-allowed",
    413: "payload-too-large",
    415: "unsupported-media-type",
    401: "unauthenticated",
    403: "forbidden",
}


def body_of(problem: Problem, *, instance: str, request_id: str) -> bytes:
    """The JSON of ``problem``."""
    content = {
        "type": f"{settings().public_url}/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "code": problem.code,
        "request_id": request_id,
        "errors": [{"pointer": error.pointer, "code": error.code, "detail": error.detail} for error in problem.errors],
        **problem.extra,
    }
    return orjson.dumps(content)


def render(problem: Problem, scope: Mapping[str, Any]) -> Response:
    """The response to ``problem``, with the headers that its status asks for."""
    headers = dict(problem.headers)
    if problem.status == 401:  # noqa: PLR2004
        headers.setdefault("WWW-Authenticate", 'Bearer realm="ComP Hub", ApiKey realm="ComP Hub"')
    if problem.status == 503:  # noqa: PLR2004
        headers.setdefault("Retry-After", "1")
    request_id = scope.get("state", {}).get("request_id", "")
    body = body_of(problem, instance=scope.get("path", ""), request_id=request_id)
    return Response(body, problem.status, headers, media_type=MEDIA_TYPE)


def translate(error: BaseException, route: Any = None) -> Problem:
    """The problem that ``error`` is for a caller of ``route``. What we do not know is a 500, logged with its trace."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _from_validation(error, route)
    if isinstance(error, HTTPException):
        return _from_http(error)
    known = _from_database(error)
    if known is None:
        logger.error("internal_error", exc_info=error)
    return known or Problem("internal-error", "Something broke on our side. Nothing was stored.")


def _from_database(error: BaseException) -> Problem | None:
    cause = driver_error(error)
    # Asked first: what asyncpg refuses to encode is an InterfaceError too, but no sign of an absent database.
    unstorable = isinstance(cause, asyncpg.DataError) or (isinstance(cause, asyncpg.InterfaceError) and isinstance(cause, ValueError))
    if unstorable:
        logger.warning("unstorable", error=type(cause).__name__)
        return Problem("invalid-body", "A value cannot be stored.")
    if is_unavailable(error):
        logger.warning("unavailable", error=type(cause).__name__)
        return Problem("unavailable", "The database cannot answer at this moment; nothing was stored.")
    if getattr(cause, "constraint_name", None) == "pk_idempotency":
        return idempotency.in_flight()  # the first request with this key committed while this one ran
    if isinstance(error, IntegrityError) or isinstance(cause, asyncpg.IntegrityConstraintViolationError):
        logger.warning("integrity", error=type(cause).__name__, constraint=getattr(cause, "constraint_name", None))
        return Problem("conflict", "The change contradicts what someone else stored meanwhile.")
    return None


def _from_http(error: HTTPException) -> Problem:
    code = _BY_STATUS.get(error.status_code, "malformed-request" if error.status_code < 500 else "internal-error")  # noqa: PLR2004
    if code == "not-found":
        return not_found()
    detail = "This path does not offer that method." if code == "method-not-allowed" else "The request cannot be read."
    return Problem(code, detail, headers=error.headers, status=error.status_code)


def _from_validation(error: RequestValidationError, route: Any) -> Problem:
    found = error.errors()
    if any(entry["loc"][0] == "path" for entry in found):
        return not_found()  # an id that cannot exist answers like one that does not
    in_body = found[-1]["loc"][0] == "body"
    errors = [_field_error(entry, route) for entry in found]
    first = errors[0]
    place = first.pointer or "the body"
    detail = f"{place}: {first.detail}" + (f" (and {len(errors) - 1} more)" if len(errors) > 1 else "")
    return Problem("invalid-body" if in_body else "invalid-parameter", detail, errors=errors)


def _field_error(entry: Mapping[str, Any], route: Any) -> FieldError:
    where, *path = entry["loc"]
    said = field_error(entry, path, _model(route, where))
    if where == "body":
        return said
    return replace(said, pointer=".".join(map(str, path)), detail=said.detail.replace("no member", "no parameter", 1))


def _model(route: Any, where: str) -> type[BaseModel] | None:
    """What ``route`` reads from its body, or its query, when that is one model."""
    if not isinstance(route, APIRoute) or where not in ("body", "query"):
        return None
    fields = route.dependant.body_params if where == "body" else route.dependant.query_params
    kind = fields[0].field_info.annotation if len(fields) == 1 else None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


async def _handle(request: Request, error: Exception) -> Response:
    return render(translate(error, request.scope.get("route")), request.scope)


def install(app: FastAPI) -> None:
    """Answer every exception that a route can raise with a problem."""
    for kind in (Problem, RequestValidationError, HTTPException, DBAPIError, asyncpg.PostgresError):
        app.add_exception_handler(kind, _handle)
