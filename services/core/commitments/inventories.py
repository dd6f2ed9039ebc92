"""Inventories as values: what a jurisdiction reported for one year.

Emissions are t CO2e; None is “not known”, never zero. Vocabulary: GPC and the GCoM Common Reporting Framework.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SectorCell:
    """One sector of an inventory: emissions in t CO2e, or a notation key (NO, IE, NE, C)."""

    code: str
    emissions_t: Decimal | None = None
    notation_key: str | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """One year's inventory. ``emissions_t`` is the total, None under a notation key.

    ``denominator``: population or GDP of that year, as the target's intensity asks for. ``base_year_emissions_t``: the base year,
    recalculated by the rules of this inventory. ``typed_percent``: the share of the target that the city says it has achieved.
    ``reported_on``: when the report reached us.
    """

    year: int
    emissions_t: Decimal | None
    denominator: Decimal | None = None
    notation_key: str | None = None
    boundary: str | None = None
    gases: tuple[str, ...] = ()
    scopes: tuple[int, ...] = ()
    sectors: tuple[SectorCell, ...] = ()
    includes_grid_generation: bool | None = None
    base_year_emissions_t: Decimal | None = None
    verified: bool | None = None
    typed_percent: Decimal | None = None
    id: UUID | None = None
    reported_on: date | None = None
