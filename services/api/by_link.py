"""Reviewers who come by the link in their letter: the secret in the path is all that they show."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from starlette.responses import Response

from services.api.calls import Call
from services.api.route import Route
from services.core.kit.actor import Actor

NO_STORE = "no-store"
AT_ONCE = 4
"""How many answers by link one gateway carries out side by side: a crowd that wants one place waits in line without a
connection to the database, and nobody else waits with it."""


class ByLink:
    """The guard of a route whose path holds a secret: whoever knows it is a caller of their own, without a key.

    Limits and idempotency keys are kept by link, so that two reviewers never meet in one of them.
    """

    async def __call__(self, request: Request) -> Call:
        """The call, made by the holder of the link."""
        call: Call = request.scope["comphub.call"]
        name = hashlib.sha256(request.path_params["token"].encode()).hexdigest()[:32]
        call.actor = Actor(kind="reviewer", id=name, via="link")
        await call.replay_if_known()
        return call


class LinkRoute(Route):
    """A route of links: what changes something takes its turn."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with the line before it."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if request.method == "GET":
                return await inner(request)
            state = request.app.state
            if not hasattr(state, "link_turns"):
                state.link_turns = asyncio.Semaphore(AT_ONCE)
            async with state.link_turns:
                return await inner(request)

        return handle


def unstored(response: Response) -> Response:
    """What a link shows is kept by nobody on the way."""
    response.headers["Cache-Control"] = NO_STORE
    return response
