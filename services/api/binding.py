"""Calling an endpoint without FastAPI's general solver, where the route has nothing that needs it.

FastAPI works out at each request what could have been known when the route was made: which parameters there are and where
they come from. Most of our routes have a guard, a path, one query model or one body. For these the plan is made once; the
values are still validated by FastAPI's own fields, so that a refusal reads the same. Every other route (headers, forms,
other dependencies) keeps FastAPI's solver.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, get_origin, get_type_hints

from fastapi import Request, params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response

from services.api.auth import Open, Requires

Bound = Callable[[Request], Awaitable[Response]]
_MISSING = {"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}


def bind(route: APIRoute) -> Bound | None:
    """A function that calls ``route``'s endpoint with its parameters; None where FastAPI's solver is needed."""
    dependant = route.dependant
    guards = [(each.name, each.call) for each in dependant.dependencies if each.name is not None]
    if not _is_plain(route) or len(guards) != len(dependant.dependencies) or not all(isinstance(g, Requires | Open) for _, g in guards):
        return None
    endpoint: Any = route.endpoint
    body = dependant.body_params[0] if dependant.body_params else None
    query = dependant.query_params[0] if dependant.query_params else None
    request_name = dependant.request_param_name

    async def call(request: Request) -> Response:
        values: dict[str, Any] = {name: await guard(request) for name, guard in guards}  # type: ignore[misc]
        scope, errors = request.scope, []
        for field in dependant.path_params:
            values[field.name], wrong = field.validate(scope["path_params"].get(field.alias), {}, loc=("path", field.alias))
            errors += wrong
        if query is not None:
            given = dict(request.query_params) if scope["query_string"] else {}
            values[query.name], wrong = query.validate(given, {}, loc=("query",))
            errors += wrong
        if body is not None:
            has_body = "comphub.json" in scope
            values[body.name], wrong = body.validate(scope["comphub.json"], {}, loc=("body",)) if has_body else (None, [_MISSING])
            errors += wrong
        if errors:
            raise RequestValidationError(errors)
        if request_name is not None:
            values[request_name] = request
        response: Response = await endpoint(**values)
        return response

    return call


def _is_plain(route: APIRoute) -> bool:
    """Whether all that the endpoint takes is a guard, a path, at most one query model, at most one body, the request."""
    dependant = route.dependant
    answers = get_type_hints(route.endpoint).get("return")
    others = (
        dependant.header_params,
        dependant.cookie_params,
        dependant.websocket_param_name,
        dependant.http_connection_param_name,
        dependant.response_param_name,
        dependant.background_tasks_param_name,
        dependant.security_scopes_param_name,
    )
    return (
        inspect.iscoroutinefunction(route.endpoint)
        and inspect.isclass(answers)
        and issubclass(answers, Response)
        and not any(others)
        and _is_one_model(dependant.query_params)
        and _is_one_body(dependant.body_params)
    )


def _is_one_model(fields: Sequence[Any]) -> bool:
    """No query, or one model whose members are single values (repeated ones need FastAPI's reading)."""
    if not fields:
        return True
    model = fields[0].field_info.annotation
    if len(fields) > 1 or not (inspect.isclass(model) and issubclass(model, BaseModel)):
        return False
    return not any(_is_many(field.annotation) or field.alias for field in model.model_fields.values())


def _is_many(annotation: Any) -> bool:
    return any(get_origin(part) in (list, set, tuple, dict) for part in (annotation, *getattr(annotation, "__args__", ())))


def _is_one_body(fields: Sequence[Any]) -> bool:
    if not fields:
        return True
    info = fields[0].field_info
    return len(fields) == 1 and info.is_required() and not isinstance(info, params.Form | params.File) and not getattr(info, "embed", None)
