"""Which row of a file is which target that was imported before.

Targets that look alike (of one account, type, sector, boundary and year) differ in their key by a number only, which one row more or
less would shift. So a row first meets the target that said the same; the others meet in their order as long as there are as many of
both. Otherwise nobody can say which is which: nothing is revised, so that no city seems to weaken what it never weakened.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count

from services.core.imports import rules
from services.core.imports.queries import Memory
from services.core.imports.service.entries import Entry


def meet(entries: Sequence[Entry], memory: Mapping[tuple[str, str], Memory]) -> None:
    """Give each of ``entries`` the target that it is (`Entry.memory`), or say that it repeats another row, or that it is ambiguous."""
    said: dict[tuple[str, str], Entry] = {}
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.row["is_split"]:  # others of its kind are in other parts, so only its own number says which it is
            entry.first, entry.memory = entry, memory.get((entry.row["account"], entry.row["key"]))
            continue
        entry.first = said.setdefault((entry.row["account"], entry.row["hash"]), entry)
        if entry.first is entry:
            groups[entry.row["account"], _alike(entry.row["key"])].append(entry)
    known: dict[tuple[str, str], list[Memory]] = defaultdict(list)
    for (account, key), each in memory.items():
        known[account, _alike(key)].append(each)
    for group, members in groups.items():
        _meet_alike(members, sorted(known.get(group, ()), key=lambda each: _number(each.key)))


def _meet_alike(entries: Sequence[Entry], known: list[Memory]) -> None:
    same = {each.row_hash.hex(): each for each in known}
    others = []
    for entry in entries:
        if (each := same.get(entry.row["hash"])) is not None:
            _is(entry, each)
            known.remove(each)
        else:
            others.append(entry)
    if len(others) == len(known):
        for entry, each in zip(sorted(others, key=lambda entry: _number(entry.row["key"])), known, strict=True):
            _is(entry, each)
    elif known:
        for entry in others:
            entry.step = "pass"
            entry.row |= {"status": "skipped", "reason": rules.AMBIGUOUS}
    else:
        taken = {_number(each.key) for each in same.values()}
        free = (number for number in count(1) if number not in taken)
        for entry in sorted(others, key=lambda entry: _number(entry.row["key"])):
            entry.row["key"] = f"{_alike(entry.row['key'])}/{next(free)}"


def _is(entry: Entry, known: Memory) -> None:
    entry.memory = known
    entry.row["key"] = known.key


def _alike(key: str) -> str:
    return key.rpartition("/")[0]


def _number(key: str) -> int:
    return int(key.rpartition("/")[2])
