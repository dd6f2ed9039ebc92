"""The life of a letter: frozen once, sent with the same bytes every time, and never silently twice.

Plain SMTP cannot say whether a letter was accepted when the line is cut between the terminating dot and the answer to it
(RFC 1047). So `transmit` is committed *before* the dot; whoever finds a letter transmitting without a sender knows that it
is in doubt. A doubt is answered by one more copy of the same bytes, then by people: at most one duplicate, and every one
is recorded. Each function belongs into a transaction that is fenced by the lease of the letter's task.
"""

from datetime import datetime
from uuid import UUID

from services.core.kit.clock import now
from services.core.kit.crypto import seal, unseal
from services.core.kit.db import Session
from services.core.kit.ids import new_id
from services.core.kit.tokens import sign
from services.core.mail import queries
from services.core.mail.models import LetterRow
from services.core.mail.schemas import Draft, Step, Taken
from services.core.mail.states import FINAL, LETTER

RESENDS = 1
"""How often a letter in doubt is sent again before people decide."""
_REPLY_CHARS = 500
_PURPOSE = "letter"


def new_letter_id() -> UUID:
    """The id of a letter that is about to be written."""
    return new_id()


def message_id(letter_id: UUID, *, secret: str, domain: str) -> str:
    """The Message-ID of a letter: the same for every copy, and silent about practice, person and time."""
    return f"<{sign(secret, b'letter:' + letter_id.bytes).hex()[:32]}@{domain}>"


async def freeze(session: Session, draft: Draft, *, secret: str) -> Taken:
    """Keep the letter's bytes, sealed: from now on every attempt sends these."""
    row = LetterRow(
        id=draft.id,
        dedupe_key=draft.dedupe_key,
        kind=draft.kind,
        to_addr=draft.to_addr,
        envelope_from=draft.envelope_from,
        subject=draft.subject,
        message_id=draft.message_id,
        raw=seal(secret, _PURPOSE, draft.raw, about=draft.id.bytes),
        state="ready",
        attempts=1,
        in_doubt_count=0,
    )
    session.add(row)
    await session.flush()
    return _taken(row, "send", draft.raw)


async def take_up(session: Session, dedupe_key: str, *, secret: str, doubt_s: float) -> Taken | None:
    """The letter of this key and what to do with it, now that its task was claimed; None when it is not written yet.

    A claim means that nobody else holds the letter: one that is transmitting lost its sender, so it is in doubt. It is
    sent again ``doubt_s`` seconds after its dot, once; after that people must look. `SealBrokenError` when its bytes
    cannot be read.
    """
    row = await queries.by_key(session, dedupe_key)
    if row is None:
        return None
    lost = row.state == "transmitting"
    if lost:
        _doubt(row)
    if row.state == "in_doubt" and row.in_doubt_count > RESENDS:
        _move(row, "hand_over")
    if row.raw is None or row.state not in LETTER.moves["transmit"]:
        return _taken(row, "closed", b"", doubted_now=lost)
    wait_s = _seconds_left(row.dot_at, doubt_s, await now(session)) if row.state == "in_doubt" else 0
    if wait_s > 0:
        return _taken(row, "wait", b"", wait_s=wait_s, doubted_now=lost)
    row.attempts += 1
    return _taken(row, "send", unseal(secret, _PURPOSE, row.raw, about=row.id.bytes))


async def transmit(session: Session, letter_id: UUID) -> bool:
    """The point of no return, to be committed before the dot is written; False when the letter may not go out any more."""
    row = await queries.load(session, letter_id)
    if row.state not in LETTER.moves["transmit"]:
        return False
    _move(row, "transmit")
    row.dot_at = await now(session)
    return True


async def confirm(session: Session, letter_id: UUID, reply: str) -> None:
    """The relay took it. Also closes a doubt; a letter that is sent already stays so."""
    row = await queries.load(session, letter_id)
    if row.state == "sent":
        return
    _move(row, "confirm", reply)
    row.sent_at = await now(session)


async def refuse(session: Session, letter_id: UUID, reply: str, *, for_s: float) -> bool:
    """The relay refused it for now (4xx): whether to try again. It dies when it has been refused for ``for_s`` seconds."""
    row = await queries.load(session, letter_id)
    moment = await now(session)
    if row.refused_at is None:
        row.refused_at = moment
    if (moment - row.refused_at).total_seconds() >= for_s:
        _move(row, "give_up", reply)
        return False
    _move(row, "refuse", reply)
    return True


async def take_back(session: Session, letter_id: UUID) -> None:
    """The line was cut before the dot was written: nothing was accepted."""
    _move(await queries.load(session, letter_id), "refuse")


async def doubt(session: Session, letter_id: UUID, why: str) -> None:
    """No answer came to the dot: accepted or not, nobody knows."""
    row = await queries.load(session, letter_id)
    _doubt(row)
    row.reply = _plain(why)


async def give_up(session: Session, letter_id: UUID, reply: str) -> None:
    """The relay refused it for ever (5xx), or it cannot be sent at all."""
    _move(await queries.load(session, letter_id), "give_up", reply)


async def cancel(session: Session, letter_id: UUID, why: str) -> None:
    """What the letter says is no longer so: it does not go out."""
    _move(await queries.load(session, letter_id), "cancel", why)


def _doubt(row: LetterRow) -> None:
    _move(row, "doubt")
    row.in_doubt_count += 1


def _move(row: LetterRow, action: str, reply: str | None = None) -> None:
    row.state = LETTER.next(row.state, action)
    if reply is not None:
        row.reply = _plain(reply)
    if row.state in FINAL:
        row.raw = None


def _plain(reply: str) -> str:
    """A relay's words as one line of ASCII: it may send anything."""
    return " ".join(reply.encode("ascii", "replace").decode().split())[:_REPLY_CHARS]


def _seconds_left(since: datetime | None, wait_s: float, moment: datetime) -> float:
    return 0 if since is None else wait_s - (moment - since).total_seconds()


def _taken(row: LetterRow, step: Step, raw: bytes, *, wait_s: float = 0, doubted_now: bool = False) -> Taken:
    return Taken(
        id=row.id,
        kind=row.kind,
        step=step,
        state=row.state,
        to_addr=row.to_addr,
        envelope_from=row.envelope_from,
        raw=raw,
        wait_s=wait_s,
        in_doubt=row.in_doubt_count > 0,
        doubted_now=doubted_now,
    )
