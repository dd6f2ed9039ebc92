"""What a practice says, as the pure modules look at it, and the circumstances of its handing in. None and "" mean not given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Relation = Literal["same-call", "own", "other"]


@dataclass(frozen=True, slots=True)
class Partner:
    """Who took part, and as what (university, company, agency, citizens' group …)."""

    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Finance:
    """What it cost, in `currency` (ISO 4217) of `year`, and who paid."""

    cost: Decimal | None = None
    currency: str = ""
    year: int | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure: `baseline` before and `result` in `year`, both in `unit`; how it was measured, and the evidence."""

    name: str = ""
    unit: str = ""
    baseline: Decimal | None = None
    result: Decimal | None = None
    year: int | None = None
    method: str = ""
    evidence_id: str | None = None

    @property
    def measured(self) -> bool:
        """Whether it states a result that can be read: what, how much, in which unit, when."""
        said = bool(self.name.strip() and self.unit.strip())
        return said and self.result is not None and self.year is not None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind a figure: a link (`url`), or a file (`name`, `media_type` as sniffed, `size` in bytes, `sha256` in hex)."""

    id: str
    kind: str
    title: str = ""
    url: str = ""
    name: str = ""
    media_type: str = ""
    size: int | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a practice says, as frozen in one version. None and "" mean not given."""

    title: str = ""
    summary: str = ""
    theme: str = ""
    secondary_themes: tuple[str, ...] = ()
    language: str = ""
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problem: str = ""
    actions: str = ""
    partners: tuple[Partner, ...] = ()
    finance: Finance | None = None
    indicators: tuple[Indicator, ...] = ()
    emissions_avoided_t_per_year: Decimal | None = None
    co_benefits: tuple[str, ...] = ()
    sdg_targets: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    lessons: str = ""
    transfer_conditions: str = ""
    commitment_ids: tuple[str, ...] = ()
    consent_to_publish: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Resemblance:
    """An earlier practice with nearly the same text: `share` (0..1) of this text also stands there.

    `relation`: the same jurisdiction's in the same call, the same jurisdiction's in another call, or another jurisdiction's.
    `practice_id` and `title` are None where the author may not know them.
    """

    relation: Relation
    share: Decimal
    practice_id: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an assessment depends on besides submission and rubric: the year of handing in, the call's themes, what it resembles."""

    year: int
    themes: tuple[str, ...]
    resembling: tuple[Resemblance, ...] = ()
