"""What a target and its inventories cover: boundary (R2), gases, scopes, sectors, and whether an inventory's total is its sum (R8).

Sector codes of an inventory are ours or the GPC's (``I.1``, ``II``): what stands before the first dot is the sector.
"""

from collections.abc import Iterator, Sequence
from decimal import Context as Precision
from decimal import Decimal, localcontext
from typing import Final

from services.core.commitments.formulas import PRECISION, written
from services.core.commitments.inventories import Inventory, SectorCell
from services.core.commitments.rulebook import current
from services.core.commitments.rules import Context, Finding, Target, finding
from services.core.commitments.stated import differ
from services.core.commitments.trajectory import Standing

_TARGET: Final = {
    "government_operations": "It covers only the local government's own operations, so it is not the city's headline"
    " target. Add a target for the whole community.",
    "partial": "It covers only part of the city's emissions. Say which parts are left out, and why.",
    "smaller": "It covers a smaller area than the city's boundary. Say which areas are left out, and why.",
    "larger": "It covers a larger area than the city's boundary. Say which neighbours' emissions are counted.",
}
_COVERS: Final = {
    "same": "the whole city",
    "larger": "a larger area than the city",
    "smaller": "a smaller area than the city",
    "partial": "part of the city",
    "government_operations": "the local government's own operations",
}
_SECTORS: Final = {"I": "energy", "II": "transport", "III": "waste", "IV": "ippu", "V": "afolu", "VI": "other"}
_NOT_IN_TOTAL: Final = ("I.4.4", "III.1.3", "III.2.3", "III.3.3", "III.4.3")
"""GPC rows outside a BASIC total: grid-supplied energy that is generated, and waste that is taken in from elsewhere."""


def looked_at(context: Context, standing: Standing) -> Inventory | None:
    """The inventory that the rules look at, as it was reported: the one that counts, else the latest of a year that is over."""
    counts = standing.inventory
    if counts is not None:
        return next((i for i in context.inventories if (i.id, i.year) == (counts.id, counts.year)), counts)
    over = [each for each in context.inventories if context.reporting_year is None or each.year <= context.reporting_year]
    return max(over, key=lambda inventory: inventory.year, default=None)


def boundary(target: Target, inventory: Inventory | None) -> Iterator[Finding]:
    """R2: the target is about the whole city, and about the same as its inventory."""
    if target.boundary is None:
        yield finding("R2.unknown", "/boundary", "Not assessed, because the target's boundary is not given.")
    elif target.boundary in _TARGET:
        yield finding(f"R2.{target.boundary}", "/boundary", _TARGET[target.boundary])
    if target.sector not in (None, "all"):
        yield finding("R2.sector", "/sector", f"It covers only the sector {target.sector}, so it is not a city-wide headline target.")
    if target.boundary is not None:
        yield from _same_boundary(target.boundary, inventory)


def _same_boundary(of_target: str, inventory: Inventory | None) -> Iterator[Finding]:
    if inventory is None:
        text = "Not assessed, because there is no inventory to compare the target's boundary with."
        yield finding("R2.inventory_unknown", "/progress_reports", text)
        return
    pointer = f"/progress_reports/{inventory.year}/boundary"
    if inventory.boundary is None:
        text = f"Not assessed, because the boundary of the {inventory.year} inventory is not given."
        yield finding("R2.inventory_unknown", pointer, text)
    elif inventory.boundary != of_target:
        covered = [_COVERS.get(each, each) for each in (inventory.boundary, of_target)]
        text = f"The {inventory.year} inventory covers {covered[0]}, but the target covers {covered[1]}. Report an inventory of the same."
        yield finding("R2.inventory_differs", pointer, text)


def minimum(target: Target, inventory: Inventory | None) -> Iterator[Finding]:
    """R8: at least CO2, CH4 and N2O; of an inventory also three sectors, scopes 1 and 2, and a total that is the sum of its rows."""
    yield from _gases(target.gases, "/gases", "the target")
    if inventory is None:
        yield finding("R8.unknown", "/progress_reports", "Not assessed, because there is no inventory to look at.")
        return
    year, at = inventory.year, f"/progress_reports/{inventory.year}"
    yield from _gases(inventory.gases, f"{at}/gases", f"the {year} inventory")
    wanted = current().thresholds.minimum_scopes
    lacking = [str(scope) for scope in wanted if scope not in inventory.scopes]
    if not inventory.scopes:
        yield finding("R8.unknown", f"{at}/scopes", f"Not assessed, because the scopes of the {year} inventory are not given.")
    elif lacking:
        text = f"The {year} inventory lacks scope {' and '.join(lacking)}. Scopes {' and '.join(map(str, wanted))} are the least to cover."
        yield finding("R8.scopes", f"{at}/scopes", text)
    yield from _sectors(inventory, f"{at}/sectors")
    yield from _sum(inventory, f"{at}/emissions_t")


def _gases(gases: Sequence[str], pointer: str, whose: str) -> Iterator[Finding]:
    least = current().thresholds.minimum_gases
    missing = [gas for gas in least if gas not in gases]
    named = f"{', '.join(least[:-1])} and {least[-1]} are the least to cover"
    if not gases:
        yield finding("R8.unknown", pointer, f"Not assessed, because the gases that {whose} covers are not given.")
    elif set(gases) == {"CO2"}:
        text = f"{_begin(whose)} covers only CO2. {named}; waste and farming emit mostly the others."
        yield finding("R8.co2_only", pointer, text)
    elif missing:
        yield finding("R8.gases", pointer, f"{named}. {_begin(whose)} lacks {', '.join(missing)}.")


def _begin(words: str) -> str:
    return words[0].upper() + words[1:]


def _sectors(inventory: Inventory, pointer: str) -> Iterator[Finding]:
    least = current().thresholds.minimum_sectors
    # emissions that are included elsewhere or confidential are counted; what does not occur or was not estimated covers nothing
    covered = {_sector(cell.code) for cell in inventory.sectors if cell.emissions_t is not None or cell.notation_key in ("IE", "C")}
    if not inventory.sectors:
        yield finding("R8.unknown", pointer, f"Not assessed, because the sectors of the {inventory.year} inventory are not given.")
    elif len(covered) < least:
        text = f"The {inventory.year} inventory covers {len(covered)} of at least {least} sectors: {', '.join(sorted(covered)) or 'none'}."
        yield finding("R8.sectors", pointer, text)


def _sector(code: str) -> str:
    first = code.split(".", 1)[0]
    return _SECTORS.get(first.upper(), first.lower())


def _sum(inventory: Inventory, pointer: str) -> Iterator[Finding]:
    total, rows = inventory.emissions_t, _rows(inventory)
    if total is None or not inventory.sectors:
        return
    if any(cell.notation_key == "C" for cell in rows):
        text = f"Not assessed, because sectors of the {inventory.year} inventory are confidential: its total cannot be added up."
        yield finding("R8.sum_unknown", pointer, text)
        return
    with localcontext(Precision(prec=PRECISION)):
        added = sum((cell.emissions_t for cell in rows if cell.emissions_t is not None), Decimal(0))
    if differ(total, added, total):
        text = f"The {inventory.year} inventory says {written(total)} t in all, but its sectors add up to {written(added)} t. Correct one."
        yield finding("R8.sum", pointer, text)


def _rows(inventory: Inventory) -> list[SectorCell]:
    """The cells that make up the total: a sector counts as it was given, its parts only where it was not."""
    given = {cell.code.upper() for cell in inventory.sectors if cell.emissions_t is not None}
    apart = () if inventory.includes_grid_generation else _NOT_IN_TOTAL[:1]
    left_out = {*apart, *_NOT_IN_TOTAL[1:]}
    return [
        cell
        for cell in inventory.sectors
        if not any(each in given for each in _above(cell.code.upper())) and not left_out & {cell.code.upper(), *_above(cell.code.upper())}
    ]


def _above(code: str) -> list[str]:
    parts = code.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]
