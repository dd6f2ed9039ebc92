"""Labels of the form in our words (types, sectors, boundaries, units), and the title of a target, made from its facts."""

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from services.core.commitments.rules import WHOLE
from services.core.imports.edition import Edition
from services.core.sync import cells as words

NONE: Final = "none"
"""The type of a row that states that there is no target."""

OTHER: Final = "other"
LONGEST_TITLE: Final = 200

_OTHER: Final = re.compile(r"^other\b[\s,;–—-]*(?:please\s+specify)?\s*[:\uff1a]?\s*", re.IGNORECASE)
_SECTORS: Final[Mapping[str, str]] = {"ippu": "industrial processes", "afolu": "land use"}
_PER: Final[Mapping[str, str]] = {"per_capita": "per person", "per_gdp": "per unit of GDP"}


def label(edition: Edition, field: str, said: str) -> str | None:
    """Our value for one of the form's labels: by its table, else by the first of its words that stands in the label."""
    key = words.key(said)
    if (exact := edition.values.get(field, {}).get(key)) is not None:
        return exact
    return next((ours for phrase, ours in edition.words.get(field, {}).items() if f" {phrase} " in f" {key} "), None)


def sector(edition: Edition, said: str) -> tuple[str, str]:
    """Our sector, and the city's own words where it is “other”. A blank cell is all of the inventory."""
    if not said:
        return "all", ""
    text = _OTHER.sub("", said)
    found = label(edition, "sector", said) or label(edition, "sector", text)
    return (found, "") if found else (OTHER, text)


def sector_key(name: str, text: str) -> str:
    """What tells one sector of an account's targets from another, in every edition."""
    return f"{name}-{hashlib.sha256(words.key(text).encode()).hexdigest()[:8]}" if name == OTHER and text else name


def net_zero(edition: Edition, target: Mapping[str, Any], description: str) -> bool | None:
    """True when the numbers leave nothing (0 t, or 100 percent less) and the city itself calls it net zero; else it is not stated."""
    fixed = target["target_type"] == "fixed_level"
    nothing_left = target.get("target_emissions_t") == 0 if fixed else target.get("reduction_percent") == WHOLE
    return True if nothing_left and label(edition, "net_zero", description) else None


def title(target: Mapping[str, Any], text: str, description: str) -> str:
    """The target in one line, such as “30 % below 2013 by 2030 (energy)”, and the city's own description where it is short enough."""
    scope = [each for each in (_scope(target.get("sector", "all"), text), _operations(target)) if each]
    line = f"{_promise(target)} ({', '.join(scope)})" if scope else _promise(target)
    whole = f"{line}: {description}" if description else line
    if len(whole) <= LONGEST_TITLE:
        return whole
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def _promise(target: Mapping[str, Any]) -> str:
    percent, base, end = target.get("reduction_percent"), target.get("base_year"), target["target_year"]
    cut = f"{shown(percent)} %" if percent is not None else ""
    match target["target_type"]:
        case "fixed_level":
            level = target["target_emissions_t"]
            return f"No emissions by {end}" if level == 0 else f"{shown(level)} t CO2e by {end}"
        case "baseline_scenario":
            return f"{cut} below business as usual by {end}"
        case "base_year_intensity":
            per = _PER.get(target["intensity"]["unit"], "per unit")
            return f"{cut} less {per} than in {base} by {end}" if base else f"{cut} less {per} by {end}"
        case _:
            return f"{cut} below {base} by {end}"


def _scope(name: str, text: str) -> str:
    return "" if name == "all" else (text or name) if name == OTHER else _SECTORS.get(name, name)


def _operations(target: Mapping[str, Any]) -> str:
    return "local government only" if target.get("boundary") == "government_operations" else ""


def shown(number: Decimal) -> str:
    """A number for people: 1,234,567.8, without zeros at its end."""
    told = f"{number:,f}"
    return told.rstrip("0").rstrip(".") if "." in told else told
