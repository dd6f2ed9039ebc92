"""Public shapes of imports."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.core.imports.rules import CHANGES, KINDS, STATUSES
from services.core.kit.schema import Output, open_enum


class ImportFinding(Output):
    """What is to say about a row: by a rule of the standards (R0 …), or “cell” for what a cell could not tell.

    ``pointer`` leads to the field of the commitment, ``column`` is the file's column, where there is one.
    """

    rule: str
    severity: Annotated[str, open_enum("blocking", "warning", "info")]
    pointer: str
    message: str
    column: str


class ImportedRow(Output):
    """What came of one row.

    ``line`` is where it begins in the file. ``rules`` are those that reject it, or that warn of its target. ``change`` is what became
    of the commitment, null where there is none; in a dry run, what would become of it.
    """

    line: int
    account: str
    status: Annotated[str, open_enum(*STATUSES)]
    rules: list[str]
    target_year_emissions_t: float | None
    reason: Annotated[str, open_enum("no_target", "edited_here", "newer_edition", "refused")] | None
    change: Annotated[str, open_enum(*CHANGES)] | None
    commitment_id: UUID | None
    findings: list[ImportFinding]


class ImportCounts(Output):
    """How many rows came to what, and what changed."""

    rows: int
    imported: int
    imported_with_findings: int
    skipped: int
    rejected: int
    created: int
    revised: int
    unchanged: int
    jurisdictions_created: int


class ImportResult(Output):
    """What came of an import: one entry for each row of the file, in its order."""

    kind: Annotated[str, open_enum(*KINDS)]
    edition: str = Field(description="whose form the file has")
    dry_run: bool
    unknown_headers: list[str] = Field(description="columns of the file that the edition does not know; they were not read")
    counts: ImportCounts
    rows: list[ImportedRow]
