"""The route class of pages: like every route one transaction, and its refusals are pages."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from services.api.by_link import LinkRoute
from services.api.errors import MEDIA_TYPE
from services.api.pages.rendering import refusal


class PageRoute(LinkRoute):
    """A route whose every problem is answered as a page with the same status."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with readable refusals."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            response = await inner(request)
            if response.media_type != MEDIA_TYPE:
                return response
            problem = orjson.loads(bytes(response.body))
            shown = refusal(response.status_code, problem["title"], problem["detail"])
            if "retry-after" in response.headers:
                shown.headers["Retry-After"] = response.headers["retry-after"]
            return shown

        return handle
