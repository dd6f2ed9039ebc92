"""Talking SMTP, with the end of a letter in a step of its own.

aiosmtplib raises the same error for a line that was cut before, in and after the terminating dot, so
it only does what has no such doubt: connecting, TLS, login, MAIL, RCPT, DATA and the body. The dot is ours: `Offer.finish`
writes it after the caller has committed that it is about to, and says which of three things is true: the relay took the
letter (`finish` returns), it refused it (`RefusedError`), or nobody knows (`DoubtError`).
"""

import asyncio
import re
from contextlib import suppress
from functools import cache

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected

from services.notifier.smtp_url import RelayAddress, parse

IDLE_S = 30
"""How long a line is kept for the next letter; relays close idle ones after minutes."""
_OK, _GO_AHEAD, _CLOSING, _PERMANENT = 250, 354, 421, 500
_NOT_THE_LETTERS_FAULT = frozenset({_CLOSING, 530, 534, 535, 538})
"""The relay is closing, or does not let *us* in: no verdict about this letter."""
_LEADING_DOT = re.compile(rb"(?m)^\.")
_DOT = b".\r\n"


class RelayTroubleError(Exception):
    """The relay cannot be talked to. The letter was certainly not accepted, and it is not the recipient's doing."""


class RefusedError(Exception):
    """The relay answered no: the letter was certainly not accepted."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.permanent = code >= _PERMANENT

    @property
    def summary(self) -> str:
        """The codes alone: what a relay says may name the recipient, so it goes into no log."""
        enhanced = re.match(r"\d{3} (\d\.\d{1,3}\.\d{1,3})\b", str(self))
        return f"the relay said {self.code}" + (f" {enhanced[1]}" if enhanced else "")


class DoubtError(Exception):
    """The dot was written and no answer came: accepted or not, nobody knows."""


class Relay:
    """The installation's relay: at most ``limit`` lines at a time, each used for one letter after another."""

    def __init__(self, address: RelayAddress, *, greeting: str, limit: int) -> None:
        self._address = address
        self._greeting = greeting
        self._places = asyncio.Semaphore(limit)
        self._idle: list[tuple[SMTP, float]] = []

    async def offer(self, sender: str, recipient: str, raw: bytes) -> "Offer":
        """Say everything but the dot. `RelayTroubleError`, `RefusedError`; cancel it, and the line is closed."""
        await self._places.acquire()
        try:
            return Offer(self, await self._offered(sender, recipient, raw))
        except BaseException:
            self._places.release()
            raise

    async def close(self) -> None:
        """Say goodbye on every idle line."""
        while self._idle:
            smtp, _ = self._idle.pop()
            with suppress(SMTPException, OSError):
                await smtp.quit(timeout=1)
            smtp.close()

    def give_back(self, smtp: SMTP, *, usable: bool) -> None:
        """The letter is over: the next one may have the line."""
        self._places.release()
        self._shelve(smtp, usable=usable)

    def _shelve(self, smtp: SMTP, *, usable: bool) -> None:
        if usable and smtp.is_connected:
            self._idle.append((smtp, asyncio.get_running_loop().time()))
        else:
            smtp.close()

    async def _offered(self, sender: str, recipient: str, raw: bytes) -> SMTP:
        used = self._reusable()
        if used is not None:
            with suppress(RelayTroubleError):  # relays end idle lines when they like: try once more on a fresh one
                return await self._said(used, sender, recipient, raw)
        return await self._said(await self._connect(), sender, recipient, raw)

    async def _said(self, smtp: SMTP, sender: str, recipient: str, raw: bytes) -> SMTP:
        try:
            await _say(smtp, sender, recipient, raw)
        except RefusedError:
            await self._keep_after_refusal(smtp)
            raise
        except BaseException:
            smtp.close()
            raise
        return smtp

    async def _keep_after_refusal(self, smtp: SMTP) -> None:
        """The relay refused a letter, not us: the line is good for the next one."""
        kept = False
        try:
            with suppress(SMTPException, OSError):
                await smtp.rset()
                kept = True
        finally:
            self._shelve(smtp, usable=kept)

    def _reusable(self) -> SMTP | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            smtp, since = self._idle.pop()
            if smtp.is_connected and now - since < IDLE_S:
                return smtp
            smtp.close()
        return None

    async def _connect(self) -> SMTP:
        to = self._address
        smtp = SMTP(
            hostname=to.host,
            port=to.port,
            username=to.username,
            password=to.password,
            local_hostname=self._greeting,
            use_tls=to.tls == "from_start",
            start_tls={"required": True, "offered": None}.get(to.tls, False),
            timeout=None,  # the caller's
        )
        try:
            await smtp.connect()
        except SMTPResponseException as error:
            raise RelayTroubleError(f"no line to the relay: it said {error.code}") from error
        except (SMTPException, OSError) as error:
            raise RelayTroubleError(f"no line to the relay: {type(error).__name__}") from error
        return smtp


class Offer:
    """A letter that the relay has, all but its dot."""

    def __init__(self, relay: Relay, smtp: SMTP) -> None:
        self._relay = relay
        self._smtp = smtp

    def withdraw(self) -> None:
        """Hang up: without its dot the letter is nothing."""
        self._relay.give_back(self._smtp, usable=False)

    async def finish(self, wait_s: float) -> str:
        """Write the dot and wait for the answer, at most ``wait_s`` seconds: the relay's words when it took the letter.

        `RelayTroubleError` when the line was cut before the dot was written, `RefusedError`, or `DoubtError`.
        """
        usable = False
        try:
            protocol = self._smtp.protocol
            if protocol is None or not protocol.is_connected:
                raise RelayTroubleError("the relay hung up before the end of the letter")
            protocol.write(_DOT)
            try:
                reply = await protocol.read_response(timeout=wait_s)
            except (SMTPException, OSError) as error:
                raise DoubtError(type(error).__name__) from error
            usable = reply.code != _CLOSING
            if reply.code // 100 == _OK // 100:
                return f"{reply.code} {reply.message}"
            if reply.code < 400:  # noqa: PLR2004  neither yes nor no
                usable = False
                raise DoubtError(f"the relay said {reply.code}")
            raise RefusedError(reply.code, reply.message)
        finally:
            self._relay.give_back(self._smtp, usable=usable)


async def _say(smtp: SMTP, sender: str, recipient: str, raw: bytes) -> None:
    try:
        await smtp.mail(sender)
        await smtp.rcpt(recipient)
        reply = await smtp.execute_command(b"DATA")
        if reply.code != _GO_AHEAD:
            raise SMTPResponseException(reply.code, reply.message)  # noqa: TRY301  one place tells the codes apart
        if smtp.protocol is None:
            raise SMTPServerDisconnected("hung up before the body")
        smtp.protocol.write(_LEADING_DOT.sub(b"..", raw))
    except SMTPResponseException as error:
        if error.code in _NOT_THE_LETTERS_FAULT or error.code < 400:  # noqa: PLR2004
            raise RelayTroubleError(f"the relay said {error.code}") from error
        raise RefusedError(error.code, error.message) from error
    except (SMTPException, OSError) as error:
        raise RelayTroubleError(type(error).__name__) from error


@cache
def relay(url: str, *, greeting: str, limit: int) -> Relay:
    """This process's lines to the relay at ``url``."""
    return Relay(parse(url), greeting=greeting, limit=limit)
