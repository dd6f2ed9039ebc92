"""What is sent of a commitment: a target, and what is done to keep it."""

from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field

from services.core.communities.schemas import Theme
from services.core.kit.schema import Day, Flag, Input, Line, Partial, Percent, Quantity, ShortText, Tonnes, Whole, Year

TargetType = Literal["base_year_absolute", "fixed_level", "base_year_intensity", "baseline_scenario"]
Sector = Literal["all", "energy", "transport", "waste", "buildings", "ippu", "afolu", "other"]
Boundary = Literal["same", "larger", "smaller", "partial", "government_operations"]
Gas = Literal["CO2", "CH4", "N2O", "HFC", "PFC", "SF6", "NF3"]
Scope = Annotated[Whole, Field(ge=1, le=3)]
IntensityUnit = Literal["per_capita", "per_gdp", "other"]
Visibility = Literal["public", "members", "private"]
V = TypeVar("V")
BaseTonnes = Annotated[Tonnes, Field(ge=0)]
People = Annotated[Whole, Field(ge=0, le=2_000_000_000)]


def _without_repeats(values: list[V]) -> list[V]:
    if len(set(values)) < len(values):
        msg = "each entry may stand only once"
        raise ValueError(msg)
    return values


Gases = Annotated[list[Gas], AfterValidator(_without_repeats)]
Scopes = Annotated[list[Scope], AfterValidator(_without_repeats)]


def _years_once(points: list["BaselinePointIn"]) -> list["BaselinePointIn"]:
    if len({point.year for point in points}) < len(points):
        msg = "each year may stand only once"
        raise ValueError(msg)
    return points


class IntensityIn(Input):
    """Emissions per person, per unit of GDP, or per another denominator."""

    unit: IntensityUnit
    base_value: Annotated[Quantity, Field(ge=0)] | None = Field(default=None, description="t CO2e per unit in the base year")
    projected_denominator: Annotated[Quantity, Field(ge=0)] | None = Field(default=None, description="population or GDP of the target year")


class IntensityPatch(IntensityIn, Partial):
    """What should change of the intensity."""


class BaselinePointIn(Input):
    """One year of business as usual."""

    year: Year
    emissions_t: BaseTonnes


class BaselineScenarioIn(Input):
    """Business as usual: what would be emitted without the measures."""

    target_year_emissions_t: BaseTonnes | None = None
    series: Annotated[list[BaselinePointIn], AfterValidator(_years_once)] = Field(default_factory=list, max_length=200)


class BaselineScenarioPatch(BaselineScenarioIn, Partial):
    """What should change of business as usual."""


class IndicatorIn(Input):
    """How a measure is followed up."""

    name: Line
    value: Quantity | None = None
    unit: Line | None = None
    as_of: Day | None = None
    source: Line | None = None


class MeasureIn(Input):
    """What is done to keep the commitment."""

    title: Line
    theme: Theme | None = None
    instrument: Line | None = Field(default=None, description="such as an ordinance, a subsidy, a procurement rule")
    status: Line | None = None
    indicators: list[IndicatorIn] = Field(default_factory=list, max_length=50)


class CommitmentFields(Input):
    """A target: what is needed depends on its type (a member that it lacks answers 422 ``blocking-findings``)."""

    title: Line
    target_type: TargetType
    base_year: Year | None = None
    base_year_emissions_t: BaseTonnes | None = None
    reduction_percent: Percent | None = None
    target_year: Year | None = None
    year_set: Year | None = Field(default=None, description="the year in which the target was set")
    target_emissions_t: Tonnes | None = Field(default=None, description="t CO2e in the target year; only for `fixed_level`")
    intensity: IntensityIn | None = Field(default=None, description="only for `base_year_intensity`")
    baseline_scenario: BaselineScenarioIn | None = Field(default=None, description="only for `baseline_scenario`")
    sector: Sector = "all"
    boundary: Boundary | None = Field(default=None, description="against the jurisdiction's own boundary")
    gases: Gases = Field(default_factory=list, max_length=7)
    scopes: Scopes = Field(default_factory=list, max_length=3)
    conditional_percent: Annotated[Percent, Field(ge=0, le=100)] | None = Field(default=None, description="share that depends on others, %")
    uses_credits: Flag | None = None
    net_zero: Flag | None = None
    status_in_law: Line | None = Field(default=None, description="such as proposed, pledge, policy document, in law")
    interim_of: UUID | None = Field(default=None, description="the final commitment that this one is a step to")
    measures: list[MeasureIn] = Field(default_factory=list, max_length=100)
    base_year_population: People | None = Field(default=None, description="inhabitants in the base year")
    projected_population: People | None = Field(default=None, description="inhabitants expected in the target year")
    reported_target_year_emissions_t: Tonnes | None = Field(
        default=None, description="what the jurisdiction itself states for the target year, t CO2e; compared with ours, never taken over"
    )
    reported_percent_achieved: Percent | None = Field(
        default=None, description="the share of the target that the jurisdiction says it has achieved; shown beside ours, never taken over"
    )
    visibility: Visibility = "public"


class CommitmentCreate(CommitmentFields):
    """A commitment to make. What the target allows in its year is computed, never given."""


_WHY = Field(default=None, description="why it changes; anybody who may see the commitment reads it in its history")


class CommitmentReplace(CommitmentCreate):
    """The whole new state of a commitment (PUT), and why it changes."""

    reason: ShortText | None = _WHY


class CommitmentPatch(CommitmentFields, Partial):
    """What should change (RFC 7396): absent members stay, null clears where null is allowed, groups merge. ``reason`` says why."""

    reason: ShortText | None = _WHY
    intensity: IntensityPatch | None = None
    baseline_scenario: BaselineScenarioPatch | None = None
