"""Reviewers who come by the link in their letter: the secret in the path is all that they show."""

import hashlib

from fastapi import Request
from starlette.responses import Response

from services.api.calls import Call
from services.core.kit.actor import Actor

NO_STORE = "no-store"


class ByLink:
    """The guard of a route whose path holds a secret: whoever knows it is a caller of their own, without a key.

    Limits and idempotency keys are kept by link, so that two reviewers never meet in one of them.
    """

    async def __call__(self, request: Request) -> Call:
        """The call, made by the holder of the link."""
        call: Call = request.scope["comphub.call"]
        name = hashlib.sha256(request.path_params["token"].encode()).hexdigest()[:32]
        call.actor = Actor(kind="reviewer", id=name)
        await call.replay_if_known()
        return call


def unstored(response: Response) -> Response:
    """What a link shows is kept by nobody on the way."""
    response.headers["Cache-Control"] = NO_STORE
    return response
