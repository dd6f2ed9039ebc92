"""The reviewer's page, where a letter's link leads.

Scanners may look at it as often as they like: only a form in which a person has chosen something changes anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from services.api.by_link import ByLink, unstored
from services.api.calls import Call
from services.api.pages import forms
from services.api.pages.rendering import page
from services.api.pages.route import PageRoute
from services.core.kit.errors import FieldError, Problem
from services.core.kit.schema import fits
from services.core.reviews import queries, service
from services.core.reviews.schemas import RECOMMENDATIONS, RequestTransition, ReviewPut

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Holder = Annotated[Call, Depends(ByLink())]
_KEPT_S = 400 * 86_400
"""As long as browsers keep a cookie at all."""
NOTES = {"saved": "Your draft is saved.", "nothing": "There was nothing new to save."}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page tells besides the state of the request: a note, or what was wrong with a form and what it held."""

    status: int = 200
    note: str = ""
    errors: tuple[FieldError, ...] = ()
    refused: str = ""
    entered: Mapping[str, str] = field(default_factory=dict)


@router.get("/review/{token}")
async def review_page(request: Request, call: Holder, token: str) -> Response:
    """What is asked, why, and what can be answered now; the review form for whoever has accepted on this device."""
    return await _page(request, call, token, Shown(note=NOTES.get(request.query_params.get("note", ""), "")))


@router.post("/review/{token}")
async def act_on_review_page(request: Request, call: Holder, token: str) -> Response:
    """Answer the request, save a draft, or hand in the review; then show the page anew."""
    form: dict[str, str] = {}
    try:
        form = forms.fields(request)
        forms.check_nonce(_key(request), token, form)
        if form.get("form") == "review":
            note = await _write(call, request, token, form)
            return _back(token, note)
        opened = await _answer(call, token, form)
    except Problem as problem:
        if problem.code == "not-found":
            raise
        await call.abandon()
        return await _page(request, call, token, Shown(problem.status, "", problem.errors, problem.detail, form))
    response = _back(token)
    if opened is not None:
        _keep_session(request, response, opened)
    return response


async def _answer(call: Call, token: str, form: Mapping[str, str]) -> service.Opened | None:
    if form.get("action") not in ("accept", "decline"):
        raise Problem("invalid-body", "Choose one of the answers before you press the button.")
    reason = form.get("reason", "").strip() or None
    given = fits(RequestTransition, {"action": form["action"], "reason": reason if form["action"] == "decline" else None})
    return await service.answer_by_link(call.session, token, given)


async def _write(call: Call, request: Request, token: str, form: Mapping[str, str]) -> str:
    """Store what the review form holds; the note that tells of it."""
    if form.get("do") not in ("save", "hand_in"):
        raise Problem("invalid-body", "Choose whether to save a draft or to hand in.")
    is_final = form["do"] == "hand_in"
    if is_final and form.get("done") != "yes":
        raise Problem("invalid-body", "Confirm that your review is finished: once handed in it cannot be changed.")
    given = fits(ReviewPut, _values(form) | {"final": is_final})
    if not is_final and given == ReviewPut() and form.get("version") == "0":
        return "nothing"
    secret = request.cookies.get(_cookie(form.get("request", "")))
    await service.write_by_link(call.session, token, secret, given, lambda: _whole(form.get("version")) or 0)
    return "" if is_final else "saved"


def _values(form: Mapping[str, str]) -> dict[str, Any]:
    """The review form in the shape of a review."""
    scores = [{"criterion": name.removeprefix("score."), "value": _whole(value)} for name, value in form.items() if _is_score(name, value)]
    return {
        "scores": scores,
        "comments_to_author": form.get("comments_to_author", ""),
        "comments_to_secretariat": form.get("comments_to_secretariat", ""),
        "recommendation": form.get("recommendation") or None,
        "confidence": _whole(form.get("confidence")),
    }


def _is_score(name: str, value: str) -> bool:
    return name.startswith("score.") and value != ""


def _whole(text: str | None) -> Any:
    """``text`` as a whole number where it is one; anything else is left for the schema to refuse."""
    if text is None or not text.strip():
        return None
    return int(text) if text.isdecimal() and len(text) < 10 else text  # noqa: PLR2004


async def _page(request: Request, call: Call, token: str, shown: Shown) -> Response:
    """The page as the request stands now."""
    async with call.read() as connection:
        brief = await queries.brief(connection, token)
    review = await _own_review(call, request, token, brief.body["id"])
    body, now = brief.body, brief.now
    review_due, answer_due = (datetime.fromisoformat(body[name]) for name in ("review_due_at", "answer_due_at"))
    is_late = {"accept": now >= answer_due, "decline": now >= (review_due if body["status"] == "accepted" else answer_due)}
    return page(
        "review.html",
        status=shown.status,
        brief=body,
        practice=body["practice"],
        files_at=f"/v1/review-links/{quote(token, safe='')}/evidence",
        actions=[action for action in body["allowed_actions"] if not is_late[action]],
        is_over=now >= review_due,
        may_reopen=not brief.has_review and not is_late["accept"],
        has_review=brief.has_review,
        may_write=body["status"] == "accepted" and review is not None and now < review_due,
        review=review or {},
        recommendations=RECOMMENDATIONS,
        nonce=forms.nonce(_key(request), token),
        action=_path(token),
        shown=shown,
    )


async def _own_review(call: Call, request: Request, token: str, request_id: str) -> dict[str, Any] | None:
    """The stored review for the holder of its session ({} when none is stored yet); None without a valid session."""
    try:
        mine = await service.request_in_session(call.session, token, request.cookies.get(_cookie(request_id)))
    except Problem:
        return None
    row = await queries.REVIEW.one(await call.session.driver(), id=mine)
    stored: dict[str, Any] = orjson.loads(row["body"]) if row is not None else {}
    return stored


def _keep_session(request: Request, response: Response, opened: service.Opened) -> None:
    """Leave the review session with the browser, for every link to the same request that later letters bring.

    The browser keeps it longer than it is valid: its end may be moved, and the gateway is who says when a session is over.
    """
    is_secure = request.app.state.settings.public_url.startswith("https://")
    name = _cookie(str(opened.request_id))
    response.set_cookie(name, opened.secret, max_age=_KEPT_S, path="/review/", secure=is_secure, httponly=True, samesite="lax")


def _cookie(request_id: str) -> str:
    return f"review_{request_id.replace('-', '')}"


def _back(token: str, note: str = "") -> Response:
    return unstored(RedirectResponse(_path(token) + (f"?note={note}" if note else ""), 303))


def _path(token: str) -> str:
    return f"/review/{quote(token, safe='')}"


def _key(request: Request) -> str:
    key: str = request.app.state.settings.secret_key.get_secret_value()
    return key
