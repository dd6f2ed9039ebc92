"""People: whoever acts in ComP Hub or receives its letters."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PATCH_BODY, PageQuery
from services.api.route import Route
from services.core.accounts import queries, service
from services.core.accounts.schemas import Email, Person, PersonCreate, PersonPage, PersonPatch
from services.core.communities import service as communities

router = APIRouter(prefix="/v1/people", tags=["people"], route_class=Route)
Admin = Annotated[Call, Depends(Requires("people:write"))]


class PersonQuery(PageQuery):
    """Filters of the list."""

    email: Email | None = None


@router.get("", response_model=PersonPage)
async def list_people(request: Request, call: Admin, query: Annotated[PersonQuery, Query()]) -> Response:
    """A page of people; `email` finds the one behind any spelling of an address."""
    async with call.read() as connection:
        page = await queries.people(connection, call.actor, **query.paging(), email=query.email)
    return listing(request, page.body(), page.next_cursor)


@router.post("", response_model=Person, status_code=201)
async def create_person(call: Admin, given: PersonCreate) -> Response:
    """Create a person and invite them by letter; an address belongs to one person, however it is spelt.

    Only an administrator gives the role `admin`.
    """
    person_id = await service.create_person(call.session, call.actor, given, invite=True)
    row = await call.written(queries.PERSON, person_id)
    return created(f"/v1/people/{person_id}", row["version"], row["body"])


@router.get("/{id}", response_model=Person)
async def get_person(call: Admin, id: UUID) -> Response:
    """One person."""
    async with call.read() as connection:
        row = found(await queries.PERSON.one(connection, id=id, known=call.known_version()))
    return item(row["version"], row["body"])


@router.patch("/{id}", response_model=Person, openapi_extra=PATCH_BODY)
async def amend_person(call: Admin, id: UUID, patch: PersonPatch) -> Response:
    """Change some members of a person (RFC 7396); `roles` replaces all roles. Needs ``If-Match``.

    Only an administrator gives or takes the role `admin`. Whoever came by an earlier address is signed out.
    """
    await service.amend_person(call.session, call.actor, id, patch, call.must_match())
    row = await call.written(queries.PERSON, id)
    return item(row["version"], row["body"])


@router.delete("/{id}", status_code=204)
async def remove_person(call: Admin, id: UUID) -> Response:
    """Remove a person: they are signed out, speak for no member and receive no letters any more; the address is free again.

    Refused while they are the last political or technical representative of an active member. Needs ``If-Match``.
    """
    await communities.release_person(call.session, call.actor, id)
    await service.remove_person(call.session, call.actor, id, call.must_match())
    return Response(status_code=204)
