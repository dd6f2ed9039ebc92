"""``python -m services.notifier.main``: the notifier process."""

from services.core import reactions
from services.core.kit import log
from services.core.kit.settings import Settings, require
from services.core.ledger import record
from services.core.ledger.process import Door, run
from services.notifier.smtp_url import parse
from services.notifier.tasks import HANDLERS


def door(settings: Settings | None = None) -> Door:
    """The notifier's door, wired. `MissingSettingError` when a setting is missing, or ``SMTP_URL`` cannot be read."""
    given = require("notifier", settings)
    parse(given.smtp_url)
    record.wire(reactions.REACTIONS)
    return Door("notifier", given, reactions.DOORS, HANDLERS)


def main() -> None:
    """Run the notifier."""
    given = require("notifier")
    log.configure("notifier", form=given.log_format, level=given.log_level)
    run(door(given))


if __name__ == "__main__":
    main()
