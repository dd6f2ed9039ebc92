"""What stands behind a practice's figures: its author adds links and files, and names them at the indicators."""

from __future__ import annotations

import csv
import io

from services.local.demonstration.api import Api
from services.local.demonstration.cohort import Json
from services.local.demonstration.told import Submission


async def prove(api: Api, sub: Submission) -> None:
    """Add the script's evidence, and let the indicators cite it."""
    indicators: list[Json] = [dict(entry) for entry in sub.script["practice"]["indicators"]]
    for given in sub.script["evidence"]:
        added = await _add(api, sub, given)
        sub.evidence.append(added)
        for place in given["behind"]:
            indicators[place]["evidence_id"] = added["id"]
    sub.practice = await api.get(f"/v1/practices/{sub.id}")
    sub.practice = await api.patch(f"/v1/practices/{sub.id}", {"indicators": indicators}, version=sub.practice["version"])


async def _add(api: Api, sub: Submission, given: Json) -> Json:
    path = f"/v1/practices/{sub.id}/evidence"
    if "url" in given:
        return await api.post(path, {"kind": "link", "title": given["title"], "url": given["url"]})
    return await api.upload(path, given["file"], _table(given["rows"]), "text/csv", title=given["title"])


def _table(rows: list[list[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
