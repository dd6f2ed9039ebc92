"""Public shapes of practices. A draft may be incomplete: what a submission needs is said by findings, not here."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, ValidatorFunctionWrapHandler, WithJsonSchema, WrapValidator

from services.core.communities.schemas import Theme
from services.core.kit.schema import (
    Flag,
    Input,
    Language,
    Line,
    Locale,
    LongText,
    Output,
    Partial,
    Quantity,
    ShortText,
    Tonnes,
    Year,
    absent_when_unknown,
    open_enum,
)
from services.core.practices import rules
from services.core.practices.states import PRACTICE

PracticeStatus = Literal[
    "draft", "submitted", "returned", "assessed", "in_review", "recognised", "commended", "declined", "revise", "withdrawn"
]


def _or_empty(value: Any, fits: ValidatorFunctionWrapHandler) -> Any:
    """An empty text is one that is still to be written."""
    return "" if isinstance(value, str) and not value.strip() else fits(value)


def _distinct(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        msg = "names one twice"
        raise ValueError(msg)
    return values


def _currency(value: str) -> str:
    if finding := rules.currency_finding(value):
        raise ValueError(finding)
    return value


DraftLine = Annotated[Line, WrapValidator(_or_empty), WithJsonSchema({"type": "string", "maxLength": 200})]
DraftShort = Annotated[ShortText, WrapValidator(_or_empty), WithJsonSchema({"type": "string", "maxLength": 2_000})]
DraftText = Annotated[LongText, WrapValidator(_or_empty), WithJsonSchema({"type": "string", "maxLength": 20_000})]
DraftLanguage = Annotated[Language, WrapValidator(_or_empty), WithJsonSchema({"type": "string", "maxLength": 35})]
Points = Annotated[list[ShortText], Field(max_length=30)]
SdgTarget = Annotated[str, StringConstraints(min_length=1, max_length=20, strip_whitespace=True)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_currency)]


class PracticeTranslationIn(Input):
    """The texts in another language; what is empty is not translated."""

    machine_translated: Flag = Field(default=False, description="true: a machine made it, and nobody has gone through it")

    title: DraftLine = ""
    summary: DraftText = ""
    problem: DraftText = ""
    actions: DraftText = ""
    lessons: DraftText = ""
    transfer_conditions: DraftText = ""


class PracticePartnerIn(Input):
    """Who took part, and as what (university, company, agency, citizens' group …)."""

    name: Line
    kind: DraftLine = ""


class PracticeFinanceIn(Input):
    """What it cost, in ``currency`` of ``year``, and who paid."""

    cost: Annotated[Quantity, Field(ge=0)] | None = None
    currency: Currency | None = Field(default=None, description="ISO 4217")
    year: Year | None = None
    sources: list[Line] = Field(default_factory=list, max_length=30)


class PracticeIndicatorIn(Input):
    """One figure: ``baseline`` before and ``result`` in ``year``, both in ``unit``, and how it was measured."""

    name: DraftLine = ""
    unit: DraftLine = ""
    baseline: Quantity | None = None
    result: Quantity | None = None
    year: Year | None = None
    method: DraftShort = ""
    evidence_id: UUID | None = None


class PracticeFields(Input):
    """What an author says of a practice."""

    title: DraftLine = ""
    summary: DraftText = Field(default="", description="at most 150 words when it is submitted")
    theme: Literal[Theme, ""] = ""
    secondary_themes: Annotated[list[Theme], Field(max_length=5), AfterValidator(_distinct)] = Field(default_factory=list)
    language: DraftLanguage = Field(default="", description="BCP 47: the language of the texts")
    translations: dict[Locale, PracticeTranslationIn] = Field(default_factory=dict, max_length=20)
    problem: DraftText = ""
    actions: DraftText = ""
    partners: list[PracticePartnerIn] = Field(default_factory=list, max_length=50)
    finance: PracticeFinanceIn | None = None
    indicators: list[PracticeIndicatorIn] = Field(default_factory=list, max_length=50)
    emissions_avoided_t_per_year: Tonnes | None = None
    co_benefits: Points = Field(default_factory=list)
    sdg_targets: list[SdgTarget] = Field(default_factory=list, max_length=30)
    obstacles: Points = Field(default_factory=list)
    lessons: DraftText = ""
    transfer_conditions: DraftText = ""
    commitment_ids: Annotated[list[UUID], Field(max_length=50), AfterValidator(_distinct)] = Field(default_factory=list)
    consent_to_publish: Flag = Field(default=False, description="recognised practices are public")


class PracticeCreate(PracticeFields):
    """A practice to draft, or its whole new state (PUT). It stays in its call and with its jurisdiction."""

    call_id: UUID
    jurisdiction_id: UUID


class PracticePatch(PracticeFields, Partial):
    """What should change (RFC 7396), while the practice lies with its author. A translation that is null is removed."""

    translations: dict[Locale, PracticeTranslationIn | None] = Field(default_factory=dict, max_length=20)  # type: ignore[assignment]


class PracticeTransition(Input):
    """A step that an author takes."""

    action: Literal["submit", "withdraw"]
    reason: ShortText | None = None


class PracticeTranslation(Output):
    """The texts in another language, and whether a machine made them; what is empty is not translated."""

    machine_translated: bool

    title: str
    summary: str
    problem: str
    actions: str
    lessons: str
    transfer_conditions: str


class PracticePartner(Output):
    """Who took part, and as what."""

    name: str
    kind: str


class PracticeFinance(Output):
    """What it cost, in ``currency`` (ISO 4217) of ``year``, and who paid."""

    cost: float | None
    currency: str | None
    year: int | None
    sources: list[str]


class PracticeIndicator(Output):
    """One figure: ``baseline`` before and ``result`` in ``year``, both in ``unit``, and how it was measured."""

    name: str
    unit: str
    baseline: float | None
    result: float | None
    year: int | None
    method: str
    evidence_id: UUID | None


class PracticeSaid(Output):
    """What an author says of a practice, now or in a version; ``finance`` is absent where nothing is known."""

    title: str
    summary: str
    theme: str
    secondary_themes: list[str]
    language: str
    translations: dict[str, PracticeTranslation]
    problem: str
    actions: str
    partners: list[PracticePartner]
    finance: PracticeFinance = absent_when_unknown()
    indicators: list[PracticeIndicator]
    emissions_avoided_t_per_year: float | None
    co_benefits: list[str]
    sdg_targets: list[str]
    obstacles: list[str]
    lessons: str
    transfer_conditions: str
    commitment_ids: list[UUID]
    consent_to_publish: bool


class Practice(PracticeSaid):
    """A best practice handed in to a call. Empty texts are still to be written; ``finance`` is absent while unknown.

    ``needs_decision`` is true when the reviews do not decide; only the secretariat sees it. ``submissions`` counts how
    often it was handed in.
    """

    id: UUID
    call_id: UUID
    jurisdiction_id: UUID
    status: Annotated[str, open_enum(*PRACTICE.statuses)]
    allowed_actions: list[str]
    needs_decision: bool
    submissions: int
    submitted_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class PracticePage(Output):
    """A page of practices."""

    items: list[Practice]
    next_cursor: str | None
