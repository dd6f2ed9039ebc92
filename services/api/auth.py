"""Who calls, and whether this route lets them in. What they may see of a thing is decided by its query."""

import time
from collections import OrderedDict
from typing import Any

from fastapi import Request

from services.api.calls import Call
from services.core.accounts import queries as accounts
from services.core.accounts.policy import scope_for
from services.core.kit.actor import ANONYMOUS, Actor
from services.core.kit.db import Database
from services.core.kit.errors import Problem
from services.core.kit.tokens import SESSION_PREFIX

PUBLIC: frozenset[tuple[str, str]] = frozenset(
    {
        ("GET", "/livez"),
        ("GET", "/readyz"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/problems/{code}"),
        ("GET", "/v1/verify/{code}"),
        ("GET", "/verify/{code}"),
        ("GET", "/review/{token}"),
        ("POST", "/review/{token}"),
        ("GET", "/v1/review-links/{token}"),
        ("POST", "/v1/review-links/{token}/transitions"),
        ("GET", "/v1/review-links/{token}/review"),
        ("PUT", "/v1/review-links/{token}/review"),
        ("GET", "/v1/review-links/{token}/evidence/{evidence_id}/content"),
        ("POST", "/v1/sign-in-links"),
        ("POST", "/v1/sessions"),
        ("GET", "/sign-in/{token}"),
        ("POST", "/sign-in/{token}"),
    }
)
"""Routes that ask nobody who they are: each is harmless, or carries its own secret in its path."""

SIGNED_IN = ""
"""The action of a route for everybody who shows a key or a session, whatever it may do."""

_CACHE_MAX = 10_000


class Authenticator:
    """Turns the credentials of a request into an Actor, asking the database at most once per key and second."""

    def __init__(self, database: Database, *, cache_s: float) -> None:
        self._database = database
        self._cache_s = cache_s
        self._cache: OrderedDict[str, tuple[float, Actor | None]] = OrderedDict()

    async def __call__(self, scope: Any) -> Actor:
        """The caller; `Problem` 401 for a credential that is not (or no longer) valid."""
        credential = _credential(scope["headers"])
        if credential is None:
            return ANONYMOUS
        now = time.monotonic()
        known = self._cache.get(credential)
        if known is None or known[0] < now:
            async with self._database.read() as connection:
                actor = await accounts.actor_of_credential(connection, credential)
            self._remember(credential, actor, now)
        else:
            actor = known[1]
        if actor is None:
            raise Problem("unauthenticated", "The key or session is unknown, expired or revoked.")
        return actor

    def _remember(self, credential: str, actor: Actor | None, now: float) -> None:
        self._cache[credential] = (now + self._cache_s, actor)
        self._cache.move_to_end(credential)
        if len(self._cache) > _CACHE_MAX:
            self._cache.popitem(last=False)


def _credential(headers: list[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == b"x-api-key":
            key = value.decode("latin-1")
            if key.startswith(f"{SESSION_PREFIX}_"):
                raise Problem("unauthenticated", "The token of a session travels as `Authorization: Bearer`.")
            return key
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            if scheme.lower() != "bearer" or not token:
                raise Problem("unauthenticated", "Authorization must be `Bearer <key>`.")
            return token.strip()
    return None


class Requires:
    """The guard of one route: the action that it takes (`accounts.policy`), and whether anonymous callers may read what is public.

    ``everywhere``: it is about the whole installation, so that a role in one community does not open it.
    ``quick``: the route writes with driver statements only, so that its transaction needs no ORM session.

    As a dependency it answers the `Call`, and replays the stored answer of an ``Idempotency-Key`` once the caller is let in.
    """

    def __init__(self, action: str, *, public: bool = False, everywhere: bool = False, quick: bool = False) -> None:
        self.action = action
        self.public = public
        self.everywhere = everywhere
        self.quick = quick

    async def __call__(self, request: Request) -> Call:
        """The call, when its actor is let in; 401 without credentials, 403 when they may not do this.

        Whoever lacks the action reads what is public as anybody may.
        """
        actor: Actor = request.state.actor
        call: Call = request.scope["comphub.call"]
        call.is_quick = self.quick
        if self.public and not self._lets_in(actor):
            call.actor = ANONYMOUS
        else:
            self.admit(actor)
        await call.replay_if_known()
        return call

    def admit(self, actor: Actor) -> None:
        """401 or 403 unless ``actor`` is let in; asked again for who waits."""
        if self._lets_in(actor):
            return
        if actor.kind == "anonymous":
            raise Problem("unauthenticated", "This needs a key or a session: send `X-API-Key` or `Authorization: Bearer`.")
        if actor.kind == "platform":
            if self.everywhere and actor.may(self.action):
                raise Problem("forbidden", 'Your key acts for some jurisdictions only; this needs one for all (`jurisdiction_ids: ["*"]`).')
            raise Problem("forbidden", f"Your key lacks the scope “{scope_for(self.action)}”.")
        raise Problem("forbidden", "Your roles do not allow this.")

    def _lets_in(self, actor: Actor) -> bool:
        if self.action == SIGNED_IN:
            return actor.kind != "anonymous"
        return actor.everywhere(self.action) if self.everywhere else actor.may(self.action)


class Open:
    """The guard of a PUBLIC route: lets everyone in, and answers the `Call` all the same."""

    async def __call__(self, request: Request) -> Call:
        """The call."""
        call: Call = request.scope["comphub.call"]
        await call.replay_if_known()
        return call
