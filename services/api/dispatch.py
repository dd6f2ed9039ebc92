"""Finding the route of a request by its first two segments instead of trying all routes one after another.

FastAPI's router tries each route of each included router, twice; with a hundred routes that costs more than everything else
in a read. What is not found here goes on to that router, which knows how to answer 404 and 405.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

_Place = tuple[str, str, str | None]


class Dispatch:
    """Calls the route that FastAPI's router would have found; ``app`` is where everything else goes."""

    def __init__(self, app: ASGIApp, routers: Iterable[APIRouter]) -> None:
        self._app = app
        self._routes: dict[_Place, list[APIRoute]] = {}
        for router in routers:
            for route in router.routes:
                if isinstance(route, APIRoute):
                    self._add(route)

    def _add(self, route: APIRoute) -> None:
        first, second = _segments(route.path_format)
        if "{" in first:
            return  # nothing to find it by: the router knows it
        for method in route.methods or ():
            self._routes.setdefault((method, first, None if "{" in second else second), []).append(route)

    def find(self, method: str, path: str) -> tuple[APIRoute, dict[str, Any]] | None:
        """The route, and the parameters in its path."""
        first, second = _segments(path)
        for place in ((method, first, second), (method, first, None)):
            for route in self._routes.get(place, ()):
                if match := route.path_regex.match(path):
                    return route, {name: route.param_convertors[name].convert(value) for name, value in match.groupdict().items()}
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        found = self.find(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        route, scope["path_params"] = found
        scope["route"], scope["endpoint"] = route, route.endpoint
        await route.app(scope, receive, send)


def _segments(path: str) -> tuple[str, str]:
    parts = path.split("/", 3)
    return (parts[1] if len(parts) > 1 else "", parts[2] if len(parts) > 2 else "")  # noqa: PLR2004
