"""What is computed of a commitment, as it is shown."""

from datetime import datetime
from typing import Annotated

from services.core.commitments.progress import STATUSES
from services.core.kit.schema import Output, open_enum


class FigureInput(Output):
    """A number that a formula used; null is unknown."""

    name: str
    value: float | None


class Figure(Output):
    """How a figure was computed; ``value`` is null where it is unknown, one for each year, or a word (`status`)."""

    name: str
    formula: str
    unit: str
    value: float | None
    inputs: list[FigureInput]


class PassedOver(Output):
    """An inventory that does not count, and why."""

    year: int
    why: str


class Finding(Output):
    """What a rule of the standards says about the target; ``source`` names the standard."""

    rule: str
    severity: Annotated[str, open_enum("blocking", "warning", "info")]
    pointer: str
    message: str
    source: str


class Promise(Output):
    """What was promised, computed from the target: a sentence, and the figures that follow from it.

    ``change_against_base_year_percent``: what the target year allows against the base year's emissions; above zero is growth, as a
    baseline scenario may allow. The path asks for ``annual_rate_points`` (of the base) each year, or for ``annual_rate_compound`` (%
    less than the year before). All are null until the worker has looked.
    """

    statement: str | None
    target_year_emissions_t: float | None
    change_against_base_year_percent: float | None
    annual_rate_points: float | None
    annual_rate_compound: float | None
    figures: list[Figure]


class CountedInventory(Output):
    """The inventory that counts, and why; ``passed_over`` are the others, each with its reason."""

    year: int | None
    why: str
    passed_over: list[PassedOver]


class Progress(Output):
    """Where the target stands by the inventory that counts; ``reason`` says why there is no figure.

    ``base_year_emissions_t`` is what it is measured against: recalculated where that inventory says so.
    """

    latest_year: int | None
    reduction_percent: float | None
    achieved_percent: float | None
    expected_percent: float | None
    status: Annotated[str, open_enum(*STATUSES)]
    reason: str | None
    base_year_emissions_t: float | None
    emissions_t: float | None
    reported_percent_achieved: float | None
    inventory: CountedInventory
    figures: list[Figure]


class Test(Output):
    """One test of whether the target is enough; ``passed`` is null where it could not be assessed, and ``reason`` says why."""

    name: Annotated[str, open_enum("ndc", "fair_share_1_5c")]
    passed: bool | None
    reason: str
    figures: list[Figure]
    source: str
    source_date: str | None


class Sufficiency(Output):
    """Whether it is enough: against the nation's contribution (NDC) and a fair share of 1.5 °C.

    ``verdict``: one failed test is ``not_enough``; ``enough`` when all passed; ``partly_assessed`` when those that could be assessed
    passed. Only the unconditional part without credits counts.
    """

    verdict: Annotated[str, open_enum("enough", "not_enough", "partly_assessed", "not_assessed")]
    reason: str
    tests: list[Test]


class History(Output):
    """Whether it was ever changed or weakened; `GET …/revisions` tells how, and lets anybody verify it."""

    revisions: int
    ever_weakened: bool
    weakened_times: int
    weakened_at: datetime | None
