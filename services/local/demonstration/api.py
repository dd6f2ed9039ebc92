"""A thin client of the public API: what `curl` with a key would do, and an error that a person can read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from services.local.demonstration.cohort import Json

NOT_FOUND = 404
FIRST_ERROR = 400
PAGE = 200


class ApiProblem(Exception):
    """The API refused; the message names the call, the problem's code and detail, and every field error."""

    def __init__(self, method: str, path: str, response: httpx.Response) -> None:
        self.status = response.status_code
        self.problem = _problem_of(response)
        self.code = str(self.problem.get("code", ""))
        told = self.problem.get("detail") or self.problem.get("title") or response.text[:300]
        fields = "; ".join(
            f"{e.get('pointer', '')}: {e.get('detail') or e.get('message') or e.get('code', '')}" for e in self.problem.get("errors") or []
        )
        super().__init__(
            f"{method} {path} answered {self.status} {self.code or '(no code)'}: {told}"
            + (f" [{fields}]" if fields else "")
            + (f" (request {self.problem['request_id']})" if self.problem.get("request_id") else "")
        )


def _problem_of(response: httpx.Response) -> Json:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


class Api:
    """One caller of the API: with a key it is a platform, without one it is anybody (or a reviewer by link)."""

    def __init__(self, base_url: str, key: str | None, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        headers = {"Accept": "application/json"} | ({"X-API-Key": key} if key else {})
        # trust_env=False: a proxy set for the outside world must not carry calls to this machine.
        self._http = httpx.AsyncClient(base_url=base_url.rstrip("/"), headers=headers, timeout=30.0, transport=transport, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._http.aclose()

    async def get(self, path: str, **params: str | int) -> Json:
        """GET one resource or one page; raises `ApiProblem` on any error."""
        return await self._send("GET", path, params=params)

    async def get_or_none(self, path: str, **params: str | int) -> Json | None:
        """GET one resource, or None where the API says that there is none."""
        try:
            return await self.get(path, **params)
        except ApiProblem as problem:
            if problem.status == NOT_FOUND:
                return None
            raise

    async def pages(self, path: str, **params: str | int) -> AsyncIterator[Json]:
        """Every item of a list, page by page along `next_cursor`."""
        cursor: str | None = None
        while True:
            page = await self.get(path, limit=PAGE, **params, **({"cursor": cursor} if cursor else {}))
            for item in page["items"]:
                yield item
            cursor = page.get("next_cursor")
            if not cursor:
                return

    async def post(self, path: str, body: Json, *, headers: dict[str, str] | None = None) -> Json:
        """POST with a fresh `Idempotency-Key`."""
        return await self._send("POST", path, body=body, headers={"Idempotency-Key": str(uuid4()), **(headers or {})})

    async def upload(self, path: str, name: str, content: bytes, media_type: str, **fields: str) -> Json:
        """POST a file as multipart/form-data, with a fresh `Idempotency-Key`."""
        form = {"files": {"file": (name, content, media_type)}, "data": fields}
        response = await self._http.post(path, headers={"Idempotency-Key": str(uuid4())}, **form)  # type: ignore[arg-type]
        if response.status_code >= FIRST_ERROR:
            raise ApiProblem("POST", path, response)
        answer: Json = response.json()
        return answer

    async def put(self, path: str, body: Json, *, version: int | None = None, headers: dict[str, str] | None = None) -> Json:
        """PUT; `version` becomes `If-Match` (a first PUT needs none)."""
        return await self._send("PUT", path, body=body, headers={**_if_match(version), **(headers or {})})

    async def patch(self, path: str, body: Json, *, version: int) -> Json:
        """PATCH the given fields of the version that was read."""
        return await self._send("PATCH", path, body=body, headers=_if_match(version))

    async def picture(self, path: str, language: str) -> bytes:
        """GET a picture in a language; raises `ApiProblem` on any error."""
        response = await self._http.get(path, params={"lang": language}, headers={"Accept": "image/svg+xml"})
        if response.status_code >= FIRST_ERROR:
            raise ApiProblem("GET", path, response)
        return response.content

    async def transition(self, path: str, action: str, **more: str) -> Json:
        """POST …/transitions of the resource at `path`."""
        return await self.post(f"{path}/transitions", {"action": action, **more})

    async def server_time(self) -> datetime:
        """The server's clock, read from the `Date` header; whole seconds."""
        response = await self._http.get("/livez")
        told = response.headers.get("Date")
        if told is None:
            raise ApiProblem("GET", "/livez (no Date header)", response)
        return parsedate_to_datetime(told).astimezone(UTC)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        params: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Json:
        response = await self._http.request(method, path, json=body, params=params or None, headers=headers)
        if response.status_code >= FIRST_ERROR:
            raise ApiProblem(method, path, response)
        answer: Json = response.json() if response.content else {}
        return answer


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}
