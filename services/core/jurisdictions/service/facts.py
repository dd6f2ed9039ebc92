"""What is said of a jurisdiction, in one normal form: so that 2952, 2952.0 and what is stored as 2952.000000 are the same."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.core.jurisdictions.names import search_vector
from services.core.jurisdictions.queries import Facts
from services.core.jurisdictions.schemas import JurisdictionCreate


def of(given: JurisdictionCreate) -> Facts:
    """The facts that ``given`` states."""
    facts: Facts = dict(vars(given))
    location, context, website = given.location, given.context, given.website
    facts["location"] = location and dict(vars(location))
    facts["context"] = context and {name: _float(value) for name, value in vars(context).items()}
    facts["website"] = website and str(website)
    facts["external_ids"] = {entry.source: entry.value for entry in given.external_ids}
    return facts


def _float(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def as_input(facts: Facts) -> dict[str, Any]:
    """``facts`` in the shape of a `JurisdictionCreate`."""
    return facts | {"external_ids": [{"source": source, "value": value} for source, value in facts["external_ids"].items()]}


def as_json(facts: Facts) -> dict[str, Any]:
    """``facts`` as the public representation shows them, for the record of what happened."""
    area, point = facts["area_km2"], facts["location"]
    return facts | {
        "area_km2": area if area is None else _number(area),
        "location": point and {name: _number(value) for name, value in point.items()},
        "external_ids": [{"source": source, "value": value} for source, value in sorted(facts["external_ids"].items())],
    }


def _number(value: Decimal) -> float:
    number = float(value)
    return int(number) if number.is_integer() else number


def says_nothing_new(facts: Facts, values: Mapping[str, Any]) -> bool:
    """Whether ``values``, as they came and not yet checked, are what ``facts`` hold: the quick answer for most of a sync.

    False means only that they must be looked at.
    """
    return all(name in facts and _is_known(facts, name, value) for name, value in values.items())


def _is_known(facts: Facts, name: str, value: Any) -> bool:
    if name == "external_ids":
        return _names_only_known(facts[name], value)
    if name == "names":
        return isinstance(value, dict) and value.items() <= facts[name].items()
    if name == "aliases":
        return isinstance(value, list) and all(alias in facts[name] for alias in value)
    return _is_same(facts[name], value)


def _is_same(known: Any, value: Any) -> bool:
    """Equal, and as strictly typed: true is not 1, and 5.0 is no count of people."""
    if isinstance(known, dict) and isinstance(value, dict):  # what is absent in an object is unknown
        return known.keys() >= value.keys() and all(_is_same(inner, value.get(name)) for name, inner in known.items())
    if isinstance(known, Decimal) and isinstance(value, float):
        return bool(known == Decimal(repr(value)))
    if isinstance(known, UUID):
        return bool(str(known) == value)
    if isinstance(known, bool | int) or isinstance(value, bool):
        return type(known) is type(value) and bool(known == value)
    return bool(known == value)


def _names_only_known(known: Mapping[str, str], entries: Any) -> bool:
    return isinstance(entries, list) and all(
        isinstance(entry, dict) and entry.keys() == {"source", "value"} and _is_carried(known, entry["source"], entry["value"])
        for entry in entries
    )


def _is_carried(known: Mapping[str, str], source: Any, value: Any) -> bool:
    return isinstance(source, str) and isinstance(value, str) and known.get(source) == value


def search_text(facts: Facts) -> str:
    """The ``tsvector`` by which it is found."""
    return search_vector((facts["name"], *facts["names"].values(), *facts["aliases"]), facts["external_ids"])
