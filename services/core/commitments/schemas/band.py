"""Public shape of a jurisdiction's band."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.core.commitments.bands.scheme import LEVELS
from services.core.kit.schema import Output, open_enum

Level = Annotated[str, open_enum(*LEVELS)]


class BandLevel(Output):
    """The percentage of all points that are earned at one level, and the one that the next band needs (null: no such need)."""

    code: Level
    percent: float
    next_band_needs: float | None


class BandPoints(Output):
    """The points that a category earned at one level, of the most that it gives there."""

    code: Level
    points: float
    most: float


class BandAnswer(Output):
    """The points of one question at one level; closed (``is_open`` false) until those of the level below are earned in full."""

    code: Level
    points: float
    most: float
    is_open: bool


class BandQuestion(Output):
    """One question: ``answered_by`` is the address of what answers it best (null: nothing does), ``reasons`` say why so many points."""

    code: str
    asks: str
    answered_by: str | None
    levels: list[BandAnswer]
    reasons: list[str]


class BandCategory(Output):
    """Questions about one thing; ``weight`` is its part of all points, in percent."""

    code: str
    title: str
    weight: float
    levels: list[BandPoints]
    questions: list[BandQuestion]


class BandEssential(Output):
    """What ``band`` and those above it cannot be without."""

    code: str
    name: str
    band: Level
    met: bool
    why: str


class BandMissing(Output):
    """Something to supply or to correct. ``where``: the resource to write, and after “#” the pointer to its field.

    “-” in a list is a new entry; “{id}” is the new commitment of the same list.

    ``points`` is what it can earn; an essential (``is_essential``) is needed whatever it earns. ``asked_by`` is the code of the
    question or essential.
    """

    what: str
    where: str
    points: float
    asked_by: str
    is_essential: bool


class Band(Output):
    """The band of all that a jurisdiction discloses in public, by a versioned scheme in the way of CDP. It is no CDP score.

    ``band`` is null when there is no public commitment, ``next_band`` at the top. Supplying all of ``missing_for_next`` opens the next
    band. Ages count from ``reporting_year``.
    """

    jurisdiction_id: UUID
    jurisdiction_version: int = Field(description="the version of the jurisdiction whose facts were counted")
    scheme: str
    reporting_year: int
    band: Level | None
    next_band: Level | None
    assessed_at: datetime | None = Field(description="when it was stored; null when it was computed for this answer")
    levels: list[BandLevel]
    categories: list[BandCategory]
    essentials: list[BandEssential]
    missing_for_next: list[BandMissing]
    notes: list[str]
