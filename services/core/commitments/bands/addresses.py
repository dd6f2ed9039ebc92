"""Where a field of a disclosure is written: the address of its resource in the API, and the pointer to the field."""

from services.core.commitments.bands.criteria import Item
from services.core.commitments.disclosure import Action, Disclosure, Pledge, Report


def where(item: Item, pointer: str, disclosure: Disclosure) -> str:
    """The address of the resource to write, and after “#” the pointer to its field; “-” in a list is a new entry at its end."""
    city = f"/v1/jurisdictions/{disclosure.jurisdiction_id}"
    first = min((each.id for each in disclosure.pledges if each.id), default="{id}")
    match item:
        case Pledge():
            return _of_target(item, pointer, disclosure, city)
        case Report():
            one = f"/{item.id}" if item.id else ""
            return f"/v1/commitments/{item.commitment_id or first}/progress-reports{one}#{pointer}"
        case Action():
            home = item.commitment_id or (first if disclosure.pledges else None)
            place = "-" if item.position is None else item.position
            indicator = "-" if item.indicator_position is None else item.indicator_position
            return f"{_commitment(home, city)}#/measures/{place}{pointer.replace('{n}', str(indicator))}"
        case Disclosure():
            return f"/v1/commitments/{first}/{pointer}" if pointer.startswith("progress-reports") else f"{city}/{pointer}"
    return f"{city}#{pointer}"


def _of_target(target: Pledge, pointer: str, disclosure: Disclosure, city: str) -> str:
    """The address of a field of a target, or of one of its inventories (``/progress_reports/2019/gases``)."""
    reports = f"/v1/commitments/{target.id or '{id}'}/progress-reports"
    if pointer.startswith("progress-reports#"):
        return f"{reports}{pointer.removeprefix('progress-reports')}"
    if not pointer.startswith("/progress_reports"):
        return f"{_commitment(target.id, city)}#{pointer}"
    year, _, field = pointer.removeprefix("/progress_reports").removeprefix("/").partition("/")
    report = next((r.id for r in disclosure.reports if r.commitment_id == target.id and str(r.year) == year), None)
    return f"{reports}/{report}#/{field}" if report else f"{reports}#/{field}"


def _commitment(commitment_id: str | None, city: str) -> str:
    return f"/v1/commitments/{commitment_id}" if commitment_id else f"{city}/commitments"
