"""Problems (RFC 9457): one exception, one table of codes, readable by people at ``/problems/{code}``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: ``pointer`` is RFC 6901 into the body, or the parameter's name."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One class of problem: its HTTP status, its title, and what a caller can do about it."""

    status: int
    title: str
    remedy: str


CODES: dict[str, Kind] = {
    "invalid-body": Kind(422, "The body does not fit", "Read `errors`: each entry names a field by JSON pointer and says what it needs."),
    "invalid-parameter": Kind(422, "A parameter does not fit", "Read `errors`: each entry names the parameter and says what it needs."),
    "blocking-findings": Kind(422, "The numbers do not hold", "Each entry of `errors` is a rule of the standard that the values break."),
    "idempotency-key-reused": Kind(422, "This Idempotency-Key was used for another request", "Use a new key for a new request."),
    "duplicate-item": Kind(422, "This occurs twice in the batch", "The first occurrence counts; name each `external_id` once."),
    "file-name-refused": Kind(422, "The file's name is not acceptable", "Send the file with its name alone, such as `report.pdf`."),
    "file-type-refused": Kind(422, "Files of this type are not accepted", "Save it as one of the types that `detail` names."),
    "file-type-mismatch": Kind(422, "The file is not what it says", "Give the file the extension and Content-Type of what it really is."),
    "file-unsafe": Kind(422, "The file is damaged or holds something active", "Save it anew without what `detail` names, or as PDF."),
    "idempotency-key-needed": Kind(400, "An Idempotency-Key is needed", "Send a key of your own choice; repeat the request with the same."),
    "malformed-json": Kind(
        400, "The body is not acceptable JSON", "Send UTF-8 JSON without duplicate keys, NaN, controls or extreme depth."
    ),
    "malformed-request": Kind(400, "The request cannot be read", "Check the URL, the headers and their encoding."),
    "invalid-cursor": Kind(
        400, "The cursor does not belong to this list", "Start again without `cursor`; keep filters unchanged while paging."
    ),
    "unauthenticated": Kind(401, "Who are you?", "Send a valid key as `X-API-Key` or `Authorization: Bearer`."),
    "forbidden": Kind(403, "You may not do this", "Ask the secretariat for the scope or role that `detail` names."),
    "not-found": Kind(404, "Not found", "Check the id; what you may not see answers the same."),
    "method-not-allowed": Kind(405, "This method is not offered here", "See the `Allow` header."),
    "conflict": Kind(409, "This contradicts what is stored", "Read the resource again and decide anew."),
    "already-exists": Kind(409, "This already exists", "Read the existing resource and change that one."),
    "invalid-transition": Kind(409, "The state does not allow this action", "See `current_status` and `allowed_actions`."),
    "idempotency-key-in-flight": Kind(
        409, "A request with this Idempotency-Key is still running", "Wait for `Retry-After` seconds and repeat it."
    ),
    "brake": Kind(
        409, "Too much would be marked as missing", "See `would_deactivate` and `known`; raise `max_deactivations` if it is meant."
    ),
    "capacity-reached": Kind(409, "The community is full", "An active member must leave, or join as an observer."),
    "term-over": Kind(409, "The community's term is over", "Join the community of the next term; `renew` leads there."),
    "chair-taken": Kind(409, "The community has a chair", "A community has exactly one chair per term."),
    "agreement-incomplete": Kind(409, "The agreement is not complete", "Both parties, jurisdiction and secretariat, must have signed."),
    "agreement-dated-after-activation": Kind(409, "The agreement is dated in the future", "A signature's date may not lie after today."),
    "representatives-missing": Kind(409, "Representatives are missing", "Name at least one political and one technical representative."),
    "membership-not-active": Kind(
        409, "The jurisdiction is not an active member", "Only active members of the call's community hand in practices."
    ),
    "call-not-open": Kind(409, "The call is not open", "Practices are handed in between `opens_at` and `closes_at` of an open call."),
    "practice-cap": Kind(
        409, "The jurisdiction has handed in enough practices", "Withdraw one of them first: the call says how many it takes from each."
    ),
    "evidence-limit": Kind(409, "The practice has all the evidence that it may have", "Remove one of its files or links first."),
    "evidence-known": Kind(409, "The practice has this evidence already", "Use the one that `evidence_id` names."),
    "conflict-of-interest": Kind(409, "There is a conflict of interest", "A jurisdiction never reviews its own practice."),
    "deadline-passed": Kind(409, "The deadline has passed", "Ask the secretariat."),
    "load-cap": Kind(409, "The reviewer has enough to do", "Finish a review first."),
    "place-taken": Kind(409, "All places are taken", "Enough reviewers have accepted; thank you for your willingness."),
    "review-session-needed": Kind(
        403, "A review session is needed", "Accept the request first and send its `review_session` as `X-Review-Session`."
    ),
    "review-final": Kind(409, "The review is final", "A final review is never changed."),
    "cursor-expired": Kind(
        410, "The cursor cannot be followed any more", "Keep `as_of`, read the lists that `resync` names, and go on from `as_of`."
    ),
    "version-mismatch": Kind(412, "Someone changed this meanwhile", "Read it again, and repeat your change on the new version."),
    "version-needed": Kind(428, "If-Match is needed", "Send the `ETag` (or `version`) that you read as `If-Match`."),
    "payload-too-large": Kind(413, "The body is too large", "See the limit in `detail`."),
    "range-not-satisfiable": Kind(416, "The file has no such bytes", "`Content-Range` says how long the file is."),
    "unsupported-media-type": Kind(
        415, "This media type is not accepted", "Send `Content-Type: application/json` (PATCH: also `application/merge-patch+json`)."
    ),
    "rate-limited": Kind(429, "Too many requests", "Wait for `Retry-After` seconds."),
    "internal-error": Kind(
        500, "Something broke on our side", "Nothing was stored. Repeat the request; name `request_id` if you report it."
    ),
    "unavailable": Kind(503, "Not available at this moment", "Nothing was stored. Repeat the request after `Retry-After` seconds."),
}


class Problem(Exception):
    """A refusal with a stable ``code`` of `CODES`. ``extra`` adds members, such as ``allowed_actions``."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        kind = CODES[code]
        self.code = code
        self.status = status or kind.status
        self.title = kind.title
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


def not_found() -> Problem:
    """The one answer for what does not exist and for what the caller may not see."""
    return Problem("not-found", "There is no such resource, or you may not see it.")


def invalid(pointer: str, detail: str, *, code: str = "invalid") -> Problem:
    """A 422 about one field of the body."""
    return Problem("invalid-body", detail, errors=[FieldError(pointer, code, detail)])
