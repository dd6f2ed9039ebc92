"""The tasks of peer review and of what it earns: when they are due is said by who scheduled them."""

from services.core.kit.db import Session
from services.core.ledger.task import Handler, Lease
from services.core.recognition import service as recognition
from services.core.reviews import service as reviews


async def _assign(session: Session, lease: Lease) -> None:
    await reviews.assign_rolling(session, lease.uuid("call_id"))


async def _replace(session: Session, lease: Lease) -> None:
    await reviews.replace(session, lease.uuid("id"))


async def _expire_request(session: Session, lease: Lease) -> None:
    await reviews.expire_request(session, lease.uuid("id"))


async def _due(session: Session, lease: Lease) -> None:
    await reviews.reviews_due(session, lease.uuid("practice_id"), int(lease.payload["round"]))


async def _release(session: Session, lease: Lease) -> None:
    await reviews.release(session, lease.uuid("practice_id"), int(lease.payload["round"]))


async def _follow_call(session: Session, lease: Lease) -> None:
    await reviews.follow_call(session, lease.uuid("id"), str(lease.payload["action"]))


async def _follow_extension(session: Session, lease: Lease) -> None:
    await reviews.follow_extension(session, lease.uuid("id"))


async def _call_off(session: Session, lease: Lease) -> None:
    await reviews.call_off(session, lease.uuid("id"))


async def _recognise(session: Session, lease: Lease) -> None:
    await recognition.consider(session, lease.uuid("id"))


HANDLERS = [
    Handler("reviews.assign", work=_assign),
    Handler("reviews.replace", work=_replace),
    Handler("reviews.expire_request", work=_expire_request),
    Handler("reviews.due", work=_due),
    Handler("reviews.release", work=_release),
    Handler("reviews.follow_call", work=_follow_call),
    Handler("reviews.follow_extension", work=_follow_extension),
    Handler("reviews.call_off", work=_call_off),
    Handler("recognition.consider", work=_recognise),
]
