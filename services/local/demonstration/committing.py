"""The commitments of the founding cohort: made, revised, reported on, and read as a stranger reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.local.demonstration.api import Api
from services.local.demonstration.cohort import Json, founding_cohort
from services.local.demonstration.waiting import until

if TYPE_CHECKING:
    from services.local.demonstration.seed import Seeded

PICTURED = ("kyoto-2030", "kaohsiung-2030")
"""The commitments whose pictures the demonstration keeps: one with a report that counts, one that was revised."""
LANGUAGES = ("en", "zh-Hant")


@dataclass
class Committed:
    """One commitment as anybody reads it: the resource, its revisions, and its pictures by language."""

    ref: str
    city: str
    commitment: Json
    revisions: list[Json]
    pictures: dict[str, bytes]


async def commit(api: Api, entry: Json, seeded: Seeded) -> None:
    """Make one commitment; where the sources tell of a later one, revise it. Matched by type and target year."""
    wanted: Json = entry["commitment"]
    path = f"/v1/jurisdictions/{seeded.jurisdictions[entry['jurisdiction']]['id']}/commitments"
    same = ("target_type", "target_year", "sector")
    made = None
    async for item in api.pages(path):
        if all(item[name] == wanted[name] for name in same):
            made = item
            break
    if made is None:
        made = await api.post(path, wanted)
        seeded.created += 1
    later = entry.get("later_revision")
    if later and made["version"] == 1:
        patch = {**later["patch"], "reason": later["reason"]}
        made = await api.patch(f"/v1/commitments/{made['id']}", patch, version=made["version"])
    seeded.commitments[entry["ref"]] = made


async def report_progress(api: Api, entry: Json, seeded: Seeded) -> None:
    """Report one inventory, unless its year has one."""
    wanted: Json = entry["progress_report"]
    path = f"/v1/commitments/{seeded.commitments[entry['commitment']]['id']}/progress-reports"
    async for item in api.pages(path):
        if item["year"] == wanted["year"]:
            return
    await api.post(path, wanted)
    seeded.created += 1


async def as_anybody_reads(link: Api, seeded: Seeded) -> list[Committed]:
    """Every commitment once the worker has looked at it, in the order of cohort.json; ``link`` has no key."""
    return [await _read(link, entry, seeded) for entry in founding_cohort()["commitments"]]


async def _read(link: Api, entry: Json, seeded: Seeded) -> Committed:
    path = f"/v1/commitments/{seeded.commitments[entry['ref']]['id']}"
    years = {e["progress_report"]["year"] for e in founding_cohort()["progress_reports"] if e["commitment"] == entry["ref"]}

    async def look() -> Json | None:
        commitment = await link.get(path)
        inventory = commitment["progress"]["inventory"]
        seen = {inventory["year"], *(each["year"] for each in inventory["passed_over"])}
        return commitment if commitment["assessed_at"] and years <= seen else None

    commitment = await until(look, f"the assessment of '{entry['commitment']['title']}'")
    revisions = [item async for item in link.pages(f"{path}/revisions")]
    languages = LANGUAGES if entry["ref"] in PICTURED else ()
    pictures = {language: await link.picture(f"{path}/trajectory.svg", language) for language in languages}
    return Committed(entry["ref"], seeded.jurisdictions[entry["jurisdiction"]]["name"], commitment, revisions, pictures)


def told(committed: list[Committed]) -> list[str]:
    """What the demonstration tells of the commitments, one line each."""
    return [f"{each.city}, '{each.commitment['title']}': {_what_is_told(each)}" for each in committed]


def _what_is_told(each: Committed) -> str:
    progress, typed = each.commitment["progress"], each.commitment["progress"]["reported_percent_achieved"]
    parts = []
    if progress["achieved_percent"] is not None:
        stands = f"{progress['achieved_percent']:.2f} % of the way in {progress['latest_year']} ({progress['status']})"
        parts.append(stands + (f", where the city typed {typed:g} %" if typed is not None else ""))
    parts += [f"the inventory of {gone['year']} does not count: {gone['why'].rstrip('.')}" for gone in progress["inventory"]["passed_over"]]
    ndc = next((test for test in each.commitment["sufficiency"]["tests"] if test["name"] == "ndc"), None)
    if ndc is not None and ndc["passed"] is not None:
        parts.append(f"{'at least' if ndc['passed'] else 'less than'} what the nation promised")
    history = each.commitment["history"]
    if history["revisions"] > 1:
        times = history["weakened_times"]
        parts.append(f"revised {history['revisions'] - 1} time(s), " + (f"weakened {times} time(s)" if times else "never weakened"))
    return "; ".join(parts) or "no inventory yet"
