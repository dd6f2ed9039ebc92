"""Standings: what a registry says of a jurisdiction's membership, as a part of one item of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from services.core.accounts.rules import email_key
from services.core.communities.schemas.agreement import AgreementPut
from services.core.communities.schemas.membership import Kind
from services.core.communities.schemas.representative import RepresentativeCreate
from services.core.kit.errors import FieldError, Problem, invalid
from services.core.kit.schema import Input, M, fits

MAX_REPRESENTATIVES = 50


class StandingIn(Input):
    """Where a jurisdiction stands in a community, as the registry knows it."""

    community_id: UUID
    kind: Kind
    standing: Literal["active", "suspended", "withdrawn"] = Field(description="reached through the steps and guards of every membership")
    agreement: AgreementPut | None = Field(default=None, description="the whole agreement; absent or null: the one that is known stays")


@dataclass(frozen=True, slots=True)
class Standing:
    """A wanted standing of one jurisdiction; the agreement (None: not said) and the representatives count as present."""

    jurisdiction_id: UUID
    community_id: UUID
    kind: Kind
    standing: Literal["active", "suspended", "withdrawn"]
    agreement: AgreementPut | None = None
    representatives: Sequence[RepresentativeCreate] = ()


@dataclass(frozen=True, slots=True)
class StandingGiven:
    """A standing that fits its schema, before it is known which jurisdiction it is about."""

    given: StandingIn
    representatives: Sequence[RepresentativeCreate]

    def of(self, jurisdiction_id: UUID) -> Standing:
        """The standing that is wanted of this jurisdiction."""
        given = self.given
        return Standing(jurisdiction_id, given.community_id, given.kind, given.standing, given.agreement, self.representatives)


def standing_of(raw_membership: Any, raw_representatives: Any) -> StandingGiven | Problem | None:
    """The members ``membership`` and ``representatives`` of a batch's item (None: absent) as a standing; None when both are.

    Answers a `Problem` whose pointers begin at the item (“/membership/kind”, “/representatives/0/email”) when they do not fit.
    """
    if raw_membership is None and not raw_representatives:
        return None
    if raw_membership is None:
        return invalid("/representatives", "Representatives speak for a membership: the item names none.")
    errors: list[FieldError] = []
    given = _fitting(StandingIn, raw_membership, "/membership", errors)
    people = _people([] if raw_representatives is None else raw_representatives, errors)
    if errors or given is None:
        return Problem("invalid-body", errors[0].detail, errors=errors)
    return StandingGiven(given, people)


def _people(raw: Any, errors: list[FieldError]) -> list[RepresentativeCreate]:
    if not isinstance(raw, list) or len(raw) > MAX_REPRESENTATIVES:
        detail = f"This must be a list of at most {MAX_REPRESENTATIVES} representatives."
        errors.append(FieldError("/representatives", "invalid", detail))
        return []
    people: list[RepresentativeCreate] = []
    known: set[tuple[str, str]] = set()
    for number, one in enumerate(raw):
        person = _fitting(RepresentativeCreate, one, f"/representatives/{number}", errors)
        if person is None:
            continue
        key = (email_key(person.email), person.role)
        if key in known:
            errors.append(FieldError(f"/representatives/{number}", "duplicate", "This person stands in this role twice."))
        known.add(key)
        people.append(person)
    return people


def _fitting(model: type[M], raw: Any, where: str, errors: list[FieldError]) -> M | None:
    try:
        return fits(model, raw)
    except Problem as problem:
        errors += [FieldError(where + error.pointer, error.code, error.detail) for error in problem.errors]
        return None
