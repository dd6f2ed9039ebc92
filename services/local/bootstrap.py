"""The first administrator of an installation."""

import sys

from services.core import reactions
from services.core.accounts.bootstrap import bootstrap
from services.core.kit.db import Database
from services.core.kit.errors import Problem
from services.core.kit.settings import Settings
from services.core.ledger import record


async def run(settings: Settings, email: str, *, force: bool) -> int:
    """Make the first administrator and print their key; the exit status."""
    record.wire(reactions.REACTIONS)
    database = Database(settings, application="comphub-bootstrap")
    try:
        async with database.transaction() as session:
            issued = await bootstrap(session, email, environment=settings.environment, force=force)
    except Problem as problem:
        print(problem.detail, file=sys.stderr)
        return 1
    finally:
        await database.close()
    print(f"Administrator: {email}\nAPI key (shown this once): {issued.key}")
    return 0
