"""The first administrator of an installation."""

import sys

from services.core import reactions
from services.core.accounts.bootstrap import bootstrap
from services.core.kit.db import Database, driver_error, is_unavailable
from services.core.kit.errors import Problem
from services.core.kit.settings import Settings
from services.core.ledger import record


async def run(settings: Settings, email: str, *, force: bool) -> int:
    """Make the first administrator and print their key and a sign-in link; the exit status."""
    record.wire(reactions.REACTIONS)
    database = Database(settings, application="comphub-bootstrap")
    try:
        async with database.transaction() as session:
            first = await bootstrap(session, email, environment=settings.environment, force=force)
    except Problem as problem:
        print(problem.detail, file=sys.stderr)
        return 1
    except Exception as error:
        if not is_unavailable(error):
            raise
        print(f"The database at DATABASE_URL cannot answer: {driver_error(error)}", file=sys.stderr)
        return 1
    finally:
        await database.close()
    print(f"Administrator: {email}\nAPI key (shown this once): {first.issued.key}")
    print(f"Sign-in link (works once, within an hour): {settings.public_url.rstrip('/')}/sign-in/{first.token}")
    return 0
