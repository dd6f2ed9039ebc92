"""One HTTP call: its actor, its one transaction, its preconditions, and the answers that routes give."""

from contextlib import AbstractAsyncContextManager
from typing import Any, cast
from uuid import UUID

import asyncpg
from fastapi import Request
from starlette.responses import Response

from services.core.accounts.policy import HOUSE_ACTIONS
from services.core.kit.actor import EVERY_ACTION, Actor
from services.core.kit.db import Database, DriverSession, Session, commit, finish
from services.core.kit.errors import Problem
from services.core.kit.statements import Connection, Statement
from services.core.ledger import idempotency

_STORED_HEADERS = ("location", "etag", "content-type", "retry-after")


def is_author_side(actor: Actor) -> bool:
    """Whether ``actor`` stands where authors stand: anonymous callers, jurisdictions, platforms without the scope of reviews.

    A person's right to the reviews of one jurisdiction is an author's: it reads what was released.
    """
    if actor.kind in ("reviewer", "system"):
        return False
    for action, reach in actor.reaches.items():
        is_wide = reach.everywhere or bool(reach.communities)
        of_reviews = action.startswith("reviews:") and (is_wide or actor.kind == "platform")
        if action == EVERY_ACTION or of_reviews or (is_wide and action in HOUSE_ACTIONS):
            return False
    return True


class ReplayError(Exception):
    """This request was answered before; the answer is given again."""

    def __init__(self, answer: idempotency.Answer) -> None:
        super().__init__("replay")
        self.answer = answer


class Call:
    """What a route needs of the request around it. A transaction begins when a route first asks for `session`."""

    def __init__(self, request: Request, database: Database) -> None:
        self.request = request
        self.actor: Actor = request.state.actor
        self.database = database
        self.is_quick = False
        self.key: idempotency.Key | None = None
        self._unit: Session | DriverSession | None = None

    @property
    def session(self) -> Session:
        """The one transaction of this request; the route class commits it before the answer is sent."""
        unit = self.unit
        if not isinstance(unit, Session):
            raise TypeError("this route's guard says that it is quick: it has driver statements only")
        return unit

    @property
    def unit(self) -> Session | DriverSession:
        """The same transaction, as what only needs driver statements and the ledger asks for it."""
        if self._unit is None:
            self._unit = self.database.begin_driver() if self.is_quick else self.database.begin()
            self._unit.request_id = self.request.state.request_id
        return self._unit

    def read(self) -> AbstractAsyncContextManager[Connection]:
        """A connection for reads outside a transaction: the author's for whoever has nothing to do with reviews."""
        return self.database.read_as_author() if is_author_side(self.actor) else self.database.read()

    def read_own(self) -> AbstractAsyncContextManager[Connection]:
        """The gateway's own connection: for what callers read about themselves (their account, their review requests)."""
        return self.database.read()

    async def written(self, detail: Statement, row_id: UUID, **given: Any) -> asyncpg.Record:
        """The representation of a row that this transaction has just written."""
        await self.session.flush()
        row = await detail.one(await self.session.driver(), id=row_id, known=None, **given)
        return cast("asyncpg.Record", found(row))

    async def complete(self, response: Response) -> None:
        """Store the answer when the request had an idempotency key, and commit."""
        if self._unit is None:
            return
        unit, self._unit = self._unit, None
        committed = False
        try:
            if self.key is not None:
                headers = {name: response.headers[name] for name in _STORED_HEADERS if name in response.headers}
                idempotency.keep(unit, self.key, response.status_code, headers, bytes(response.body))
            await commit(unit)
            committed = True
        finally:
            await finish(unit, committed=committed)

    async def abandon(self) -> None:
        """Roll back what was begun."""
        if self._unit is not None:
            unit, self._unit = self._unit, None
            await finish(unit, committed=False)

    async def resume(self) -> None:
        """Go on in a new transaction after `abandon`, which gave the connection back while something slow was done.

        Who sent the same request meanwhile was first: `ReplayError`, or 409 while that runs.
        """
        key, self.key = self.key, None
        if key is not None and (answer := await idempotency.look(self.unit, key)) is not None:
            raise ReplayError(answer)
        self.key = key

    async def remember(self, response: Response) -> None:
        """Store the answer of a request that was refused after its execution began: a repeat is refused alike."""
        if self.key is not None:
            await self.abandon()
            if await idempotency.look(self.unit, self.key) is None:
                await self.complete(response)
            await self.abandon()

    async def replay_if_known(self) -> None:
        """Begin an idempotent request, or raise `ReplayError` with the answer that it had before."""
        header = self.request.headers.get("idempotency-key")
        if header is None or self.request.method != "POST":
            return
        scope = self.request.scope
        fingerprint = idempotency.fingerprint(scope["raw_path"], scope["query_string"], scope.get("comphub.body", b""))
        key = idempotency.Key(self.actor.principal, idempotency.parse(header), "POST", scope["route"].path, fingerprint)
        answer = await idempotency.look(self.unit, key)
        if answer is not None:
            raise ReplayError(answer)
        self.key = key

    def if_match(self) -> int | None:
        """The version that ``If-Match`` names; None for ``*`` or when the header is absent."""
        header = self.request.headers.get("if-match")
        return None if header is None or header.strip() == "*" else _version(header, "If-Match")

    def must_match(self) -> int | None:
        """Like `if_match`, but 428 when the header is absent."""
        if "if-match" not in self.request.headers:
            raise Problem("version-needed", "Send the ETag that you read as If-Match.")
        return self.if_match()

    def known_version(self) -> int | None:
        """The version that ``If-None-Match`` names, if any."""
        return self.known_state()["known"]

    def known_state(self) -> dict[str, int | None]:
        """What ``If-None-Match`` names of a resource with a derived part, as the arguments of its detail statement."""
        header = self.request.headers.get("if-none-match")
        if header is None:
            return _NOTHING_KNOWN
        tag = header.split(",")[0]
        try:
            version = _version(tag, "If-None-Match")
            if _form(tag) != REPRESENTATION:
                return _NOTHING_KNOWN  # the same state, as we showed it before it had the members that it has now
        except Problem:
            return _NOTHING_KNOWN  # a tag that is not ours matches nothing
        derived = tag.strip().strip('"').rpartition(".")[2]
        return {"known": version, "known_derived": int(derived) if derived.isdigit() and len(derived) < 10 else None}  # noqa: PLR2004


_NOTHING_KNOWN: dict[str, int | None] = {"known": None, "known_derived": None}
REPRESENTATION = "v2"
"""How we show rows, as every ETag says. Raise it when a representation gets another member: who kept the old one reads it anew."""


def etag(version: int, derived: int | None = None) -> str:
    """The ETag of a row's version. It names the row's state, not the bytes, so compression does not change it.

    ``derived`` counts what we ourselves changed in its representation since (the assessment of a commitment): a reader's tag
    changes with it; If-Match looks at the version alone, since nobody's change is lost when ours came between.
    """
    return f'"{version}-{REPRESENTATION}"' if derived is None else f'"{version}-{REPRESENTATION}.{derived}"'


def _form(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"').partition("-")[2].partition(".")[0]


def _version(header: str, name: str) -> int:
    tag = header.strip().removeprefix("W/").strip('"')
    number = tag.partition("-")[0]
    if not number.isdigit() or len(number) > 9:  # noqa: PLR2004
        if name == "If-Match":
            raise Problem("version-mismatch", "The If-Match tag is not one of this resource.")
        raise Problem("malformed-request", f"{name} must be an ETag that this service gave.")
    return int(number)


def item(version: int, body: str | None, derived: int | None = None) -> Response:
    """A resource with its ETag; 304 when ``body`` is None, since the caller has this version."""
    headers = {"ETag": etag(version, derived)}
    if body is None:
        return Response(status_code=304, headers=headers)
    return Response(body.encode(), 200, headers, media_type="application/json")


def created(location: str, version: int, body: str, derived: int | None = None) -> Response:
    """A new resource: 201 with its address and ETag."""
    headers = {"ETag": etag(version, derived), "Location": location}
    return Response(body.encode(), 201, headers, media_type="application/json")


def listing(request: Request, body: bytes, next_cursor: str | None) -> Response:
    """A page; 304 when the caller has these very bytes, and a ``Link`` to the next page when there is one."""
    tag = f'"{idempotency.fingerprint(body).hex()[:24]}"'
    headers = {"ETag": tag}
    if next_cursor is not None:
        headers["Link"] = f'<{request.url.include_query_params(cursor=next_cursor)}>; rel="next"'
    if tag in request.headers.get("if-none-match", "").replace("W/", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type="application/json")


def found(row: Any) -> Any:
    """``row``, or the 404 that tells nothing."""
    if row is None:
        raise Problem("not-found", "There is no such resource, or you may not see it.")
    return row
