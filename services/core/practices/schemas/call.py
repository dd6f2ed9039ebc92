"""Public shapes of calls."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from services.core.accounts.schemas import TimeZone
from services.core.communities.schemas import Theme
from services.core.kit.schema import Code, Input, Line, Output, Partial, Quantity, ShortText, Whole, open_enum
from services.core.practices import rubric, rules
from services.core.practices.states import CALL

CallStatus = Literal["draft", "open", "closed", "reviewing", "decided", "archived"]
_YEARS = range(2000, 2200)


def _only_texts(value: Any) -> Any:
    if not isinstance(value, datetime) and not (isinstance(value, str) and "T" in value.upper()):
        msg = "must be an RFC 3339 text"
        raise ValueError(msg)
    return value


def _in_utc(value: datetime) -> datetime:
    if value.year not in _YEARS:
        msg = "must lie between 2000 and 2199"
        raise ValueError(msg)
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_only_texts), AfterValidator(_in_utc)]


def _published(version: str) -> str:
    if version not in rubric.versions():
        msg = f"There is no rubric {version}; there are: {', '.join(rubric.versions())}."
        raise ValueError(msg)
    return version


def _newest() -> str:
    return rubric.versions()[-1]


def _each_once(themes: list[str]) -> list[str]:
    if len(set(themes)) < len(themes):
        msg = "names a theme twice"
        raise ValueError(msg)
    return themes


class CallThresholdsIn(Input):
    """From which mean of the reviews' totals (0 to 100) a practice is recognised, or commended."""

    recognised: Quantity = Field(default=70, ge=0, le=100, validate_default=True)
    commended: Quantity = Field(default=50, ge=0, le=100, validate_default=True)


class CallFields(Input):
    """What a call asks for, when, and how its practices are reviewed."""

    title: Line
    themes: Annotated[list[Theme], Field(min_length=1, max_length=20), AfterValidator(_each_once)]
    rubric_version: Annotated[Code, AfterValidator(_published)] = Field(
        default_factory=_newest, description="the newest when it is left out"
    )
    opens_at: Instant = Field(description="the clock opens the call then; a call written later than that waits for `open`")
    closes_at: Instant = Field(description="practices are accepted before this instant")
    answer_due_at: Instant = Field(description="until then reviewers accept or decline")
    review_due_at: Instant = Field(description="until then reviews are handed in")
    time_zone: TimeZone = Field(description="IANA time zone in which the deadlines were meant")
    reviewers_per_practice: Annotated[Whole, Field(ge=1, le=20)] = 3
    quorum: Annotated[Whole, Field(ge=1, le=20)] = Field(default=3, description="final reviews that decide")
    max_load: Annotated[Whole, Field(ge=1, le=100)] = Field(default=3, description="practices per reviewer")
    max_open_invitations: Annotated[Whole, Field(ge=1, le=100)] = Field(default=5, description="asked at once for one practice")
    blind: Literal["single", "double"] = "single"
    assignment: Literal["rolling", "after_close"] = "rolling"
    release: Literal["each", "together"] = "each"
    thresholds: CallThresholdsIn = Field(default_factory=CallThresholdsIn)


class CallCreate(CallFields):
    """A call to create, or its whole new state (PUT)."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        findings = rules.window_findings(self.opens_at, self.closes_at, self.answer_due_at, self.review_due_at)
        if self.quorum > self.reviewers_per_practice:
            findings.append("quorum may not exceed reviewers_per_practice.")
        if self.thresholds.commended > self.thresholds.recognised:
            findings.append("thresholds.commended may not exceed thresholds.recognised.")
        if findings:
            raise ValueError(" ".join(findings))
        return self


class CallPatch(CallFields, Partial):
    """What should change (RFC 7396): absent members stay."""


class CallTransition(Input):
    """A step of a call's life."""

    action: Literal["open", "close", "review", "decide", "archive"]
    reason: ShortText | None = None


class CallThresholds(Output):
    """From which mean of the reviews' totals (0 to 100) a practice is recognised, or commended."""

    recognised: float
    commended: float


class Call(Output):
    """An invitation for practices, with its window, its rubric and how its practices are reviewed."""

    id: UUID
    community_id: UUID
    title: str
    status: Annotated[str, open_enum(*CALL.statuses)]
    allowed_actions: list[str]
    themes: list[str]
    rubric_version: str
    opens_at: datetime
    closes_at: datetime
    answer_due_at: datetime
    review_due_at: datetime
    time_zone: str
    reviewers_per_practice: int
    quorum: int
    max_load: int
    max_open_invitations: int
    blind: Annotated[str, open_enum("single", "double")]
    assignment: Annotated[str, open_enum("rolling", "after_close")]
    release: Annotated[str, open_enum("each", "together")]
    thresholds: CallThresholds
    version: int
    created_at: datetime
    updated_at: datetime


class CallPage(Output):
    """A page of calls."""

    items: list[Call]
    next_cursor: str | None
