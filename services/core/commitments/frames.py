"""Which inventories may be compared with a target, what of them counts, and the base year that they are measured against.

An inventory counts for a target when both speak of the same thing. It is passed over, with its reason, when it

- is of a year that is not over yet (where this year is known);
- has no total (a notation key instead), or, for a target of one sector, reports sectors but not this one;
- is older than the base year;
- counts power plants that feed the grid: their electricity is counted again where it is used. (Only for targets that cover energy.
  Source: Kaohsiung and Yokohama in CDP-ICLEI 2021, whose sums are above what was emitted; CRF reports grid supply apart.)
- has another boundary than the target (one that does not say its boundary stands for the whole city), or leaves out gases or scopes that
  the target covers, where both are known.

What is not stated is taken as the target's, and `why` says so: of an inventory without sectors, the total is the target's sector.
Sector codes of a report: ours (`energy`, `transport`, `waste`, `buildings`, `ippu`, `afolu`, `other`), or the GPC's: I energy, II
transport, III waste, IV ippu, V afolu, VI other, and I.1 with I.2 for buildings. A sector that is given by its parts is their sum;
parts under a notation key are left out (sum rule of the GPC).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from typing import Final

from services.core.commitments.formulas import PRECISION, written
from services.core.commitments.inventories import Inventory, SectorCell
from services.core.commitments.rules import Target

_GPC: Final[Mapping[str, tuple[str, ...]]] = {
    "energy": ("I",),
    "transport": ("II",),
    "waste": ("III",),
    "ippu": ("IV",),
    "afolu": ("V",),
    "other": ("VI",),
    "buildings": ("I.1", "I.2"),
}
_COVERS: Final[Mapping[str, str]] = {
    "same": "the whole city",
    "larger": "an area larger than the city",
    "smaller": "an area smaller than the city",
    "partial": "part of the city",
    "government_operations": "the local government's own operations",
}
_KEYS: Final[Mapping[str, str]] = {"NO": "not occurring", "IE": "included elsewhere", "NE": "not estimated", "C": "confidential"}

WHOLE_CITY: Final = "same"

PassedOver = tuple[int, str]
"""A year that does not count, and why."""


def sift(
    target: Target, inventories: Iterable[Inventory], this_year: int | None = None
) -> tuple[tuple[Inventory, ...], tuple[PassedOver, ...]]:
    """The comparable inventories by year, their ``emissions_t`` being what counts for ``target``; and those that are passed over.

    Of two inventories of one year the verified one counts, else the higher one: what is uncertain is not to look better than it is.
    The reasons are predicates, such as ``has no total``: their subject is the inventory.
    """
    counted: dict[int, Inventory] = {}
    passed: list[PassedOver] = []
    for inventory in sorted(inventories, key=_rank, reverse=True):
        wrong = obstacle(target, inventory, this_year)
        if wrong is None and inventory.year in counted:
            wrong = "is the second one of its year"
        if wrong is None:
            counted[inventory.year] = replace(inventory, emissions_t=emissions(target, inventory))
        else:
            passed.append((inventory.year, wrong))
    return tuple(counted[year] for year in sorted(counted)), tuple(passed)


def _rank(inventory: Inventory) -> tuple[int, bool, Decimal, str]:
    total = Decimal(-1).scaleb(PRECISION) if inventory.emissions_t is None else inventory.emissions_t
    return inventory.year, inventory.verified is True, total, str(inventory.id)


def obstacle(target: Target, inventory: Inventory, this_year: int | None = None) -> str | None:
    """Why ``inventory`` cannot be compared with ``target``, as a predicate; None when it can."""
    if this_year is not None and inventory.year > this_year:
        return "is of a year that is not over"
    if emissions(target, inventory) is None:
        return _nothing(target, inventory)
    if target.base_year is not None and inventory.year < target.base_year:
        return f"is older than the base year {target.base_year}"
    return _other_frame(target, inventory)


def _other_frame(target: Target, inventory: Inventory) -> str | None:
    if inventory.includes_grid_generation and target.sector in (None, "all", "energy"):
        return "counts power plants that feed the grid, so that their electricity is counted twice"
    if inventory.boundary not in (None, target.boundary or WHOLE_CITY):
        says = f", but the target covers {_area(target.boundary)}"
        if target.boundary is None:
            says = "; the target does not say its boundary, so that it stands for the whole city"
        return f"covers {_area(inventory.boundary)}{says}"
    if inventory.gases and (gases := [gas for gas in target.gases if gas not in inventory.gases]):
        return f"leaves out {', '.join(gases)}, which the target covers"
    if inventory.scopes and (scopes := [str(scope) for scope in target.scopes if scope not in inventory.scopes]):
        return f"leaves out scope {', '.join(scopes)}, which the target covers"
    return None


def _area(boundary: str | None) -> str:
    return _COVERS.get(boundary or "", f"“{boundary}”")


def _has_sector(target: Target) -> bool:
    return target.sector not in (None, "all")


def _is_of_sector(target: Target, inventory: Inventory) -> bool:
    return _has_sector(target) and bool(inventory.sectors)


def emissions(target: Target, inventory: Inventory) -> Decimal | None:
    """What of ``inventory`` counts, t CO2e: the total, or the sector's part where the target is for one and sectors are given."""
    if not _is_of_sector(target, inventory):
        return inventory.emissions_t
    sector = target.sector or ""
    whole = _value(sector, inventory.sectors)
    if whole is not None or _cell(sector, inventory.sectors) is not None:
        return whole
    parts = [_value(code, inventory.sectors) for code in _GPC.get(sector, ())]
    known = [part for part in parts if part is not None]
    return _sum(known) if parts and len(known) == len(parts) else None


def _cell(code: str, cells: Sequence[SectorCell]) -> SectorCell | None:
    return next((cell for cell in cells if cell.code.lower() == code.lower()), None)


def _value(code: str, cells: Sequence[SectorCell]) -> Decimal | None:
    """The emissions of ``code``, or the sum of its parts (``I`` of ``I.1``, ``I.2`` …) where it is not given itself."""
    cell = _cell(code, cells)
    if cell is not None:
        return cell.emissions_t
    parts = {c.code.lower() for c in cells if c.code.lower().startswith(f"{code.lower()}.")}
    nearest = min((part.count(".") for part in parts), default=0)
    values = [_value(part, cells) for part in sorted(parts) if part.count(".") == nearest]
    known = [value for value in values if value is not None]
    return _sum(known) if known else None


def _sum(values: Sequence[Decimal]) -> Decimal:
    with localcontext(Context(prec=PRECISION)):
        return sum(values, Decimal(0))


def _nothing(target: Target, inventory: Inventory) -> str:
    if not _is_of_sector(target, inventory):
        return _instead("total", inventory.notation_key)
    codes = (target.sector or "", *_GPC.get(target.sector or "", ()))
    key = next((cell.notation_key for code in codes if (cell := _cell(code, inventory.sectors)) is not None), None)
    return _instead(f"figure for the sector {target.sector}", key)


def _instead(what: str, key: str | None) -> str:
    return f"has no {what}" if key is None else f"has no {what}, only the notation key {key} ({_KEYS.get(key, 'unknown')})"


def rebased(target: Target, counted: Sequence[Inventory], year: int) -> tuple[Target, Inventory | None]:
    """``target`` with the base year that holds in ``year``, and the inventory that recalculated it (None: as it was promised).

    ``counted`` are comparable inventories by year. A recalculation holds from its inventory on, until the next one.
    """
    for inventory in reversed(counted):
        if inventory.year <= year and inventory.base_year_emissions_t is not None:
            anew = with_base(target, inventory.base_year_emissions_t)
            return (target, None) if anew is None else (anew, inventory)
    return target, None


def with_base(target: Target, base: Decimal) -> Target | None:
    """``target`` with ``base`` (t CO2e) as the base year's emissions: its percentage stays, a fixed level stays.

    An intensity moves in the same measure, or is ``base`` per inhabitant; None when neither can be computed.
    """
    if target.target_type != "base_year_intensity" or target.intensity is None:
        return replace(target, base_year_emissions_t=base)
    was, unit, people = target.base_year_emissions_t, target.intensity.base_value, target.base_year_population
    with localcontext(Context(prec=PRECISION)):
        if was and unit is not None:
            value = unit * base / was
        elif people and target.intensity.unit == "per_capita":
            value = base / people
        else:
            return None
    return replace(target, base_year_emissions_t=base, intensity=replace(target.intensity, base_value=value))


def why(target: Target, inventory: Inventory, recalculated_by: Inventory | None) -> str:
    """Why ``inventory`` counts, and what was taken for granted, in sentences."""
    sentences = [f"{inventory.year} is the latest year with emissions that can be compared with the target."]
    if _is_of_sector(target, inventory):
        sentences.append(f"Of this inventory the sector {target.sector} counts.")
    elif _has_sector(target):
        sentences.append(f"It names no sectors, so its total is taken as the emissions of the sector {target.sector}.")
    unknown = [name for name in ("boundary", "gases", "scopes") if getattr(target, name) and not getattr(inventory, name)]
    if unknown:
        sentences.append(f"It does not state its {', '.join(unknown)}; taken as the target's.")
    if target.scopes and (more := [str(scope) for scope in inventory.scopes if scope not in target.scopes]):
        sentences.append(f"It also counts scope {', '.join(more)}, which the target does not cover, so progress may look too small.")
    if recalculated_by is not None and recalculated_by.base_year_emissions_t is not None:
        was = target.base_year_emissions_t
        instead = "" if was is None else f" instead of {written(was)}"
        sentences.append(
            f"Measured against the base year as recalculated with the inventory of {recalculated_by.year}: "
            f"{written(recalculated_by.base_year_emissions_t)} t CO2e{instead}."
        )
    elif inventory.base_year_emissions_t is not None:
        sentences.append("Its recalculated base year is not used, because the population or GDP of the base year is not known.")
    return " ".join(sentences)
