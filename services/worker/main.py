"""``python -m services.worker.main``: the worker process."""

from services.core import reactions
from services.core.kit import log
from services.core.kit.settings import Settings, require
from services.core.ledger import record
from services.core.ledger.process import Door, run
from services.worker.tasks import HANDLERS


def door(settings: Settings | None = None) -> Door:
    """The worker's door, wired."""
    given = require("worker", settings)
    record.wire(reactions.REACTIONS)
    return Door("worker", given, reactions.DOORS, HANDLERS)


def main() -> None:
    """Run the worker."""
    given = require("worker")
    log.configure("worker", form=given.log_format, level=given.log_level)
    run(door(given))


if __name__ == "__main__":
    main()
