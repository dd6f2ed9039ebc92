"""Writing a letter: out of its task's ids, once, into frozen bytes."""

from email.utils import parseaddr

from services.core.kit.clock import now
from services.core.kit.db import Session
from services.core.kit.settings import Settings
from services.core.mail import service as mail
from services.core.mail.schemas import Draft, Taken
from services.notifier.letter import Letter, Payload
from services.notifier.render import address, compose, render


async def write(session: Session, letter: Letter, payload: Payload, given: Settings) -> Taken | None:
    """The letter of this task, written and frozen; None when there is nothing to tell."""
    context = await letter.told(session, payload)
    if context is None:
        return None
    kind, secret = payload["letter"], given.secret_key.get_secret_value()
    letter_id = mail.new_letter_id()
    message_id = mail.message_id(letter_id, secret=secret, domain=given.mail_domain)
    rendered = render(kind, context, given)
    draft = Draft(
        id=letter_id,
        dedupe_key=payload["key"],
        kind=kind,
        to_addr=address(context.reader.email),
        envelope_from=parseaddr(given.mail_from)[1],
        subject=rendered.subject,
        message_id=message_id,
        raw=compose(rendered, context.reader, given, message_id=message_id, written_at=await now(session)),
    )
    return await mail.freeze(session, draft, secret=secret)
