"""Countries as people and forms write them, to ISO 3166-1 alpha-2."""

import unicodedata
from functools import cache, lru_cache

import pycountry
from babel import Locale

from services.core.sync import cells

_VARIANTS = {
    "BN": ("Brunei",),
    "BO": ("Bolivia (Plurinational State of)",),
    "CD": ("DR Congo", "Democratic Republic of the Congo", "Congo (Democratic Republic of the)", "Congo, Dem. Rep.", "Congo-Kinshasa"),
    "CG": ("Republic of the Congo", "Congo, Rep.", "Congo-Brazzaville"),
    "CI": ("Ivory Coast",),
    "CN": ("PR China", "P.R. China", "PRC", "China, People's Republic of", "Mainland China", "China, Mainland"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic",),
    "FM": ("Micronesia", "Micronesia (Federated States of)"),
    "GB": ("UK", "U.K.", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland",
           "United Kingdom of Great Britain and Northern Ireland"),
    "HK": ("China, Hong Kong Special Administrative Region", "China, Hong Kong SAR", "Hong Kong SAR", "Hong Kong SAR, China",
           "Hong Kong, China", "Hong Kong S.A.R.", "Hong Kong Special Administrative Region"),
    "IR": ("Iran", "Iran (Islamic Republic of)"),
    "KP": ("North Korea", "DPRK", "DPR Korea", "Korea, North", "Korea, Dem. People's Rep.", "Korea (the Democratic People's Republic of)"),
    "KR": ("South Korea", "Republic of Korea", "Korea", "Korea (Republic of)", "Korea, South", "Korea, Rep.", "R.O. Korea", "ROK",
           "Korea (the Republic of)"),
    "LA": ("Laos", "Lao PDR", "Lao People’s Democratic Republic"),
    "MK": ("Macedonia", "FYROM", "The former Yugoslav Republic of Macedonia"),
    "MM": ("Burma",),
    "MO": ("Macau", "China, Macao Special Administrative Region", "Macao SAR, China", "Macau SAR", "Macao SAR", "Macao, China"),
    "NL": ("The Netherlands", "Holland"),
    "PH": ("Republic of the Philippines", "Philippines (the)"),
    "PS": ("Palestine", "State of Palestine", "Occupied Palestinian Territory"),
    "RU": ("Russia",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TW": ("Taiwan, Greater China", "Taiwan, China", "Chinese Taipei", "Taiwan (ROC)", "Taiwan, Republic of China",
           "Taiwan (Province of China)", "Taiwan Province of China", "Taiwan (Republic of China)"),
    "TZ": ("Tanzania",),
    "US": ("USA", "U.S.A.", "U.S.", "America", "The United States of America", "United States of America (USA)"),
    "VA": ("Vatican", "Holy See"),
    "VN": ("Vietnam", "Socialist Republic of Vietnam"),
}  # fmt: skip

_LANGUAGES = ("ja", "ko", "zh_Hans", "zh_Hant", "fil", "id", "ms", "th", "vi", "fr", "es", "pt", "de")


@lru_cache(maxsize=4_096)
def alpha_2(said: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country's name or code; None when nobody writes a country like that."""
    wanted = _key(said)
    return _english().get(wanted) or _other_languages().get(wanted)


@lru_cache(maxsize=4_096)
def subdivision(said: str, country: str) -> str | None:
    """The ISO 3166-2 code of a state's or province's name or code within ``country``; None when there is no such one."""
    return _subdivisions(country).get(_key(said))


def _key(said: str) -> str:
    """As `cells.key`, without accents on Latin letters and without a leading “the”."""
    bare = "".join(each for each in unicodedata.normalize("NFD", cells.key(said)) if not "\u0300" <= each <= "\u036f")
    return unicodedata.normalize("NFC", bare).removeprefix("the ")


@cache
def _english() -> dict[str, str]:
    names: dict[str, str] = {}
    for country in pycountry.countries:
        for attribute in ("alpha_2", "alpha_3", "name", "common_name", "official_name"):
            if told := getattr(country, attribute, None):
                names[_key(told)] = country.alpha_2
    names |= {_key(each): code for code, several in _VARIANTS.items() for each in several}
    return names


@cache
def _other_languages() -> dict[str, str]:
    codes = set(_english().values())
    names: dict[str, str] = {}
    for language in ("en", *_LANGUAGES):
        for code, name in Locale.parse(language).territories.items():
            if code in codes:
                names.setdefault(_key(name), code)
    return names


@cache
def _subdivisions(country: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for each in pycountry.subdivisions.get(country_code=country) or ():  # type: ignore[no-untyped-call]
        names.setdefault(_key(each.code), each.code)
        for name in (each.name, *each.name.split(", ")):
            names.setdefault(_key(name), each.code)
    return names
