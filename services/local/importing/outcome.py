"""What came of each row of a file, in the file's order: for the report and for the summary."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from services.core.sync.merging import Group
from services.core.sync.reading import Mapped

WRITTEN = ("created", "updated", "unchanged")


def _is_unsent(line: dict[str, Any]) -> bool:
    return bool(line["status"] == "error" and line["problem"]["code"] == "not-sent")


@dataclass(slots=True)
class Outcome:
    """Everything that is known about an import, as far as it went."""

    source: str
    file: str
    mapping: str
    dry_run: bool
    rows: Sequence[Mapped]
    groups: Sequence[Group]
    results: list[dict[str, Any]] = field(default_factory=list)
    """One for each group that was sent, in the groups' order."""
    stopped: str = ""
    """Why the rest was not sent."""

    def counts(self) -> dict[str, int]:
        """Jurisdictions by what came of them; rows, rows that failed, and warnings."""
        statuses = Counter(str(result.get("status")) for result in self.results)
        told = self.lines()
        return {
            "rows": len(self.rows),
            "jurisdictions": len(self.groups),
            **{status: statuses[status] for status in WRITTEN},
            "error": sum(1 for line in told if line["status"] == "error" and "same_as_row" not in line and not _is_unsent(line)),
            "not_sent": sum(1 for line in told if _is_unsent(line) and "same_as_row" not in line),
            "failed_rows": sum(1 for line in told if line["status"] == "error"),
            "warnings": sum(1 for row in self.rows for finding in row.findings if finding.severity == "warning"),
        }

    def lines(self) -> list[dict[str, Any]]:
        """One entry for each row."""
        by_row: dict[int, tuple[int, Group]] = {number: (place, group) for place, group in enumerate(self.groups) for number in group.rows}
        return [self._line(row, by_row.get(row.number)) for row in self.rows]

    def countries(self) -> dict[str, Counter[str]]:
        """For each country, how many jurisdictions came to what."""
        told: dict[str, Counter[str]] = {}
        for group, result in zip(self.groups, self.results, strict=False):
            told.setdefault(str(group.item["jurisdiction"]["country"]), Counter())[str(result.get("status"))] += 1
        return dict(sorted(told.items()))

    @property
    def exit_status(self) -> int:
        """0: every row is in; 1: some are not; 2: none is."""
        counts = self.counts()
        if not any(counts[status] for status in WRITTEN):
            return 2
        return 1 if counts["failed_rows"] else 0

    def report(self) -> dict[str, Any]:
        """The whole, for a program."""
        head = {"source": self.source, "file": self.file, "mapping": self.mapping, "dry_run": self.dry_run}
        return {**head, "counts": self.counts(), **({"stopped": self.stopped} if self.stopped else {}), "rows": self.lines()}

    def _line(self, row: Mapped, sent: tuple[int, Group] | None) -> dict[str, Any]:
        line: dict[str, Any] = {"row": row.number, "external_id": row.external_id, "status": "error", "id": None, "version": None}
        if sent is None:
            line["problem"] = _row_problem(row)
        elif sent[0] < len(self.results):
            result = self.results[sent[0]]
            line |= {name: result.get(name) for name in ("status", "id", "version")}
            if result.get("problem"):
                line["problem"] = result["problem"]
        else:
            line["problem"] = {"code": "not-sent", "title": "The row was not sent", "detail": self.stopped, "errors": []}
        if sent is not None and row.number != sent[1].rows[0]:
            line["same_as_row"] = sent[1].rows[0]
        return line | {"findings": [asdict(finding) for finding in row.findings]}


def _row_problem(row: Mapped) -> dict[str, Any]:
    errors = [{"pointer": each.column, "code": each.code, "detail": each.detail} for each in row.errors]
    detail = " ".join(each["detail"] for each in errors)
    return {"code": "invalid-row", "title": "The row cannot be read", "detail": detail, "errors": errors}
