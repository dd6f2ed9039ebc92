"""API clients and their keys: other systems that call us."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PageQuery
from services.api.route import Route
from services.core.accounts import queries, service
from services.core.accounts.schemas import ApiClient, ApiClientCreate, ApiClientIssued, ApiClientPage, ApiKeyIssued

router = APIRouter(prefix="/v1/api-clients", tags=["api-clients"], route_class=Route)
Admin = Annotated[Call, Depends(Requires("clients:write"))]


@router.get("", response_model=ApiClientPage)
async def list_api_clients(request: Request, call: Admin, query: Annotated[PageQuery, Query()]) -> Response:
    """A page of API clients; no secret is ever shown again."""
    async with call.read() as connection:
        page = await queries.CLIENTS.page(connection, call.actor, **query.paging())
    return listing(request, page.body(), page.next_cursor)


@router.post("", response_model=ApiClientIssued, status_code=201)
async def create_api_client(request: Request, call: Admin, given: ApiClientCreate) -> Response:
    """Create an API client; its secret and first key are shown this once. Only an administrator gives the scope `admin`."""
    issued = await service.create_client(call.session, call.actor, given, environment=request.app.state.settings.environment)
    row = await call.written(queries.CLIENT, issued.client)
    body = orjson.loads(row["body"]) | {"client_secret": issued.client_secret, "key_id": issued.key_id, "key": issued.key}
    return created(f"/v1/api-clients/{issued.client}", row["version"], orjson.dumps(body).decode())


@router.get("/{id}", response_model=ApiClient)
async def get_api_client(call: Admin, id: UUID) -> Response:
    """One API client."""
    async with call.read() as connection:
        row = found(await queries.CLIENT.one(connection, id=id, known=call.known_version()))
    return item(row["version"], row["body"])


@router.delete("/{id}", status_code=204, openapi_extra={"x-needs-if-match": False})
async def remove_api_client(call: Admin, id: UUID) -> Response:
    """Remove an API client; its keys are refused within a second."""
    await service.remove_client(call.session, call.actor, id)
    return Response(status_code=204)


@router.post("/{id}/keys", response_model=ApiKeyIssued, status_code=201)
async def issue_api_key(request: Request, call: Admin, id: UUID) -> Response:
    """A second key, so that a client can rotate; it is shown this once."""
    issued = await service.issue_key(call.session, call.actor, id, environment=request.app.state.settings.environment)
    row = await call.written(queries.CLIENT, id)
    key = next(entry for entry in orjson.loads(row["body"])["keys"] if entry["key_id"] == issued.key_id)
    return created(f"/v1/api-clients/{id}", row["version"], orjson.dumps(key | {"key": issued.key}).decode())


@router.delete("/{id}/keys/{key_id}", status_code=204, openapi_extra={"x-needs-if-match": False})
async def revoke_api_key(call: Admin, id: UUID, key_id: str) -> Response:
    """Revoke a key; it is refused within a second."""
    await service.revoke_key(call.session, call.actor, id, key_id)
    return Response(status_code=204)
