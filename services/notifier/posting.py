"""A letter's way from its task to the relay, effectively once.

1. Take it up (one transaction): the letter is written and frozen at the first claim, found with the same bytes at later ones.
2. Talk to the relay: everything but the dot. Whatever goes wrong here, the letter was certainly not accepted.
3. The point of no return (one transaction): `transmitting` is committed, fenced by the task's lease, before the dot.
4. The dot, and the relay's answer: sent, tried again, dead, or in doubt. The wait for it may be long (RFC 5321 says ten
   minutes), so it has a slot of its own: after a moment the task's place in the drain goes to the next letter.
"""

import asyncio

from services.core.kit import settings as configuration
from services.core.kit.crypto import SealBrokenError
from services.core.kit.db import Database, Session, is_unavailable
from services.core.kit.log import logger
from services.core.kit.settings import Settings
from services.core.ledger.drain import LeaseLostError, finish, postpone, renew
from services.core.ledger.task import Lease
from services.core.mail import service as mail
from services.core.mail.schemas import Taken
from services.notifier.letter import Letter
from services.notifier.letters import LETTERS
from services.notifier.outcome import Outcome, conclude
from services.notifier.render import UnsendableAddressError
from services.notifier.sender import Offer, RefusedError, Relay, RelayTroubleError, relay
from services.notifier.writing import write

TALK = 0.5
"""The part of a lease in which everything before the dot must be said."""
PATIENCE = 0.2
"""The part of a lease that a task waits for the answer before it leaves the wait to the slot."""
WRITING_ATTEMPTS = 8
_MARGIN = 1.1

_SLOTS: set[asyncio.Task[None]] = set()


class UnwritableError(Exception):
    """The letter could not be written: something that it needs is missing, or a template is wrong. ``hopeless``: for ever."""

    def __init__(self, why: str, *, hopeless: bool = False) -> None:
        super().__init__(why)
        self.hopeless = hopeless


async def send(database: Database, lease: Lease) -> None:
    """Fulfil one task ``letters.send``."""
    given = configuration.settings()
    letter = LETTERS[lease.payload["letter"]]
    try:
        taken = await _take_up(database, lease, letter, given)
    except UnwritableError as error:
        if lease.attempts < WRITING_ATTEMPTS and not error.hopeless:
            raise
        logger.error("letter_unwritable", task=str(lease.id), letter=lease.payload["letter"], exc_info=error)
        await postpone(database, lease, f"cannot be written: {error}", 0, dead=True)
        return
    if taken is None or taken.step == "closed":
        return
    if taken.step == "wait":
        await postpone(database, lease, "in doubt: waiting for evidence", taken.wait_s)
        return
    outcome = Outcome(database, lease, letter, taken, given)
    offer = await _offer(outcome, lines(given))
    if offer is None:
        return
    if not await _point_of_no_return(outcome, offer):
        return
    await _in_a_slot(outcome, offer)


def lines(given: Settings) -> Relay:
    """The lines of this process to the relay."""
    return relay(given.smtp_url, greeting=given.mail_domain, limit=given.task_concurrency)


async def _take_up(database: Database, lease: Lease, letter: Letter, given: Settings) -> Taken | None:
    """Step 1. The task ends here when there is nothing to send."""
    secret = given.secret_key.get_secret_value()
    async with database.transaction() as session:
        await renew(session, lease, given.task_lease_s)
        try:
            taken = await mail.take_up(session, lease.payload["key"], secret=secret, doubt_s=given.letter_doubt_s)
            if taken is None:
                taken = await write(session, letter, lease.payload, given)
        except (UnsendableAddressError, SealBrokenError) as error:
            raise UnwritableError(str(error), hopeless=True) from error
        except Exception as error:
            if is_unavailable(error):
                raise
            raise UnwritableError(type(error).__name__) from error
        if taken is not None and taken.doubted_now and letter.on_relayed is not None:
            await letter.on_relayed(session, lease.payload)
        if taken is not None and taken.step == "send" and not await _still_true(session, letter, lease):
            await mail.cancel(session, taken.id, "no longer so")
            taken = None
        if taken is None or taken.step == "closed":
            await finish(session, lease)
    if taken is not None and taken.state == "needs_human":
        logger.error("letter_needs_human", letter=str(taken.id), kind=taken.kind)
    return taken


async def _offer(outcome: Outcome, to: Relay) -> Offer | None:
    """Step 2. None when it came to nothing, which is then recorded."""
    taken = outcome.taken
    try:
        async with asyncio.timeout(outcome.given.task_lease_s * TALK):
            return await to.offer(taken.envelope_from, taken.to_addr, taken.raw)
    except TimeoutError:
        await outcome.trouble(RelayTroubleError("the relay took too long"))
    except RelayTroubleError as error:
        await outcome.trouble(error)
    except RefusedError as error:
        await outcome.refused(error)
    return None


async def _point_of_no_return(outcome: Outcome, offer: Offer) -> bool:
    """Step 3. Committed before the dot; False when the letter may not go out any more."""
    given, lease, letter_id = outcome.given, outcome.lease, outcome.taken.id
    go = False
    try:
        async with outcome.database.transaction() as session:
            await renew(session, lease, given.letter_reply_s * _MARGIN)
            if await _still_true(session, outcome.letter, lease):
                go = await mail.transmit(session, letter_id)
            else:
                await mail.cancel(session, letter_id, "no longer so")
            if not go:
                await finish(session, lease)
    except BaseException:
        offer.withdraw()
        raise
    if not go:
        offer.withdraw()
    return go


async def _in_a_slot(outcome: Outcome, offer: Offer) -> None:
    """Step 4."""
    slot = asyncio.get_running_loop().create_task(conclude(outcome, offer))
    _SLOTS.add(slot)
    slot.add_done_callback(_SLOTS.discard)
    done, _ = await asyncio.wait({slot}, timeout=outcome.given.task_lease_s * PATIENCE)
    if done:
        await slot
    else:
        slot.add_done_callback(_tell_failure)


def _tell_failure(slot: asyncio.Task[None]) -> None:
    error = None if slot.cancelled() else slot.exception()
    if isinstance(error, LeaseLostError):
        logger.warning("lease_lost", handler="letters.send")
    elif error is not None:
        logger.error("letter_outcome_unrecorded", exc_info=error)


async def _still_true(session: Session, letter: Letter, lease: Lease) -> bool:
    return letter.still_true is None or await letter.still_true(session, lease.payload)
