"""Questions about letters. Nobody but the notifier asks them yet."""

from uuid import UUID

from sqlalchemy import select

from services.core.kit.db import Session
from services.core.kit.errors import not_found
from services.core.mail.models import LetterRow


async def by_key(session: Session, dedupe_key: str) -> LetterRow | None:
    """The letter of this key, locked; None when it has not been written yet."""
    return (await session.scalars(select(LetterRow).where(LetterRow.dedupe_key == dedupe_key).with_for_update())).one_or_none()


async def load(session: Session, letter_id: UUID) -> LetterRow:
    """The letter, locked; 404 when there is none."""
    row = await session.get(LetterRow, letter_id, with_for_update=True)
    if row is None:
        raise not_found()
    return row
