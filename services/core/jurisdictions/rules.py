"""What makes a jurisdiction's facts well-formed: ISO 3166, BCP 47, IANA zones, UN/LOCODE, Wikidata, CDP."""

import re
from functools import cache
from zoneinfo import available_timezones

import pycountry

LEVELS = ("city", "town", "province", "state", "county", "metropolitan")

_SCHEMES = {
    "unlocode": (re.compile(r"^[A-Z]{2} [A-Z2-9]{3}$"), "two letters of the country, a space, three characters A-Z or 2-9"),
    "wikidata": (re.compile(r"^Q[1-9]\d*$"), "Q and a number"),
    "cdp": (re.compile(r"^\d{4,6}$"), "a CDP account number of 4 to 6 digits"),
}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def country_finding(country: str) -> str | None:
    """Why ``country`` is no ISO 3166-1 alpha-2 code; None when it is one."""
    if pycountry.countries.get(alpha_2=country) is None:
        return f"“{country}” is not an ISO 3166-1 alpha-2 code."
    return None


def subdivision_finding(subdivision: str, country: str) -> str | None:
    """Why ``subdivision`` is no ISO 3166-2 code of ``country``; None when it is one."""
    if not subdivision.startswith(f"{country}-"):
        return f"“{subdivision}” is not a subdivision of {country}."
    if pycountry.subdivisions.get(code=subdivision) is None:  # type: ignore[no-untyped-call]
        return f"“{subdivision}” is not an ISO 3166-2 code."
    return None


def zone_finding(zone: str) -> str | None:
    """Why ``zone`` is no IANA time zone; None when it is one."""
    return None if zone in _zones() else f"“{zone}” is not an IANA time zone."


def external_id_finding(source: str, value: str, country: str) -> str | None:
    """Why ``value`` cannot be an identifier of ``source``; registries that we do not know take any text."""
    scheme = _SCHEMES.get(source)
    if scheme is not None and not scheme[0].match(value):
        return f"An identifier of {source} is {scheme[1]}."
    if source == "unlocode" and not value.startswith(country):
        return f"The UN/LOCODE “{value}” lies in another country than {country}."
    return None
