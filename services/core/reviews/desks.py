"""How much lies on each person's desk, and how much more may."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from services.core.reviews.affinity import ReviewerIn
from services.core.reviews.conflicts import Kept


@dataclass(slots=True)
class Desks:
    """The load of each person: held before, its cap, and what the call still allows."""

    held: dict[str, int]
    cap: dict[str, int]
    left: dict[str, int]
    given: Counter[str] = field(default_factory=Counter)

    def cost(self, person_id: str, further: int) -> float:
        """How full the desk is, 0..1, before the `further`-th review (counted from 0) is added."""
        return min(1.0, (self.held[person_id] + further) / max(1, self.cap[person_id]))


def desks(reviewers: Iterable[ReviewerIn], load: Mapping[str, int], kept: Collection[Kept], max_load: int) -> Desks:
    """The desks of all persons among `reviewers`.

    `max_load` caps a person's reviews in this call, done ones included; the smallest `max_load` of the person's roles
    caps all that lies open, here (`kept`) and elsewhere (`load`).
    """
    here, still = Counter(each.person_id for each in kept), Counter(each.person_id for each in kept if each.open)
    cap: dict[str, int] = {}
    for reviewer in reviewers:
        cap[reviewer.person_id] = min(cap.get(reviewer.person_id, reviewer.max_load), reviewer.max_load)
    held = {person_id: load.get(person_id, 0) + still[person_id] for person_id in cap}
    left = {person_id: max(0, min(max_load - here[person_id], cap[person_id] - held[person_id])) for person_id in cap}
    return Desks(held, cap, left)
