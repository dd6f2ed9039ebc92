"""The SMTP side: accept every letter, and say so only when it's on file."""

from __future__ import annotations

import asyncio
import logging

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.local.engines.mailbox.store import LetterStore

_LARGEST_LETTER = 50_000_000


class _Keeper:
    """What aiosmtpd calls for each letter."""

    def __init__(self, store: LetterStore) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's names
        raw = envelope.original_content or b""
        letter_id = self._store.add(envelope.mail_from or "", envelope.rcpt_tos, raw)
        return f"250 OK kept as {letter_id}"


async def listen_for_letters(store: LetterStore, host: str, port: int) -> asyncio.Server:
    """Start the SMTP server on this address; 8bit and SMTPUTF8 are offered."""
    # It warns about each connection without TLS or login, neither of which makes sense on loopback.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop = asyncio.get_running_loop()
    keeper = _Keeper(store)

    def connection() -> SMTP:
        # A fixed name: the default asks the resolver for this machine's, which may take seconds.
        return SMTP(
            keeper, enable_SMTPUTF8=True, data_size_limit=_LARGEST_LETTER, hostname="localhost", ident="ComP Hub mailbox", loop=loop
        )

    return await loop.create_server(connection, host, port, reuse_address=True)
