"""Granting and revoking recognitions."""

from uuid import UUID

from services.core.kit import clock
from services.core.kit.actor import SYSTEM, Actor
from services.core.kit.db import Session
from services.core.kit.ids import new_id
from services.core.kit.versions import check_version
from services.core.ledger.record import record
from services.core.recognition import queries
from services.core.recognition.codes import new_code
from services.core.recognition.events import RecognitionGranted, RecognitionRevoked
from services.core.recognition.models import Recognition
from services.core.recognition.rules import LEVELS, RECOGNITION


async def consider(session: Session, practice_id: UUID) -> UUID | None:
    """Grant what a decided practice has earned, once; None when it has earned nothing, or has it already."""
    practice = await queries.candidate(session, practice_id)
    if practice.status not in LEVELS or await queries.of_practice(session, practice_id) is not None:
        return None
    row = Recognition(
        id=new_id(),
        practice_id=practice_id,
        jurisdiction_id=practice.jurisdiction_id,
        call_id=practice.call_id,
        level=practice.status,
        theme=practice.theme,
        code=new_code(),
        status="granted",
        granted_at=await clock.now(session),
    )
    session.add(row)
    granted = RecognitionGranted(
        subject_id=row.id,
        jurisdiction_id=row.jurisdiction_id,
        community_id=practice.community_id,
        practice_id=practice_id,
        call_id=row.call_id,
        level=row.level,
    )
    record(session, SYSTEM, granted)
    return row.id


async def revoke(session: Session, actor: Actor, recognition_id: UUID, reason: str, version: int | None = None) -> None:
    """Take a recognition back; its code answers from then on that it is not valid."""
    row = await queries.load(session, recognition_id)
    check_version(row.version, version)
    before, row.status = row.status, RECOGNITION.next(row.status, "revoke")
    row.revoked_at = await clock.now(session)
    row.revoked_reason = reason
    revoked = RecognitionRevoked(
        subject_id=row.id,
        jurisdiction_id=row.jurisdiction_id,
        practice_id=row.practice_id,
        call_id=row.call_id,
        reason=reason,
        before={"status": before},
        after={"status": row.status},
    )
    record(session, actor, revoked)
