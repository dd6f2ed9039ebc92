"""Judging a set of standings: what each would change, and what forbids it. Nothing is written here.

Each item takes the steps of a membership's life from where it is to where the registry has it, and meets every guard on
that way, with its own agreement and representatives counted as present. What an earlier item of the set took or freed is
taken or free for the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from services.core.accounts.rules import email_key
from services.core.communities import queries, validation
from services.core.communities.models import Community
from services.core.communities.queries import standings as sets
from services.core.communities.queries.standings import KnownMembership, Places
from services.core.communities.rules import DRAFTED, IN_FORCE, MEMBERSHIP, holds_the_chair, may_take, path, takes_a_place
from services.core.communities.schemas import RepresentativeCreate, Standing
from services.core.communities.service.agreements import check_hand
from services.core.communities.service.representatives import with_mandate
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import FieldError, Problem, invalid, not_found
from services.core.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Person:
    """A representative to name (``before`` is None) or to change."""

    id: UUID
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


@dataclass(slots=True)
class JudgedStanding:
    """What became of a wanted standing, or would; ``version`` is the membership's after it is written."""

    standing: Standing
    source: str
    status: Literal["created", "updated", "unchanged", "error"] = "unchanged"
    membership_id: UUID | None = None
    version: int | None = None
    problem: Problem | None = None
    known: KnownMembership | None = None
    steps: tuple[str, ...] = ()
    agreement: dict[str, Any] | None = None
    """the whole agreement to write, when it changes"""
    agreement_id: UUID | None = None
    people: list[Person] = field(default_factory=list)

    @property
    def before(self) -> str | None:
        """The membership's status before; None when there was none."""
        return self.known.status if self.known else None

    @property
    def after(self) -> str | None:
        """The membership's status when the steps are taken."""
        return self.standing.standing if self.steps else self.before

    @property
    def kind(self) -> str:
        """The membership's kind then; who leaves, leaves as what they are."""
        return self.known.kind if self.known and self.after == "withdrawn" else self.standing.kind


async def judge_standings(session: Session, actor: Actor, source: str, wanted: Sequence[Standing]) -> list[JudgedStanding]:
    """Judge a set of standings that the registry ``source`` wants, in their order; their communities and memberships stay locked.

    A few queries for any number. A registry that acts for all jurisdictions (``sync:write`` everywhere), like the secretariat,
    takes the secretariat's steps too; one that is bound to some takes their own, and signs for them alone. A guard that fails is
    the `Problem` of its item, with the status ``error``; the others are judged as if it were absent.
    """
    communities = await queries.lock_communities(session, {one.community_id for one in wanted})
    found = await sets.living(session, [(one.community_id, one.jurisdiction_id) for one in wanted])
    bench = _Bench(
        await sets.today(session),
        found,
        communities,
        await sets.places(session, {row.id: row.capacity for row in communities.values()}),
        actor,
    )
    return [bench.judge(JudgedStanding(one, source)) for one in wanted]


class _Bench:
    """What is known while a set is judged: the day, the memberships, and what the communities have given away so far."""

    def __init__(
        self,
        today: date,
        found: Mapping[tuple[UUID, UUID], KnownMembership],
        communities: Mapping[UUID, Community],
        places: Mapping[UUID, Places],
        actor: Actor,
    ) -> None:
        self._today = today
        self._found = found
        self._communities = communities
        self._places = places
        self._actor = actor
        self._seen: set[tuple[UUID, UUID]] = set()

    def judge(self, item: JudgedStanding) -> JudgedStanding:
        """Fill in what ``item`` would change, or its problem."""
        try:
            self._weigh(item)
        except Problem as problem:
            item.status, item.problem = "error", problem
            item.steps, item.agreement, item.people = (), None, []
        return item

    def _weigh(self, item: JudgedStanding) -> None:
        wanted = item.standing
        pair = (wanted.community_id, wanted.jurisdiction_id)
        known = self._found.get(pair)
        if pair in self._seen:
            raise Problem("conflict", "This jurisdiction's standing in this community stands twice in the set.")
        self._seen.add(pair)
        if not self._actor.may_for("sync:write", jurisdiction=wanted.jurisdiction_id):
            raise not_found()
        places = self._places.get(wanted.community_id)
        if places is None:
            raise invalid("/membership/community_id", "There is no such community.")
        item.known = known
        item.membership_id, item.version = (known.id, known.version) if known else (None, None)
        item.steps = path(known.status if known else None, wanted.standing)
        self._check_steps(item)
        if known is None and not item.steps:
            return  # nothing to withdraw from
        if wanted.standing != "withdrawn":
            self._judge_living(item, known, places)
        if item.steps or item.agreement is not None or item.people:
            item.status = "updated" if known else "created"
            item.membership_id = known.id if known else new_id()
            item.version = 1 if known is None else known.version + bool(item.steps)
            _give_away(places, item)

    def _is_secretariat(self, community_id: UUID) -> bool:
        return self._actor.everywhere("sync:write") or self._actor.may_for("memberships:decide", community=community_id)

    def _check_steps(self, item: JudgedStanding) -> None:
        is_secretariat = self._is_secretariat(item.standing.community_id)
        if beyond := [step for step in item.steps if not may_take(step, is_secretariat=is_secretariat)]:
            detail = f"“{beyond[0]}” is a step of the secretariat: it takes a registry that acts for all jurisdictions."
            raise Problem("forbidden", detail, errors=[FieldError("/membership/standing", "forbidden", detail)])

    def _judge_living(self, item: JudgedStanding, known: KnownMembership | None, places: Places) -> None:
        wanted = item.standing
        if known and known.kind != wanted.kind and known.status not in DRAFTED:
            raise Problem("conflict", f"It is {known.status} as {known.kind}: the kind changes only while it is drafted.")
        signatories = self._judge_agreement(item, known)
        roles = self._judge_people(item, known)
        own = known if known and takes_a_place(known.kind, known.status) else None
        facts = validation.Facts(
            kind=wanted.kind,
            today=self._today,
            ends_on=self._communities[wanted.community_id].ends_on,
            capacity=places.capacity,
            active=places.active - bool(own),
            has_chair=places.chair is not None and (known is None or places.chair != known.id),
            signatories=signatories,
            roles=roles,
        )
        status = known.status if known else "draft"
        for action in item.steps:
            status = MEMBERSHIP.next(status, action)
            validation.check(action, facts)

    def _judge_agreement(self, item: JudgedStanding, known: KnownMembership | None) -> Sequence[Mapping[str, Any]]:
        before = known.agreement if known else None
        given = item.standing.agreement.stored() if item.standing.agreement else before
        if given is None or given == before:
            return before["signatories"] if before else ()
        if not self._is_secretariat(item.standing.community_id):
            check_hand(known.status if known else "draft", before or {"signatories": [], "document": None}, given)
        signatories: list[Mapping[str, Any]] = given["signatories"]
        if known and known.status in IN_FORCE:
            validation.agreement_stands(signatories, self._today)
        item.agreement, item.agreement_id = given, (known.agreement_id if known else None) or new_id()
        return signatories

    def _judge_people(self, item: JudgedStanding, known: KnownMembership | None) -> frozenset[str]:
        """The roles that are spoken for once the item's representatives are added or changed; none is ever removed."""
        stands = dict(known.representatives) if known else {}
        before = [self._counted(columns) for _, columns in stands.values()]
        for given in item.standing.representatives:
            key = (email_key(given.email), given.role)
            person = _merged(stands.get(key), given, known.expression if known else None)
            stands[key] = (person.id, dict(person.after))
            if person.before != person.after:
                item.people.append(person)
        after = [self._counted(columns) for _, columns in stands.values()]
        if known and not item.steps:
            validation.still_represented(known.status, [role for role in before if role], [role for role in after if role])
        return frozenset(role for role in after if role)

    def _counted(self, columns: Mapping[str, Any]) -> str | None:
        ends_on = columns["mandate_ends_on"]
        role: str = columns["role"]
        return role if ends_on is None or ends_on >= self._today else None


def _merged(known: tuple[UUID, dict[str, Any]] | None, given: RepresentativeCreate, expression: Mapping[str, Any] | None) -> Person:
    """Someone known is changed in the members that were sent alone: a registry does not clear what it does not know."""
    if known is None:
        return Person(new_id(), None, with_mandate(given, expression))
    representative_id, columns = known
    sent = {name: getattr(given, name) for name in given.model_fields_set}
    return Person(representative_id, columns, columns | sent)


def _give_away(places: Places, item: JudgedStanding) -> None:
    """Count what the item takes and frees."""
    known, after = item.known, item.after or "draft"
    places.active += takes_a_place(item.kind, after) - (known is not None and takes_a_place(known.kind, known.status))
    if holds_the_chair(item.kind, after):
        places.chair = item.membership_id
    elif places.chair == item.membership_id:
        places.chair = None
