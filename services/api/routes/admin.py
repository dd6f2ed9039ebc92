"""For operators: the work that is waiting or dead."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, found, listing
from services.api.deps import PageQuery
from services.api.route import Route
from services.core.ledger import queries, service
from services.core.ledger.schemas import WorkTask, WorkTaskPage

router = APIRouter(prefix="/v1/admin", tags=["admin"], route_class=Route)
Admin = Annotated[Call, Depends(Requires("operations"))]


class TaskQuery(PageQuery):
    """Filters of the list."""

    state: Literal["pending", "done", "dead", "cancelled"] | None = None
    queue: Annotated[str, Query(max_length=40)] | None = None


@router.get("/tasks", response_model=WorkTaskPage)
async def list_tasks(request: Request, call: Admin, query: Annotated[TaskQuery, Query()]) -> Response:
    """A page of the ledger of work; `state=dead` shows what has used up its attempts."""
    async with call.read() as connection:
        page = await queries.TASKS.page(connection, call.actor, **query.paging(), filters=query.filters())
    return listing(request, page.body(), page.next_cursor)


@router.post("/tasks/{id}/requeue", response_model=WorkTask)
async def requeue_task(call: Admin, id: UUID) -> Response:
    """Make a dead task due again, with its attempts counted anew."""
    connection = await call.session.driver()
    found(await queries.TASK.one(connection, id=id))
    await service.requeue(call.session, call.actor, id)
    row = found(await queries.TASK.one(connection, id=id))
    return Response(row["body"].encode(), 200, media_type="application/json")
