"""A jurisdiction's name out of what its government calls itself, and its level out of the words in it.

“Kaohsiung City Government” is a government; the jurisdiction is Kaohsiung. Nothing here matches one jurisdiction with another:
that is done by external ids alone.
"""

import re
from collections.abc import Iterable

from services.core.sync import cells

FALLBACK_LEVEL = "city"
"""The level where no word and no value says one: registries of cities leave it out for what is plainly a city."""

_AFTER = re.compile(
    r"""(?ix) [\s,]+ (?: (?:historic\s+)? (?:city|town|district|county|shire|regional|municipal|metropolitan|village)? [\s]*
        (?:council|government|corporation|administration|authority|hall|office)
      | (?:metropolitan|special)\s+city\s+government | municipal\s+people[’']s\s+government | (?:city\s+)? people[’']s\s+government
      | (?:provincial|prefectural)\s+government | municipal\s+government\s+of\s+.+ | regional\s+development\s+authority
      | municipality | metropolitan\s+area ) $"""
)
_BEFORE = re.compile(
    r"""(?ix) ^ (?:the\s+)? (?: (?:local\s+)? government (?:\s+unit)? \s+ of (?:\s+the)? | (?:city|municipal|provincial)\s+government\s+of
      | people[’']s\s+government\s+of | (?:municipal\s+)? corporation\s+of | municipality\s+of | metropolitan\s+municipality\s+of
      | council\s+of ) \s+ """
)
_OF = re.compile(r"(?i)^(?:the\s+)?(?:city|town|village|township|greater\s+city)\s+of\s+(?:greater\s+)?")
_KIND_AFTER = re.compile(r"(?i)[\s-]+(?:metropolitan\s+city|special\s+city|city|town|village)$|(?<=\w)-(?:shi|si)$")
_TOWN_MUNICIPALITY = re.compile(r"(?i)\s+(?:city|town)\s+municipality$")
_OFFICE_AFTER = re.compile(r"(?<=\w\w)(?:人民政府|政府|公所|役所|役場|(?<=[시군구도])청)$")
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")

_CITY_IN_THE_NAME = frozenset({"PH"})
"""Where “City” tells the city from the province of the same name (Batangas City, Iloilo City), it stays a part of the name."""
_WHOLE_NAMES = frozenset(
    {
        "ho chi minh city", "mexico city", "kansas city", "salt lake city", "guatemala city", "panama city", "kuwait city",
        "oklahoma city", "belize city", "benin city", "vatican city", "new town", "cape town",
    }
)  # fmt: skip

_WORDS = {
    "village": "town", "town": "town", "township": "town", "borough": "town", "county": "county", "shire": "county", "regency": "county",
    "kabupaten": "county", "district": "county", "gun": "county", "province": "province", "prefecture": "province",
    "prefectural": "province", "provincial": "province", "region": "province", "regional": "province", "state": "state",
}  # fmt: skip
_METROPOLITAN = frozenset({"metropolitan", "metropolis", "metro"})
_LAST_LETTERS = {"市": "city", "町": "town", "村": "town", "鎮": "town", "鄉": "town", "乡": "town", "镇": "town", "県": "province",
                 "縣": "county", "县": "county", "郡": "county", "省": "province", "道": "province", "府": "province", "도": "province",
                 "시": "city", "군": "county", "읍": "town"}  # fmt: skip


def plain(said: str, country: str = "") -> str:
    """The jurisdiction's name in ``said``: without the words for its government, and without “City of” or “Town”."""
    name = _BRACKETS.sub("", said) or said
    name = _TOWN_MUNICIPALITY.sub("", name)
    keeps_city = country in _CITY_IN_THE_NAME
    for pattern in (_BEFORE, _AFTER, _OFFICE_AFTER):
        name = pattern.sub("", name, count=1) or name
    name = _OF.sub("", name, count=1) or name
    if name.casefold() in _WHOLE_NAMES or (keeps_city and re.search(r"(?i)\scity$", name)):
        return name
    return _KIND_AFTER.sub("", name, count=1).strip(" ,-") or said


def choose(spellings: Iterable[str], government: str, country: str) -> tuple[str, list[str]]:
    """The name and the other spellings.

    ``spellings`` come best first; ``government`` is what the government calls itself. Its own name wins over a spelling that shares
    no word with it: there the registry gives the town where the office stands (City of Yarra, Richmond). Empty when nothing is there.
    """
    given = [each for each in spellings if each]
    name = plain(given[0], country) if given else ""
    own = plain(government, country) if government else ""
    if own and (not name or not _words(name) & _words(own) or _is_better_spelt(own, name)):
        name = own
    others = dict.fromkeys(each for each in (*given, government) if each and each != name)
    return name, [each for each in others if each.casefold() != name.casefold()]


def level(spellings: Iterable[str], stated: str | None = None) -> str:
    """The level that the words of the names tell, else what the registry ``stated``, else the fallback.

    “Metropolitan” yields to a stated level: some cities' governments bear the word without being metropolitan.
    """
    said = [each for each in spellings if each]
    words = [word for each in said for word in cells.key(each).split()]
    for word in words:
        if word in _WORDS and not _is_only_a_name(word, said):
            return _WORDS[word]
    if stated:
        return stated
    if any(word in _METROPOLITAN for word in words):
        return "metropolitan"
    letters = (_LAST_LETTERS.get(each[-1]) for each in said)
    return next((found for found in letters if found), FALLBACK_LEVEL)


def _words(name: str) -> set[str]:
    return set(cells.key(name).split())


def _is_better_spelt(own: str, name: str) -> bool:
    """Batangas City beside Batangas, Kochi beside KOCHI."""
    wanted = cells.key(name)
    return cells.key(own) == f"{wanted} city" or (cells.key(own) == wanted and name.isupper() and not own.isupper())


def _is_only_a_name(word: str, said: Iterable[str]) -> bool:
    """Words of kind at the beginning of a name are a part of it (New Town Kolkata, State College), but “Town of” is not."""
    keys = [cells.key(each).replace("special administrative region", "") for each in said]
    firm = (f"{word} of ", f"the {word} of ")
    last = re.compile(
        rf"\b{word}( city| municipality)?( municipal)?( council| government| authority| administration| development authority)*$"
    )
    return not any(each.startswith(firm) or last.search(each) for each in keys)
