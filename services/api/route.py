"""The route class: one request is one transaction, committed after the answer is built and before it is sent.

FastAPI's ``yield`` dependencies end too late or know too little: by default after the answer was sent (so a failed COMMIT
would still say 201), with ``scope="function"`` without the answer (which an idempotency record must store). Here the
answer exists, the commit happens, and only then does a byte leave.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import Response

from services.api.calls import Call, ReplayError
from services.api.errors import render, translate


class GatedRequest(Request):
    """A request whose JSON the gate has parsed and cleaned already."""

    async def json(self) -> Any:
        """The cleaned value."""
        return self.scope["comphub.json"]


class Route(APIRoute):
    """A route whose handler runs in one unit of work."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with the transaction around it."""
        inner = super().get_route_handler()

        async def handle(plain: Request) -> Response:
            request = GatedRequest(plain.scope, plain.receive)
            call = Call(request, plain.app.state.database)
            plain.scope["comphub.call"] = call
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
                response = render(problem, plain.scope)
                if 400 <= problem.status < 500 and problem.code != "idempotency-key-in-flight":  # noqa: PLR2004
                    await call.remember(response)
            except BaseException:
                await call.abandon()
                raise
            return response

        return handle
