"""The page on which anyone checks the code of a recognition."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Request, Response

from services.api.auth import Open
from services.api.calls import Call
from services.api.pages.rendering import page
from services.api.pages.route import PageRoute
from services.core.recognition import queries

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Anyone = Annotated[Call, Depends(Open())]


@router.get("/verify/{code}")
async def verify_page(request: Request, call: Anyone, code: Annotated[str, Path(max_length=40)]) -> Response:
    """Whether the code stands for a recognition that is valid now."""
    async with call.read() as connection:
        body = await queries.verification(connection, code, public_url=request.app.state.settings.public_url)
    return page("verify.html", stored=True, check=orjson.loads(body))
