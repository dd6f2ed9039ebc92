"""The words and numbers of a picture in the reader's language."""

import tomllib
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from pathlib import Path
from typing import Any, Final

from babel.numbers import format_decimal

from services.api.pictures.wrapping import clean
from services.core.commitments.service import PictureFacts

_FILE: Final = Path(__file__).parent / "labels.toml"
_SIGNIFICANT: Final = 3
"""Digits of a value; whole numbers keep all of theirs."""
_DIGITS: Final = 100
"""More than any whole number of tonnes that the API takes can have."""

_TABLES: Final[dict[str, dict[str, Any]]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
LANGUAGES: Final = tuple(_TABLES)
"""In which a picture can be labelled, the fallback first."""


def labels(language: str) -> dict[str, Any]:
    """The words of ``language``, one of `LANGUAGES`."""
    return _TABLES[language]


def unit_of(facts: PictureFacts, language: str) -> dict[str, Any]:
    """The unit in which the largest value of the picture has two digits or more before the point."""
    values = [abs(value) for _, value in (*facts.required, *facts.reported, *([facts.target] if facts.target else []))]
    largest = max(values, default=Decimal(0))
    units: list[dict[str, Any]] = labels(language)["units"]
    return next((unit for unit in units if largest >= 10 * unit["size"]), units[-1])


def number(value: Decimal, language: str) -> str:
    """``value`` with three significant digits (all digits of a whole number) and the separators of ``language``."""
    if value == 0:
        return format_decimal(0, locale=language.replace("-", "_"))
    decimals = max(0, _SIGNIFICANT - 1 - value.adjusted())
    with localcontext(Context(prec=_DIGITS)):
        rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP).normalize()
        return format_decimal(rounded, locale=language.replace("-", "_"), format="#,##0.##########", decimal_quantization=False)


def amount(value: Decimal, unit: dict[str, Any], language: str) -> str:
    """Emissions of ``value`` t CO2e in ``unit``, as text; the space does not break."""
    separator = "\u00a0"
    return f"{number(value / unit['size'], language)}{separator}{unit['short']}"


def gap_words(facts: PictureFacts, unit: dict[str, Any], language: str) -> str:
    """The gap of the latest report with its value and word; empty when there is none."""
    if facts.gap is None:
        return ""
    _, required, reported = facts.gap
    text: str = labels(language)["gaps"][side(facts)]
    return text.format(value=amount(abs(reported - required), unit, language))


def side(facts: PictureFacts) -> str:
    """On which side of the path the latest report lies: ``over``, ``under`` or ``none``."""
    if facts.gap is None or facts.gap[1] == facts.gap[2]:
        return "none"
    return "over" if facts.gap[2] > facts.gap[1] else "under"


def subtitle(facts: PictureFacts, language: str) -> str:
    """Whose commitment it is, and where it stands."""
    return f"{clean(facts.jurisdiction)} · {labels(language)['status'][facts.status]}"


def description(facts: PictureFacts, language: str) -> str:
    """The whole picture in sentences, with its numbers, for whoever does not see it."""
    own, unit = labels(language), unit_of(facts, language)
    say: dict[str, str] = own["desc"]
    sentences: list[str] = []
    if facts.no_path is not None:
        sentences.append(own["no_path"][facts.no_path])
    if facts.required:
        (base_year, base), (target_year, target) = facts.required[0], facts.target or facts.required[-1]
        ends = {"base": amount(base, unit, language), "target": amount(target, unit, language)}
        sentences.append(say["path"].format(jurisdiction=clean(facts.jurisdiction), base_year=base_year, target_year=target_year, **ends))
    elif facts.target:
        year, value = facts.target
        sentences.append(say["target"].format(jurisdiction=clean(facts.jurisdiction), year=year, value=amount(value, unit, language)))
    if facts.reported:
        year, value = facts.reported[-1]
        text = say["gap"] if facts.gap and facts.gap[0] == year else say["reports"]
        sentences.append(text.format(year=year, value=amount(value, unit, language), gap=gap_words(facts, unit, language)))
    elif not facts.not_drawn:
        sentences.append(own["no_reports"] + own["stop"])
    if facts.not_drawn:
        sentences.append(own["not_drawn"].format(years=", ".join(map(str, facts.not_drawn))))
    sentences.append(say["status"].format(status=own["status"][facts.status]))
    separator: str = own["separator"]
    return separator.join(sentences)
