"""The route class: one request is one transaction, committed after the answer is built and before it is sent.

FastAPI's ``yield`` dependencies end too late or know too little: by default after the answer was sent (so a failed COMMIT
would still say 201), with ``scope="function"`` without the answer (which an idempotency record must store). Here the
answer exists, the commit happens, and only then does a byte leave.
"""

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.api.binding import bind
from services.api.calls import Call, ReplayError
from services.api.errors import render, translate

_STACKS = ("fastapi_middleware_astack", "fastapi_inner_astack", "fastapi_function_astack")
"""Where FastAPI looks for what it must close: uploaded files, and dependencies that yield (we have none)."""


class GatedRequest(Request):
    """A request whose JSON the gate has parsed and cleaned already."""

    async def json(self) -> Any:
        """The cleaned value."""
        return self.scope["comphub.json"]


class Route(APIRoute):
    """A route whose handler runs in one unit of work."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bound = bind(self)
        self._handle = self.get_route_handler()
        self.app = self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What FastAPI's own wrapper does, less its net under exceptions: `handle` leaves none."""
        request = GatedRequest(scope, receive)
        if self._bound is not None:
            await (await self._answer(request))(scope, receive, send)
            return
        async with AsyncExitStack() as stack:
            for name in _STACKS:
                scope[name] = stack
            await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._handle(request)
        except RequestValidationError as error:
            return render(translate(error, self), request.scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint, bound by us or by FastAPI, with the transaction around it."""
        inner = self.__dict__.get("_bound") or super().get_route_handler()

        async def handle(plain: Request) -> Response:
            request = plain if isinstance(plain, GatedRequest) else GatedRequest(plain.scope, plain.receive)
            call = Call(request, request.app.state.database)
            request.scope["comphub.call"] = call
            try:
                response = await inner(request)
                await call.complete(response)
            except ReplayError as known:
                await call.abandon()
                headers = known.answer.headers | {"Idempotency-Replayed": "true"}
                return Response(known.answer.body, known.answer.status, headers)
            except RequestValidationError:
                await call.abandon()
                raise
            except Exception as error:  # noqa: BLE001  whatever a route raises becomes the problem that the caller is told
                await call.abandon()
                problem = translate(error)
                response = render(problem, request.scope)
                if 400 <= problem.status < 500 and problem.code != "idempotency-key-in-flight":  # noqa: PLR2004
                    await call.remember(response)
                # Its traceback holds this frame, and the frame holds it: a ring that would keep the body of the request in memory.
                problem.__traceback__ = None
            except BaseException:
                await call.abandon()
                raise
            return response

        return handle
