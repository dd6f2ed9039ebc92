"""One row of another registry becomes one item of a batch, or a list of what is wrong with it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from services.core.communities.schemas import RepresentativeCreate
from services.core.jurisdictions.schemas import JurisdictionCreate
from services.core.sync import cells, countries, facts, naming, plausible
from services.core.sync.mapping import Mapping
from services.core.sync.row import Finding, Row

LEVELS = ("city", "town", "province", "state", "county", "metropolitan")
KINDS, STANDINGS = ("chair", "member", "observer"), ("active", "suspended", "withdrawn")
_MOST_ALIASES = 20
_LONGEST_ID = 200


@dataclass(slots=True)
class Mapped:
    """One row after mapping. ``number`` counts rows from 1; ``item`` is None when an error keeps the row out."""

    number: int
    external_id: str | None = None
    item: dict[str, Any] | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        """The findings that keep the row out."""
        return [each for each in self.findings if each.severity == "error"]


def read(mapping: Mapping, raw: Any, number: int) -> Mapped:
    """``raw`` (column to cell, or a member of a JSON list) as an item. Never raises, whatever the row holds."""
    mapped = Mapped(number)
    if not isinstance(raw, dict):
        mapped.findings.append(Finding("error", "", "not-a-row", "The row is not an object with members."))
        return mapped
    row = Row(mapping, raw, mapped.findings)
    mapped.external_id = _external_id(row)
    country = _country(row)
    name, aliases = _name(row, country or "")
    if not (mapped.external_id and country and name):
        return mapped
    needed = {"name": name, "level": _level(row), "country": country}
    own = {"source": mapping.source, "value": mapped.external_id}
    for member, told in (("name", needed), ("external_id", needed | {"external_ids": [own]})):
        if wrong := _refused(JurisdictionCreate, told):
            row.find("error", row.column(member), "refused", f"{member}: {wrong}")
            return mapped
    more = dict(facts.offered(row, country, own))
    if aliases:
        more["aliases"] = (row.column("government") or row.column("name"), aliases[:_MOST_ALIASES])
    mapped.item = {"external_id": mapped.external_id, "jurisdiction": needed | _kept(row, needed, more), **_membership(row)}
    if (version := row.number("if_version", cells.whole)) is not None:
        mapped.item["if_version"] = version
    return mapped


def _external_id(row: Row) -> str | None:
    cell = row.first("external_id")
    if cell is None:
        row.find("error", row.column("external_id"), "missing", "There is no external id, so nobody can say whose row this is.")
        return None
    said = cell.said
    if row.mapping.digits_only:
        try:
            said = str(cells.whole(said) or "")
        except cells.Unreadable as unreadable:
            row.find("error", cell.column, "unreadable", f"The external id {unreadable}.")
            return None
    if not 0 < len(said) <= _LONGEST_ID:
        row.find("error", cell.column, "refused", f"The external id is empty, 0 or longer than {_LONGEST_ID} characters.")
        return None
    return said


def _country(row: Row) -> str | None:
    found = row.every("country")
    table = row.mapping.values.get("country", {})
    for cell in found:
        if code := countries.alpha_2(table.get(cells.key(cell.said), cell.said)):
            return code
    if found:
        row.find("error", found[0].column, "unknown-country", f"{cells.shown(found[0].said)} is no country that we know.")
    else:
        row.find("error", row.column("country"), "missing", "There is no country.")
    return None


def _name(row: Row, country: str) -> tuple[str, list[str]]:
    spellings = [cell.said for cell in row.every("name")]
    more = [cell.said for cell in row.every("aliases")]
    if row.mapping.names == "as_given":
        name, others = (spellings[0] if spellings else row.text("government")), spellings[1:]
    else:
        name, others = naming.choose(spellings, row.text("government"), country)
    if not name:
        row.find("error", row.column("name") or row.column("government"), "missing", "There is no name.")
    return name, [each for each in dict.fromkeys([*others, *more]) if each != name]


def _level(row: Row) -> str:
    """Their value where it is one of ours; else the words of the names, with what they state in other words."""
    stated, cell = row.choice("level", LEVELS)
    table = row.mapping.values.get("level", {})
    if stated and cell and cells.key(cell.said) not in table:
        return stated
    words = [each.said for member in ("level_words", "government", "name") for each in row.every(member)]
    return naming.level([*words, *([cell.said] if cell and not stated else [])], stated)


def _kept(row: Row, needed: dict[str, Any], offered: dict[str, tuple[str, Any]]) -> dict[str, Any]:
    """The members that the API takes; each other one is left out with a finding."""
    kept: dict[str, Any] = {}
    for member, (column, told) in offered.items():
        value = [each for each in told if _fits(row, needed, member, column, [each])] if isinstance(told, list) else told
        if value in ([], {}) or not _fits(row, needed, member, column, value):
            continue
        kept[member] = value
    for member, why in plausible.doubts(needed["level"], kept):
        row.find("warning", offered[member][0], "implausible", f"{member} was left out: {why}.")
        del kept[member]
    if "population" not in kept:
        kept.pop("population_year", None)
    else:
        kept.setdefault("population_year", None)  # the year that is known belongs to another count
    return kept


def _fits(row: Row, needed: dict[str, Any], member: str, column: str, value: Any) -> bool:
    wrong = _refused(JurisdictionCreate, needed | {member: value})
    if wrong:
        row.find("warning", column, "refused", f"{member} was left out: {wrong}")
    return not wrong


def _membership(row: Row) -> dict[str, Any]:
    """Standing in one community, with the people who speak for it; nothing when a part of it cannot be read."""
    community = row.first("membership.community_id")
    if community is None:
        return {}
    told: dict[str, str] = {}
    for member, allowed, otherwise in (("kind", KINDS, "member"), ("standing", STANDINGS, "active")):
        value, cell = row.choice(f"membership.{member}", allowed)
        if cell is not None and value is None:
            row.find("warning", cell.column, "unknown-value", f"membership was left out: {cells.shown(cell.said)} is no {member}.")
            return {}
        told[member] = value or otherwise
    try:
        identifier = str(UUID(community.said))
    except ValueError:
        row.find(
            "warning", community.column, "unreadable", f"membership was left out: {cells.shown(community.said)} is no id of a community."
        )
        return {}
    people = [person for role in ("political", "technical") if (person := _person(row, role))]
    return {"membership": {"community_id": identifier, **told}, **({"representatives": people} if people else {})}


def _person(row: Row, role: str) -> dict[str, str] | None:
    told = {name: said for name in ("name", "email", "locale", "time_zone") if (said := row.text(f"{role}.{name}"))}
    if not told:
        return None
    person = told | {"role": role}
    if wrong := _refused(RepresentativeCreate, person):
        row.find("warning", row.column(f"{role}.email"), "refused", f"The {role} contact was left out: {wrong}")
        return None
    return person


def _refused(model: type[BaseModel], told: dict[str, Any]) -> str:
    """Why the API would refuse ``told``; empty when it takes it."""
    try:
        model.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{first['msg'].removeprefix('Value error, ').rstrip('.')}."
    return ""
