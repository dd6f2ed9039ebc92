"""``python -m services.worker.main``: the worker process."""

import gc

from services.core import reactions
from services.core.kit import log, storage
from services.core.kit.settings import Settings, require
from services.core.ledger import record
from services.core.ledger.process import Door, run
from services.worker import pull
from services.worker.tasks import HANDLERS, commitments, practices


def door(settings: Settings | None = None) -> Door:
    """The worker's door, wired."""
    given = require("worker", settings)
    record.wire(reactions.REACTIONS)
    storage.hang(storage.open_store(given.evidence_url))
    chores = {"at_start": pull.plan, "each_minute": commitments.look_for_outdated, "each_hour": practices.sweep_files}
    return Door("worker", given, reactions.DOORS, HANDLERS, **chores)


def main() -> None:
    """Run the worker."""
    given = require("worker")
    log.configure("worker", form=given.log_format, level=given.log_level)
    made = door(given)
    gc.freeze()  # what the start made stays: no collection looks at it again, and few are needed
    gc.set_threshold(50_000, 25, 25)
    run(made)


if __name__ == "__main__":
    main()
