"""Values of a benchmark: rounds in turns, what a process used, and how it compares."""

import os
import statistics
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, that the process has used so far (all its threads), as finely as the kernel tells."""
    with suppress(OSError, ValueError):
        threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
        if nanoseconds := sum(int(each.read_text().split()[0]) for each in threads):
            return nanoseconds / 1e9
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(after_name[11]) + int(after_name[12])) * _TICK_S


def is_postgres(pid: int) -> bool:
    """Whether the process runs on this machine and is one of PostgreSQL's."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().startswith("postgres")
    except OSError:
        return False


@dataclass
class Series:
    """One thing that was measured several times."""

    name: str
    unit: str
    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def told(self) -> tuple[str, str, str]:
        """Median, minimum, maximum, as shown."""
        return shown(self.median), shown(min(self.values)), shown(max(self.values))


@dataclass
class Result:
    """What one row of the table and of bench.json says. ``value`` is compared with ``goal``."""

    name: str
    value: float
    unit: str
    goal: float
    series: list[Series]
    reference: float
    met: bool
    note: str = ""

    def entry(self) -> dict[str, object]:
        """Its entry in bench.json."""
        measured = {s.name: {"median": s.median, "min": min(s.values), "max": max(s.values), "unit": s.unit} for s in self.series}
        known = {"value": round(self.value, 3), "unit": self.unit, "reference": self.reference, "goal": self.goal, "met": self.met}
        return {**known, "measured": measured, "note": self.note}


def ratios(numerator: Series, denominator: Series) -> list[float]:
    """Round by round, since only what was measured side by side compares."""
    return [above / below for above, below in zip(numerator.values, denominator.values, strict=True)]


async def in_turns(rounds: int, sides: Sequence[tuple[Series, Callable[[], Awaitable[float]]]], say: Callable[[str], None]) -> None:
    """Measure each side once per round; every other round in the opposite order."""
    for number in range(rounds):
        for series, measured in sides if number % 2 == 0 else reversed(sides):
            series.values.append(await measured())
        say(f"round {number + 1}/{rounds}: " + ", ".join(f"{s.name} {shown(s.values[-1])} {s.unit}" for s, _ in sides))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def shown(value: float) -> str:
    """Three significant figures, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
