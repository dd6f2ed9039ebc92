"""By which names a jurisdiction is found: its own, its aliases, its identifiers, and what its speakers call it.

Many registries know a city by one Latin name only. `exonyms.json` adds what well-known Asia-Pacific cities are called
in other scripts, keyed by identifiers that never change. It serves finding alone and is never shown as the city's data.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

from services.core.kit import text

GENERIC = frozenset(
    {
        "administration", "administrative", "authority", "borough", "city", "corporation", "council", "county", "district",
        "government", "greater", "local", "metropolis", "metropolitan", "municipal", "municipality", "of", "peoples", "prefecture",
        "province", "regency", "region", "regional", "shire", "special", "state", "the", "town", "township", "unit", "village",
        "cho", "fu", "gun", "ken", "ku", "machi", "mura", "shi", "to",  # Japan, in Latin letters
        "do", "gu", "si", "hsien", "shih",  # Korea and Taiwan, in Latin letters
        "bayan", "kabupaten", "kota", "lungsod", "ng", "pemerintah", "pho", "provinsi", "tinh",  # Indonesia, the Philippines, Viet Nam
    }
)  # fmt: skip
"""Words that say what a place is and not which one. They are not asked for, unless nothing else is."""
ENDINGS = (
    *("特別行政區", "特别行政区", "人民政府", "特別市", "特别市", "直轄市", "直辖市", "自治區", "自治区", "政府", "役所", "役場", "庁"),
    *("특별자치도", "특별자치시", "특별시", "광역시", "시청", "군청", "구청"),
    *("市", "縣", "県", "县", "省", "府", "區", "区", "郡", "町", "鎮", "镇", "村", "鄉", "乡", "시", "도", "군", "구"),
)
"""The same as endings in Chinese, Japanese and Korean, the longest first.

都 and 道 are none: they end only 東京都 and 北海道, and stand in 京都, 成都 and others as part of the name.
"""
_GENERIC_CJK = frozenset((*ENDINGS, "都", "都庁", "道", "도청"))


def _spelled(name: str) -> str:
    """東京都 is 東京 and 都: otherwise whoever asks for 京都 would find Tokyo."""
    return name.replace("東京都", "東京 都 ")


def search_vector(names: Iterable[str], external_ids: Mapping[str, str]) -> str:
    """The text of the ``tsvector`` of a jurisdiction that is called ``names`` and carries ``external_ids``."""
    ids = [*external_ids.values(), *[value.replace(" ", "") for value in external_ids.values() if " " in value]]
    return text.vector([*map(_spelled, (*names, *exonyms(external_ids))), *ids])


def search_query(asked: str) -> str | None:
    """The text of the ``tsquery`` for what people type; None when it holds neither letter nor digit.

    Every term must be found, but “kaohsiung city” and 高雄市政府 ask for Kaohsiung and 高雄.
    """
    given = list(text.runs(text.fold(_spelled(asked))))
    return text.query([*_telling(given)] or given)


def _telling(given: Iterable[text.Run]) -> Iterator[text.Run]:
    for is_cjk, run in given:
        if is_cjk and run not in _GENERIC_CJK:
            yield is_cjk, _without_endings(run)
        elif not is_cjk and run not in GENERIC:
            yield is_cjk, run


def _without_endings(run: str) -> str:
    """``run`` less its endings; two characters stay, since 甲府, 津市 and 대구 are names as they are."""
    ending = next((ending for ending in ENDINGS if run.endswith(ending) and len(run) - len(ending) > 1), None)
    return run if ending is None else _without_endings(run.removesuffix(ending))


def exonyms(external_ids: Mapping[str, str]) -> tuple[str, ...]:
    """What the speakers of other languages call whoever carries ``external_ids``."""
    known = _by_id()
    return tuple(dict.fromkeys(name for entry in external_ids.items() for name in known.get(entry, ())))


@cache
def _by_id() -> dict[tuple[str, str], tuple[str, ...]]:
    entries = json.loads((files(__package__) / "exonyms.json").read_text(encoding="utf-8"))
    return {identifier: tuple(entry["names"]) for entry in entries for identifier in entry["ids"].items()}
