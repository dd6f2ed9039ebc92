"""Public shapes of calls."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from services.core.accounts.schemas import TimeZone
from services.core.communities.schemas import Theme
from services.core.kit.schema import Code, Input, Line, Output, Partial, Quantity, ShortText, Whole, open_enum
from services.core.practices import rubric
from services.core.practices.schemas.rubric import published
from services.core.practices.states import CALL

CallStatus = Literal["draft", "open", "closed", "reviewing", "decided", "archived"]
_YEARS = range(2000, 2200)


def _only_texts(value: Any) -> Any:
    if not isinstance(value, datetime) and not (isinstance(value, str) and "T" in value.upper()):
        msg = "Write date, time and offset, e.g. 2026-10-04T17:00:00+08:00."
        raise ValueError(msg)
    return value


def _in_utc(value: datetime) -> datetime:
    if value.year not in _YEARS:
        msg = "must lie between 2000 and 2199"
        raise ValueError(msg)
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_only_texts), AfterValidator(_in_utc)]


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


class CallSoftIn(Input):
    """Earlier deadlines that the call announces. What comes after them is still taken, and marked as late."""

    closes_at: Instant | None = None
    answer_due_at: Instant | None = None
    review_due_at: Instant | None = None


class CallFields(Input):
    """What a call asks for, when, and how its practices are reviewed."""

    title: Line
    themes: Annotated[list[Theme], Field(min_length=1, max_length=20), AfterValidator(_each_once)]
    rubric_version: Annotated[Code, AfterValidator(published)] = Field(
        default_factory=_newest, description="the newest when it is left out"
    )
    opens_at: Instant = Field(description="the clock opens the call then; a call written later than that waits for `open`")
    closes_at: Instant = Field(description="practices are accepted before this instant")
    answer_due_at: Instant = Field(description="until then reviewers accept or decline")
    review_due_at: Instant = Field(description="until then reviews are handed in")
    soft: CallSoftIn = Field(default_factory=CallSoftIn, description="each lies after `opens_at`, and not after its hard date")
    time_zone: TimeZone = Field(description="IANA time zone in which the deadlines were meant")
    reviewers_per_practice: Annotated[Whole, Field(ge=1, le=20)] = 3
    quorum: Annotated[Whole, Field(ge=1, le=20)] = Field(default=3, description="final reviews that decide")
    max_load: Annotated[Whole, Field(ge=1, le=100)] = Field(default=3, description="practices per reviewer")
    max_open_invitations: Annotated[Whole, Field(ge=1, le=100)] = Field(default=5, description="asked at once for one practice")
    max_practices_per_jurisdiction: Annotated[Whole, Field(ge=1, le=20)] | None = Field(
        default=None, description="handed in and not withdrawn; null: as many as they like"
    )
    blind: Literal["single", "double"] = "single"
    assignment: Literal["rolling", "after_close"] = "rolling"
    release: Literal["each", "together"] = "each"
    thresholds: CallThresholdsIn = Field(default_factory=CallThresholdsIn)


class CallCreate(CallFields):
    """A call to create, or its whole new state (PUT). Whether its members fit together is for the use case to say, field by field."""


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


class CallSoft(Output):
    """Earlier deadlines that the call announces; null where it announces none."""

    closes_at: datetime | None
    answer_due_at: datetime | None
    review_due_at: datetime | None


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
    soft: CallSoft
    time_zone: str
    reviewers_per_practice: int
    quorum: int
    max_load: int
    max_open_invitations: int
    max_practices_per_jurisdiction: int | None
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
