"""Callers who want to sign in: nobody asks them who they are, and one address may only try so often."""

import hashlib

from fastapi import Request

from services.api.calls import Call
from services.api.middleware import address_of
from services.core.kit.actor import Actor


class AtTheDoor:
    """The guard of the routes by which people sign in: whoever holds a link, or asks for one.

    What acts is counted by address, apart from everything else (`SIGN_IN_RATE_LIMIT`), so that guessing and the flooding of
    mailboxes are slow. Idempotency keys of anonymous callers are kept by address, so that two of them never meet in one.
    """

    async def __call__(self, request: Request) -> Call:
        """The call; 429 for an address that tries too often."""
        call: Call = request.scope["comphub.call"]
        if request.method == "POST":
            address = address_of(request.scope)
            request.app.state.sign_in_limiter.hit(address)
            if call.actor.kind == "anonymous":
                call.actor = Actor(kind="anonymous", id=hashlib.sha256(address.encode()).hexdigest()[:32])
            await call.replay_if_known()
        return call
