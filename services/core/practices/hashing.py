"""The hash of all that an assessment depends on, so that anybody can tell whether two of them looked at the same.

There are two ways; a rubric says which is its. The docs show how a third party computes the second one.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from decimal import Decimal

from services.core.practices.citing import plain_number
from services.core.practices.findings import Finding
from services.core.practices.submission import Circumstances, Submission


def inputs_hash(submission: Submission, circumstances: Circumstances, rubric_version: str) -> str:
    """SHA-256 (hex) over canonical JSON of submission, circumstances and the rubric's version.

    What is not given (null, false, an empty text, list or object) is left out, from the inside out; numbers are texts without
    exponent and trailing zeros; lists are sorted by their items' JSON, keys by name; no blanks; UTF-8.
    """
    inputs = {"submission": asdict(submission), "circumstances": asdict(circumstances), "rubric_version": rubric_version}
    return hashlib.sha256(_compact(_canonical(inputs)).encode("utf-8", "surrogatepass")).hexdigest()


def first_inputs_hash(submission: Submission, rubric_version: str, findings: Sequence[Finding]) -> str:
    """The way of the first rubric: over submission, rubric version and findings, numbers in shortest form, ASCII.

    A finding's list index is replaced by the item's place in the sorted list, so that order leaves no trace.
    """
    remarks = [(f.code, f.severity, _ranked(f.pointer, submission)) for f in findings]
    inputs = {"submission": submission, "rubric_version": rubric_version, "findings": [_json(r) for r in remarks]}
    return hashlib.sha256(_json(inputs).encode()).hexdigest()


def _compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _canonical(value: object) -> object:
    match value:
        case bool() | None | str():
            return value
        case Decimal() | int():
            return plain_number(value)
        case Mapping():
            members = {str(name): _canonical(entry) for name, entry in value.items()}
            return {name: entry for name, entry in members.items() if entry not in (None, False, "", [], {})}
        case list() | tuple():
            return sorted((_canonical(item) for item in value), key=_compact)
        case _:
            raise TypeError(value)


def _json(value: object) -> str:
    return json.dumps(_first(value), sort_keys=True, separators=(",", ":"))


def _first(value: object) -> object:
    match value:
        case Decimal():
            return plain_number(value)
        case Mapping():
            return {str(key): _first(entry) for key, entry in value.items()}
        case list() | tuple():
            return sorted((_first(item) for item in value), key=_json)
        case _ if is_dataclass(value):
            members = {field.name: _first(getattr(value, field.name)) for field in fields(value)}
            # Older submissions could hold none: without any, the hash is what it was then.
            return members if members.get("evidence", True) else {name: member for name, member in members.items() if name != "evidence"}
        case _:
            return value


def _ranked(pointer: str, submission: Submission) -> str:
    """The pointer with its list index, if any, replaced by the item's place in canonical order."""
    head, *rest = pointer.strip("/").split("/")
    if rest and rest[0].isdigit():
        items = [_json(item) for item in getattr(submission, head)]
        rest[0] = str(sorted(items).index(items[int(rest[0])]))
    return "/".join((head, *rest))
