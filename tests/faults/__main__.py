"""``python -m tests.faults``: run the campaigns, show a table, write .comphub/faults.json. NAME and SIZE choose."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults.campaigns import CAMPAIGNS, Found


def main() -> int:
    """Run them; 1 when an invariant broke."""
    console = Console()
    wanted, size = os.environ.get("NAME", ""), os.environ.get("SIZE", "")
    names = [wanted] if wanted else list(CAMPAIGNS)
    if unknown := set(names) - set(CAMPAIGNS):
        console.print(f"There is no campaign {unknown.pop()}; there are: {', '.join(CAMPAIGNS)}.")
        return 2
    table = Table("campaign", "tried", "broken", "goal", "met", "what happened", "s")
    report = {}
    for name in names:
        campaign, reduced, full = CAMPAIGNS[name]
        number = full if size == "full" else int(size) if size else reduced
        console.print(f"faults: {name} with {number} ...", highlight=False)
        began = time.monotonic()
        try:
            found = asyncio.run(campaign(number))
        except Exception as error:  # noqa: BLE001  a campaign that breaks off has found something; the others still run
            found = Found(number, 1, f"broke off: {type(error).__name__}: {error}")
        seconds = time.monotonic() - began
        met = found.broken == 0
        table.add_row(
            name, str(found.tried), str(found.broken), "0", "[green]yes[/]" if met else "[red]NO[/]", found.note, f"{seconds:.0f}"
        )
        report[name] = {"tried": found.tried, "value": found.broken, "unit": "broken invariants", "goal": 0, "met": met, "note": found.note}
    console.print(table)
    target = Path(".comphub")
    target.mkdir(exist_ok=True)
    (target / "faults.json").write_text(json.dumps(report, indent=2) + "\n")
    return 0 if all(entry["met"] for entry in report.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
