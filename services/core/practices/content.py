"""What a practice says, as it is kept: from the frozen JSON of a version to the submission that the rules look at."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.core.practices.submission import Evidence, Finance, Indicator, Partner, Submission

FIELDS: Final = (
    "title", "summary", "theme", "secondary_themes", "language", "translations", "problem", "actions", "partners", "finance",
    "indicators", "emissions_avoided_t_per_year", "co_benefits", "sdg_targets", "obstacles", "lessons", "transfer_conditions",
    "commitment_ids", "consent_to_publish",
)  # fmt: skip
"""The author's members of a practice, in the order in which they are read. A version holds its `evidence` besides."""

_TEXTS: Final = ("title", "summary", "theme", "language", "problem", "actions", "lessons", "transfer_conditions")
_LISTS: Final = ("secondary_themes", "co_benefits", "sdg_targets", "obstacles", "commitment_ids")
_SELF_TELLING: Final = ("jurisdiction", "commitment_ids")


def plain(value: Any) -> Any:
    """``value`` as a JSON value for a ``jsonb`` column: numbers stay numbers, whole ones without a fraction; ids are texts.

    Numbers come in as JSON, so that a float holds each of them as it was sent.
    """
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case UUID():
            return str(value)
        case Mapping():
            return {str(name): plain(entry) for name, entry in value.items()}
        case list() | tuple():
            return [plain(entry) for entry in value]
        case _:
            return value


def submission_of(content: Mapping[str, Any]) -> Submission:
    """The submission that a version holds. A translation without a text is none."""
    finance = content["finance"]
    translations = {  # who made a translation is told beside its texts, and is none
        locale: {name: text for name, text in texts.items() if text and isinstance(text, str)}
        for locale, texts in content["translations"].items()
    }
    said: dict[str, Any] = {name: content[name] for name in _TEXTS} | {name: tuple(content[name]) for name in _LISTS}
    return Submission(
        **said,
        translations={locale: texts for locale, texts in translations.items() if texts},
        partners=tuple(Partner(entry["name"], entry["kind"]) for entry in content["partners"]),
        finance=None if finance is None else _finance(finance),
        indicators=tuple(_indicator(entry) for entry in content["indicators"]),
        emissions_avoided_t_per_year=_exact(content["emissions_avoided_t_per_year"]),
        consent_to_publish=content["consent_to_publish"],
        evidence=tuple(Evidence(**entry) for entry in content.get("evidence", ())),  # what was frozen before there was any has none
    )


def without_author(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a reviewer reads of ``content`` in a double-blind call: no member that names the jurisdiction.

    Free texts stay as they are: authors of a double-blind call are asked not to name themselves in them.
    """
    return {name: value for name, value in content.items() if name not in _SELF_TELLING}


def _finance(given: Mapping[str, Any]) -> Finance:
    return Finance(_exact(given["cost"]), given["currency"] or "", given["year"], tuple(given["sources"]))


def _indicator(given: Mapping[str, Any]) -> Indicator:
    return Indicator(
        name=given["name"],
        unit=given["unit"],
        baseline=_exact(given["baseline"]),
        result=_exact(given["result"]),
        year=given["year"],
        method=given["method"],
        evidence_id=given["evidence_id"],
    )


def _exact(number: float | None) -> Decimal | None:
    """A JSON number as the decimal that it was written as."""
    return None if number is None else Decimal(str(number))
