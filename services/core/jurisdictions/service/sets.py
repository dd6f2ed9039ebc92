"""Writing many jurisdictions that another registry names: judged one by one, written as sets.

One bad candidate never spoils another. Most of what a registry sends is known already: that is seen first, and costs least.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from uuid import UUID

from services.core.jurisdictions import queries
from services.core.jurisdictions.queries import Facts, Known
from services.core.jurisdictions.schemas import JurisdictionCreate
from services.core.jurisdictions.service import changes, facts, store
from services.core.jurisdictions.service.changes import Change
from services.core.kit.actor import Actor, Reach
from services.core.kit.db import Unit
from services.core.kit.errors import FieldError, Problem, invalid, not_found
from services.core.kit.ids import new_id
from services.core.kit.schema import fits
from services.core.kit.versions import check_version

ACTION = "sync:write"
Status = Literal["created", "updated", "unchanged", "error"]


class Candidate(NamedTuple):
    """What a registry says of the jurisdiction that it calls ``external_id``.

    ``values`` are members of a `JurisdictionCreate` as they came: what is absent stays as it is. ``external_ids`` are added or
    changed by their source, ``names`` by their language, and ``aliases`` are added: others may know more of them.
    ``if_version`` is the version that the sender saw.
    """

    external_id: str
    values: Mapping[str, Any]
    if_version: int | None = None


@dataclass(slots=True)
class Judged:
    """What comes of a candidate. ``version`` is the one after the write; ``problem`` is there when the status is error."""

    candidate: Candidate
    id: UUID
    version: int
    status: Status
    problem: Problem | None = None
    change: Change | None = None


async def judge_many(session: Unit, actor: Actor, source: str, candidates: Sequence[Candidate]) -> list[Judged]:
    """What comes of each of ``candidates`` that ``source`` names, in their order; nothing is written.

    What exists is locked until the transaction ends. No bad candidate raises: its problem names its fields by pointer.
    """
    known = await queries.known_by_external_id(session, source, [candidate.external_id for candidate in candidates])
    reach = actor.reach(ACTION)
    seen: set[str] = set()
    judged: list[Judged] = []
    for candidate in candidates:
        is_repeated = candidate.external_id in seen
        seen.add(candidate.external_id)
        judged.append(_judge(reach, source, candidate, known.get(candidate.external_id), is_repeated=is_repeated))
    changing = [each.change for each in judged if each.change is not None]
    refused = await changes.objections(session, changing)
    for each in judged:
        if each.change is not None and each.id in refused:
            _refuse(each, refused[each.id])
    return judged


async def write_many(session: Unit, actor: Actor, judged: Sequence[Judged]) -> None:
    """Write those that are created or updated, with one event each; raises what the database raises when it refuses one."""
    await store.write(session, actor, [each.change for each in judged if each.change is not None])


async def mark_missing(session: Unit, actor: Actor, source: str, external_ids: Sequence[str]) -> int:
    """Say that ``source`` no longer lists ``external_ids``; the number of those that were not marked before.

    Only what ``actor`` may write is marked. A later upsert takes the mark away.
    """
    return await store.mark_missing(session, actor, ACTION, source, external_ids)


def _judge(reach: Reach, source: str, candidate: Candidate, known: Known | None, *, is_repeated: bool) -> Judged:
    found = Judged(candidate, known.id if known else new_id(), known.version if known else 0, "unchanged")
    try:
        _may_be_written(reach, candidate, known, is_repeated=is_repeated)
        found.change = _change(source, candidate, known, found.id)
    except Problem as problem:
        _refuse(found, problem)
        return found
    if found.change is not None:
        found.version += 1
        found.status = "created" if known is None else "updated"
    return found


def _refuse(judged: Judged, problem: Problem) -> None:
    judged.version -= judged.change is not None
    judged.status, judged.change, judged.problem = "error", None, problem
    if not problem.errors:
        problem.errors = (FieldError("", problem.code, problem.detail),)


def _may_be_written(reach: Reach, candidate: Candidate, known: Known | None, *, is_repeated: bool) -> None:
    if is_repeated:
        detail = f"“{candidate.external_id}” stands more than once in this set; the first one counts."
        raise Problem("conflict", detail, errors=[FieldError("", "repeated", detail)])
    if known is not None:
        if not (reach.everywhere or known.id in reach.jurisdictions):
            raise not_found()
        check_version(known.version, candidate.if_version)
        return
    if not reach.everywhere:
        raise Problem("forbidden", "Only who may write all jurisdictions creates new ones.")
    if candidate.if_version is not None:
        raise Problem("version-mismatch", f"There is no “{candidate.external_id}” yet, so it has no version.")


def _change(source: str, candidate: Candidate, known: Known | None, new: UUID) -> Change | None:
    if known is None:
        return Change(new, facts.of(_fit(source, candidate, None)))
    is_as_before = facts.says_nothing_new(known.facts, candidate.values)
    after = known.facts if is_as_before else facts.of(_fit(source, candidate, known.facts))
    return changes.revision(known, after, is_listed=True)


def _fit(source: str, candidate: Candidate, current: Facts | None) -> JurisdictionCreate:
    """The whole that ``candidate`` makes of ``current``. Its own identifiers come first, so that pointers fit what was sent."""
    own = candidate.values.get("external_ids", [])
    if not (isinstance(own, list) and all(isinstance(entry, dict) for entry in own)):
        return fits(JurisdictionCreate, {**(current or {}), **candidate.values})  # which says what is wrong with them
    _agree(own, source, candidate.external_id)
    stated = {entry.get("source") for entry in own if isinstance(entry.get("source"), str)}
    kept = {source: candidate.external_id} | (current["external_ids"] if current else {})
    others = [{"source": name, "value": value} for name, value in kept.items() if name not in stated]
    added = _added_to(current, candidate.values) if current else {}
    whole = {**(current or {}), **candidate.values, **added, "external_ids": [*own, *others]}
    try:
        return fits(JurisdictionCreate, whole)
    except Problem as problem:
        raise _within_what_was_sent(problem, len(own), len(current["aliases"]) if current else 0) from problem


def _added_to(current: Facts, values: Mapping[str, Any]) -> dict[str, Any]:
    """The names and aliases that are known, with those that were sent."""
    added: dict[str, Any] = {}
    names, aliases = values.get("names"), values.get("aliases")
    if isinstance(names, dict):
        added["names"] = current["names"] | names
    if isinstance(aliases, list):
        added["aliases"] = [*current["aliases"], *(alias for alias in aliases if alias not in current["aliases"])]
    return added


def _agree(own: list[dict[str, Any]], source: str, external_id: str) -> None:
    for index, entry in enumerate(own):
        if entry.get("source") == source and entry.get("value") != external_id:
            raise invalid(f"/external_ids/{index}/value", f"This item is “{external_id}” to {source}.")


def _within_what_was_sent(problem: Problem, sent: int, known_aliases: int) -> Problem:
    """``problem`` with the pointers cut short that lead to what was not sent, or stands elsewhere in the whole."""
    errors = [FieldError(_cut(error.pointer, sent, known_aliases), error.code, error.detail) for error in problem.errors]
    return Problem(problem.code, problem.detail, errors=errors)


def _cut(pointer: str, sent: int, known_aliases: int) -> str:
    _, member, index, *_ = [*pointer.split("/"), "", "", ""]
    if member == "aliases" and known_aliases:
        return "/aliases"
    return "/external_ids" if member == "external_ids" and index.isdigit() and int(index) >= sent else pointer
