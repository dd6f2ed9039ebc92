"""What differs between two versions of a practice, member by member. Pure: two frozen contents in, changes out.

What is empty says nothing: an empty text, a list without items and null are the same as a member that is not there. The items
of a list are compared by what they are, not by where they stand: another order is no change.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from rapidfuzz.distance import Indel

from services.core.kit.text import fold
from services.core.practices.content import FIELDS
from services.core.practices.edits import edits

Op = Literal["added", "removed", "changed"]

_MEMBERS: Final = (*FIELDS, "evidence")
_PROSE: Final = frozenset(("title", "summary", "problem", "actions", "lessons", "transfer_conditions", "name", "method"))
"""Texts of which it is told which words changed, besides the texts in lists. The others are codes, units and addresses."""

_NEARLY: Final = 0.6
"""From this share of common text on (0..1), two items of a list are one that was changed."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the items of a list are recognised: by their `heading`, of which a share of `nearly` must be the same."""

    heading: Callable[[Any], str]
    nearly: float = _NEARLY


_ITSELF: Final = _Kind(str)
_NAMED: Final = _Kind(lambda item: fold(item["name"]))
_KINDS: Final[Mapping[str, _Kind]] = {
    "partners": _NAMED, "indicators": _NAMED, "evidence": _Kind(lambda item: str(item["id"]), 1.0),
    "sources": _ITSELF, "co_benefits": _ITSELF, "obstacles": _ITSELF,
}  # fmt: skip
"""The items of every other list are codes: one is there or it is not."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one place said in the earlier version and what it says in the later one; None: nothing.

    `was_at` and `is_at` are RFC 6901 pointers into the one and the other; None where a list item or a translation has no place.
    `is_prose`: a text for readers, so that it is worth telling which words changed.
    """

    op: Op
    was_at: str | None
    is_at: str | None
    before: Any
    after: Any
    is_prose: bool = False


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """All changes from one frozen content to another, in the order in which a practice is read. None: there is no such version.

    Seen from the other side they are the same: added becomes removed, before becomes after.
    """
    one, other = _content(before), _content(after)
    return [change for name in _MEMBERS for change in _compared(name, f"/{name}", f"/{name}", one.get(name), other.get(name))]


def changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """The members in which `differences` would find something, much sooner: nobody asks which items of a list are one."""
    one, other = _content(before), _content(after)
    return [name for name in _MEMBERS if _differs(name, one.get(name), other.get(name))]


def _differs(name: str, before: Any, after: Any) -> bool:
    if isinstance(before, list) or isinstance(after, list):
        was, is_now = before or [], after or []
        return bool(_unmatched(was, is_now) or _unmatched(is_now, was))
    return any(True for _ in _compared(name, "", "", before, after))


def told(changes: Sequence[Change]) -> dict[str, Any]:
    """The changes as they are shown, with the words of texts that changed, and how many of each there are.

    `pointer` leads into the later version, of what was removed into the earlier.
    """
    counted = Counter(each.op for each in changes)
    summary = {op: counted[op] for op in ("added", "removed", "changed")}
    return {"changes": [_shown(each) for each in changes], "summary": summary}


def _shown(change: Change) -> dict[str, Any]:
    is_gone = change.op == "removed"
    shown = {
        "op": change.op,
        "pointer": change.was_at if is_gone else change.is_at,
        "was_at": None if change.op == "added" else change.was_at,
        "before": change.before,
        "after": change.after,
    }
    if change.op == "changed" and change.is_prose:
        shown["words"] = [asdict(edit) for edit in edits(change.before, change.after)]
    return shown


def _content(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """A content in which each translation says who made it; older versions do not. One without a text is none."""
    said = dict(given or {})
    translations: Mapping[str, Mapping[str, Any]] = said.get("translations") or {}
    said["translations"] = {
        locale: {"machine_translated": False, **texts}
        for locale, texts in sorted(translations.items())
        if any(text for text in texts.values() if isinstance(text, str))
    }
    return said


def _says(value: Any) -> bool:
    """Whether ``value`` says anything: no is an answer, silence is none."""
    if isinstance(value, Mapping):
        return any(map(_says, value.values()))
    return value is not None and value not in ("", [])


def _compared(name: str, was_at: str, is_at: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, list) or isinstance(after, list):
        yield from _items(name, was_at, is_at, before or [], after or [])
    elif name == "translations":
        yield from _translations(was_at, is_at, before or {}, after or {})
    elif not _says(before) and not _says(after):
        return
    elif not _says(before):
        yield Change("added", was_at, is_at, None, after, name in _PROSE)
    elif not _says(after):
        yield Change("removed", was_at, is_at, before, None, name in _PROSE)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for each in sorted({*before, *after}):
            yield from _compared(each, f"{was_at}/{each}", f"{is_at}/{each}", before.get(each), after.get(each))
    elif before != after:
        yield Change("changed", was_at, is_at, before, after, name in _PROSE)


def _translations(was_at: str, is_at: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for locale in sorted({*before, *after}):
        if locale not in before:
            yield Change("added", None, f"{is_at}/{locale}", None, after[locale])
        elif locale not in after:
            yield Change("removed", f"{was_at}/{locale}", None, before[locale], None)
        else:
            yield from _compared(locale, f"{was_at}/{locale}", f"{is_at}/{locale}", before[locale], after[locale])


def _items(name: str, was_at: str, is_at: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    """The items that are new or changed, in the order of the later list, then those that are gone, in that of the earlier."""
    gone, new = _unmatched(before, after), _unmatched(after, before)
    pairs = _paired(_KINDS[name], before, gone, after, new) if name in _KINDS else {}
    for place in new:
        if place not in pairs:
            yield Change("added", None, f"{is_at}/{place}", None, after[place])
            continue
        old = before[pairs[place]]
        here = f"{was_at}/{pairs[place]}", f"{is_at}/{place}"
        if isinstance(old, Mapping):
            yield from _compared(name, *here, old, after[place])
        else:
            yield Change("changed", *here, old, after[place], is_prose=True)
    for place in gone:
        if place not in pairs.values():
            yield Change("removed", f"{was_at}/{place}", None, before[place], None)


def _bare(item: Any) -> Any:
    """What an item says, so that it can be found among others."""
    return frozenset((name, value) for name, value in item.items() if _says(value)) if isinstance(item, Mapping) else item


def _unmatched(items: Sequence[Any], others: Sequence[Any]) -> list[int]:
    """The places of the ``items`` that say something and of which ``others`` have none left that says the same."""
    left = Counter(map(_bare, others))
    places = []
    for place, item in enumerate(items):
        bare = _bare(item)
        left[bare] -= 1
        if left[bare] < 0 and _says(item):
            places.append(place)
    return places


def _paired(kind: _Kind, before: Sequence[Any], gone: Sequence[int], after: Sequence[Any], new: Sequence[int]) -> dict[int, int]:
    """Place in ``after`` -> place in ``before`` of the items that are one, the most alike first; each is paired once.

    Of pairs that are alike the foremost goes first. From either side that comes to the same pairs, since all prefer the same places.
    """
    likely = []
    for i in gone:
        for j in new:
            one, other = kind.heading(before[i]), kind.heading(after[j])
            alike = Indel.normalized_similarity(one, other, score_cutoff=kind.nearly)
            if alike >= kind.nearly:
                mine, theirs = _bare(before[i]), _bare(after[j])
                common = len(mine & theirs) if isinstance(mine, frozenset) else 0
                likely.append((-alike, -common, i, j))
    pairs: dict[int, int] = {}
    for *_, i, j in sorted(likely):
        if j not in pairs and i not in pairs.values():
            pairs[j] = i
    return pairs
