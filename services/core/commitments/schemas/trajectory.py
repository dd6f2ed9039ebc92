"""Public shape of a commitment's path."""

from services.core.commitments.schemas.computed import Figure, Test
from services.core.kit.schema import Output


class TrajectoryYear(Output):
    """One year of the path, t CO2e; ``gap_t`` above zero is too much."""

    year: int
    required_t: float
    reported_t: float | None
    gap_t: float | None


class Comparison(Output):
    """The target beside the nation's contribution and a fair share of 1.5 °C."""

    ndc: Test
    fair_share_1_5c: Test


class Trajectory(Output):
    """The path from base year to target year, what was reported on it, and the yearly rates that it asks for.

    ``annual_rate_points`` is in points of the base over the whole span; ``annual_rate_compound`` is the percentage that each
    year must be lower than the year before, from the latest inventory on (from the base year when there is none).
    """

    years: list[TrajectoryYear]
    annual_rate_points: float | None
    annual_rate_compound: float | None
    comparison: Comparison
    figures: list[Figure]
