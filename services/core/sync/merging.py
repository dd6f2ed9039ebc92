"""Rows about the same jurisdiction become one item: the first one leads, later ones fill its gaps."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.core.sync.reading import Mapped

_PAIRS = (("population", "population_year"),)
"""Members that are true only together: both come from the same row."""
_MOST_ALIASES = 20


@dataclass(slots=True)
class Group:
    """One item, and the numbers of the rows that made it, in their order."""

    item: dict[str, Any]
    rows: list[int]

    @property
    def external_id(self) -> str:
        """The item's identifier."""
        return str(self.item["external_id"])


def merge(rows: Iterable[Mapped]) -> list[Group]:
    """One group for each external id, in the order of their first rows. Rows that an error keeps out are in none."""
    groups: dict[str, Group] = {}
    for row in rows:
        if row.item is None:
            continue
        group = groups.get(str(row.external_id))
        if group is None:
            groups[str(row.external_id)] = Group({**row.item, "jurisdiction": dict(row.item["jurisdiction"])}, [row.number])
        else:
            group.rows.append(row.number)
            _fill(group.item, row.item)
    return list(groups.values())


def _fill(item: dict[str, Any], more: dict[str, Any]) -> None:
    known, told = item["jurisdiction"], dict(more["jurisdiction"])
    for first, second in _PAIRS:
        if first in known:
            told.pop(second, None)
    for member, value in told.items():
        known[member] = _joined(known[member], value, member) if member in known else value
    if "membership" not in item and "membership" in more:
        item |= {name: more[name] for name in ("membership", "representatives") if name in more}
    if "if_version" in more:
        item.setdefault("if_version", more["if_version"])


def _joined(known: Any, told: Any, member: str) -> Any:
    """Both lists of spellings or identifiers, both groups of names; of anything else what is known."""
    if member == "aliases":
        return list(dict.fromkeys([*known, *told]))[:_MOST_ALIASES]
    if member == "external_ids":
        return [*known, *(each for each in told if each["source"] not in {other["source"] for other in known})]
    return {**told, **known} if isinstance(known, dict) and member != "location" else known
