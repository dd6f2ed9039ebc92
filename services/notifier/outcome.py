"""What came of offering a letter to the relay, recorded under the fence of the task's lease."""

from dataclasses import dataclass

from services.core.kit.db import Database
from services.core.kit.log import logger
from services.core.kit.settings import Settings
from services.core.ledger.drain import LeaseLostError, finish, postpone, renew
from services.core.ledger.task import Lease
from services.core.mail import service as mail
from services.core.mail.schemas import Taken
from services.notifier.letter import Letter
from services.notifier.sender import DoubtError, Offer, RefusedError, RelayTroubleError


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt at one letter, and the ways in which it can end. Logs name the letter by its id, nobody by address."""

    database: Database
    lease: Lease
    letter: Letter
    taken: Taken
    given: Settings

    async def trouble(self, error: RelayTroubleError) -> None:
        """The relay cannot be talked to: later, and without counting it against the recipient."""
        await self._later(str(error))

    async def refused(self, error: RefusedError) -> None:
        """The relay said no: later when it says “for now”, never when it says “for ever” or has said “for now” too long."""
        async with self.database.transaction() as session:
            await renew(session, self.lease, 0)
            again = False
            if error.permanent:
                await mail.give_up(session, self.taken.id, str(error))
            else:
                again = await mail.refuse(session, self.taken.id, str(error), for_s=self.given.letter_retry_for_s)
            if not again:
                await finish(session, self.lease)
        if again:
            await self._later(error.summary)
        else:
            logger.warning("letter_dead", letter=str(self.taken.id), kind=self.taken.kind, why=error.summary)

    async def cut_before_the_dot(self, error: RelayTroubleError) -> None:
        """The line was cut after the commit and before the dot: nothing was accepted."""
        async with self.database.transaction() as session:
            await renew(session, self.lease, 0)
            await mail.take_back(session, self.taken.id)
        await self._later(str(error))

    async def doubtful(self, error: DoubtError) -> None:
        """Nobody knows. It may have arrived, so whoever reads it must be able to answer."""
        async with self.database.transaction() as session:
            await renew(session, self.lease, 0)
            await mail.doubt(session, self.taken.id, str(error))
            if self.letter.on_relayed is not None:
                await self.letter.on_relayed(session, self.lease.payload)
        logger.warning("letter_in_doubt", letter=str(self.taken.id), kind=self.taken.kind, why=str(error))
        await postpone(self.database, self.lease, "in doubt: waiting for evidence", self.given.letter_doubt_s)

    async def sent(self, reply: str) -> None:
        """The relay took it: the letter is sent and the task done, in one commit.

        When the task is no longer ours, the answer is recorded all the same: it closes the doubt of whoever took over.
        """
        try:
            await self._confirm(reply, fenced=True)
        except LeaseLostError:
            await self._confirm(reply, fenced=False)
        logger.info("letter_sent", letter=str(self.taken.id), kind=self.taken.kind)

    async def _confirm(self, reply: str, *, fenced: bool) -> None:
        async with self.database.transaction() as session:
            if fenced:
                await finish(session, self.lease)
            await mail.confirm(session, self.taken.id, reply)
            if self.letter.on_relayed is not None:
                await self.letter.on_relayed(session, self.lease.payload)

    async def _later(self, why: str) -> None:
        logger.warning("letter_postponed", letter=str(self.taken.id), kind=self.taken.kind, why=why)
        await postpone(self.database, self.lease, why, self.given.letter_retry_s)


async def conclude(outcome: Outcome, offer: Offer) -> None:
    """Write the dot, wait for the answer, and record it."""
    try:
        reply = await offer.finish(outcome.given.letter_reply_s)
    except RelayTroubleError as error:
        await outcome.cut_before_the_dot(error)
    except RefusedError as error:
        await outcome.refused(error)
    except DoubtError as error:
        await outcome.doubtful(error)
    else:
        await outcome.sent(reply)
