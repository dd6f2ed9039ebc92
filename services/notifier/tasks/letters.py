"""Letters: who gets which, and the sending itself.

An event's task is a fan-out: it writes one task per recipient, each with the dedupe key of its letter, so that what is
recorded twice or run twice is written once.
"""

from uuid import UUID

from services.core.accounts import service as accounts
from services.core.communities import queries as communities
from services.core.kit import settings as configuration
from services.core.kit.crypto import SealBrokenError
from services.core.kit.db import Session
from services.core.kit.log import logger
from services.core.ledger.record import schedule
from services.core.ledger.task import Handler, Lease, Task
from services.core.practices import queries as practices
from services.notifier import posting

MANY = 100_000
"""A letter's own clock ends its attempts (72 hours of refusals), not a count: days without a relay must not kill it."""
WITH_RECOGNITION = frozenset({"recognised", "commended"})
"""The outcomes from which a recognition follows."""


def write_task(session: Session, letter: str, *ids: object, **payload: object) -> None:
    """The task of one letter to one reader. ``ids`` make it unique."""
    key = ":".join(["letter", letter, *map(str, ids)])
    task = Task(
        queue="letters", handler="letters.send", dedupe_key=key, payload={"letter": letter, "key": key, **payload}, max_attempts=MANY
    )
    schedule(session, task)


async def review_requested(session: Session, lease: Lease) -> None:
    """Ask the reviewer."""
    request, practice_round = lease.payload["id"], lease.payload["round"]
    write_task(session, "review_requested", request, practice_round, request_id=request)


async def review_accepted(session: Session, lease: Lease) -> None:
    """Confirm to the reviewer what was answered."""
    request, answer = lease.payload["id"], lease.payload["answer"]
    write_task(session, "review_accepted", request, answer, request_id=request, answer=answer)


async def review_declined(session: Session, lease: Lease) -> None:
    """Confirm to the reviewer what was answered."""
    request, answer = lease.payload["id"], lease.payload["answer"]
    write_task(session, "review_declined", request, answer, request_id=request, answer=answer)


async def review_received(session: Session, lease: Lease) -> None:
    """Thank the reviewer for the final review."""
    request = lease.payload["id"]
    write_task(session, "review_received", request, request_id=request)


async def practice_returned(session: Session, lease: Lease) -> None:
    """Tell each representative of the author what keeps the practice from being reviewed."""
    practice = lease.uuid("id")
    await _tell_authors(session, "practice_returned", practice, practice, lease.payload["number"])


async def practice_decided(session: Session, lease: Lease) -> None:
    """Tell each representative of the author; a recognition's own letter tells of the good outcomes."""
    practice, outcome = lease.uuid("id"), lease.payload["outcome"]
    if outcome not in WITH_RECOGNITION:
        await _tell_authors(session, "practice_decided", practice, practice, lease.payload["number"], outcome=outcome)


async def recognition_granted(session: Session, lease: Lease) -> None:
    """Tell each representative of the author, with the code by which anyone can check it."""
    await _tell_authors(session, "recognition_granted", lease.uuid("practice_id"), lease.uuid("id"))


async def sign_in_link(session: Session, lease: Lease) -> None:
    """Send a sign-in link to whoever has the address that was asked with; a stranger gets nothing."""
    secret = configuration.settings().secret_key.get_secret_value()
    try:
        person_id = await accounts.who_asked(session, lease.payload, secret=secret)
    except SealBrokenError:  # asked under another SECRET_KEY: whoever still waits asks again
        logger.warning("sign_in_link_unreadable", task=str(lease.id))
        return
    if person_id is not None:
        write_task(session, "sign_in_link", person_id, lease.payload["minute"], person_id=person_id)


async def person_invited(session: Session, lease: Lease) -> None:
    """Invite someone who was made known to ComP Hub."""
    person, by = lease.payload["id"], {name: lease.payload[name] for name in ("by_kind", "by_id")}
    write_task(session, "person_invited", person, person_id=person, **by)


async def _tell_authors(session: Session, letter: str, practice_id: UUID, *ids: object, **payload: object) -> None:
    practice = await practices.brief(session, practice_id)
    for person in await communities.recipients(session, practice.community_id, practice.jurisdiction_id):
        ours = {"practice_id": practice_id, "person_id": person.person_id, **payload}
        write_task(session, letter, *ids, person.person_id, **ours)


HANDLERS = [
    Handler("letters.send", conversation=posting.send),
    Handler("letters.review_requested", work=review_requested, group=10),
    Handler("letters.review_accepted", work=review_accepted, group=10),
    Handler("letters.review_declined", work=review_declined, group=10),
    Handler("letters.review_received", work=review_received, group=10),
    Handler("letters.practice_returned", work=practice_returned),
    Handler("letters.practice_decided", work=practice_decided),
    Handler("letters.recognition_granted", work=recognition_granted),
    Handler("letters.sign_in_link", work=sign_in_link),
    Handler("letters.person_invited", work=person_invited, group=10),
]
