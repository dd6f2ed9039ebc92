"""Public shapes of the rubric: what earns points, how points become a band, what reviewers are asked."""

from typing import Annotated, get_args

from pydantic import Field

from services.core.kit.schema import Output, absent_when_unknown, open_enum
from services.core.practices import rubric
from services.core.practices.findings import Severity
from services.core.practices.rubric import BANDS, CheckKind


def published(version: str) -> str:
    """``version``, when there is such a rubric; else ValueError with those that there are."""
    if version not in rubric.versions():
        msg = f"There is no rubric {version}; there are: {', '.join(rubric.versions())}."
        raise ValueError(msg)
    return version


class RubricVersion(Output):
    """One published version. The newest is what a new call takes unless it names another."""

    version: str
    is_newest: bool
    url: str
    sources: str = Field(description="after whose criteria it was made")


class RubricPage(Output):
    """All versions, oldest first; there is no further page."""

    items: list[RubricVersion]
    next_cursor: str | None


class RubricCheck(Output):
    """One small question to a submission: ``points`` in full at ``at_least`` (1 when absent), below it in proportion.

    ``field`` is an RFC 6901 pointer into the practice; ``part`` the member of a list's item that is counted; ``pattern`` what an item
    must match; ``needs`` what a measured result must carry besides, or the parts that are counted; ``says`` the thing asked for, as it
    stands in the reasons; ``code`` its name, which gates and essentials use.
    """

    code: str = absent_when_unknown()
    kind: Annotated[str, open_enum(*get_args(CheckKind))]
    field: str
    points: float
    says: str
    at_least: int = absent_when_unknown()
    pattern: str = absent_when_unknown()
    part: str = absent_when_unknown()
    needs: list[str] = absent_when_unknown()


class RubricGate(Output):
    """The criterion earns no more than ``at_most`` points while its check ``check`` is not earned in full."""

    check: str
    at_most: float


class RubricCriterion(Output):
    """One criterion: its ``weight`` in the total (percent), the checks that earn its points, and what holds them back."""

    code: str
    weight: float
    gate: RubricGate = absent_when_unknown()
    checks: list[RubricCheck]


class RubricBand(Output):
    """One band: reached when the band before is, and the total (0 to 100) and the points of each named criterion suffice.

    Each check that is essential must be earned in full besides.
    """

    code: Annotated[str, open_enum(*BANDS)]
    total_at_least: float
    criteria_at_least: dict[str, float] = absent_when_unknown()
    essentials: list[str] = absent_when_unknown()


class RubricReviewCriterion(Output):
    """What a reviewer scores from 0 to 10; the weights of all sum to 1."""

    code: str
    weight: float
    title: str
    guidance: str


class RubricLimits(Output):
    """The numbers that findings are judged by. Shares are 0 to 1 of the text; ``far_apart``: baseline / result, or the inverse.

    A text of ``long_words`` repeats itself where less than ``new_share`` of it is new.
    """

    summary_words: int
    title_words: int
    partners: int
    obstacles: int
    earliest_year: int
    far_apart: int
    long_words: int
    new_share: float
    near_duplicate_share: float
    duplicate_share: float


class RubricValidation(Output):
    """What is found in a submission: how serious each code in force is, and the limits."""

    limits: RubricLimits
    severities: dict[str, Annotated[str, open_enum(*get_args(Severity))]]


class Rubric(Output):
    """One version of the rubric, whole: whoever has it can compute every score again. A published version never changes.

    ``hashing`` and ``counting`` are the ways in which inputs are hashed and words counted; ``cites``: reasons quote the text. They are
    1, 1 and false when absent, and the findings are then those of the first rubric.
    """

    version: str
    sources: str
    hashing: int = absent_when_unknown()
    counting: int = absent_when_unknown()
    cites: bool = absent_when_unknown()
    validation: RubricValidation = absent_when_unknown()
    criteria: list[RubricCriterion]
    bands: list[RubricBand]
    review: list[RubricReviewCriterion]
