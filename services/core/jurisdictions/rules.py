"""What makes a jurisdiction's facts well-formed: ISO 3166, UN/LOCODE, Wikidata, CDP, ICLEI, GCoM."""

import re
from functools import cache

import pycountry

LEVELS = ("city", "town", "province", "state", "county", "metropolitan")

_SCHEMES = {
    "unlocode": (re.compile(r"[A-Z]{2} [A-Z2-9]{3}"), "two letters of the country, a space, three characters A-Z or 2-9"),
    "wikidata": (re.compile(r"Q[1-9]\d*"), "Q and a number"),
    "cdp": (re.compile(r"\d{4,6}", re.ASCII), "a CDP account number of 4 to 6 digits"),
}
_OPAQUE = frozenset({"iclei", "gcom"})
_OPAQUE_LENGTH = 64
"""Registries that publish no format: any text that a person could read out, of this length at most."""


@cache
def _countries() -> frozenset[str]:
    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def _subdivisions() -> frozenset[str]:
    return frozenset(subdivision.code for subdivision in pycountry.subdivisions)


def country_finding(country: str) -> str | None:
    """Why ``country`` is no ISO 3166-1 alpha-2 code; None when it is one."""
    if country not in _countries():
        return f"“{country}” is not an ISO 3166-1 alpha-2 code."
    return None


def subdivision_finding(subdivision: str, country: str) -> str | None:
    """Why ``subdivision`` is no ISO 3166-2 code of ``country``; None when it is one."""
    if not subdivision.startswith(f"{country}-"):
        return f"“{subdivision}” is not a subdivision of {country}."
    if subdivision not in _subdivisions():
        return f"“{subdivision}” is not an ISO 3166-2 code."
    return None


def external_id_finding(source: str, value: str) -> str | None:
    """Why ``value`` cannot be an identifier of ``source``; registries that we do not know take any line of text."""
    scheme = _SCHEMES.get(source)
    if scheme is not None and not scheme[0].fullmatch(value):
        return f"An identifier of {source} is {scheme[1]}."
    if source in _OPAQUE and not (len(value) <= _OPAQUE_LENGTH and value.isprintable()):
        return f"An identifier of {source} is 1 to {_OPAQUE_LENGTH} printable characters."
    return None


def elsewhere_finding(source: str, value: str, country: str) -> str | None:
    """Why ``value`` of ``source`` names a place in another country than ``country``; None when it does not."""
    if source == "unlocode" and not value.startswith(country):
        return f"The UN/LOCODE “{value}” lies in another country than {country}."
    return None
