"""The machine's assessment of a submission: validated and scored under the call's rubric, once."""

from uuid import UUID
from zoneinfo import ZoneInfo

from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.kit.ids import new_id
from services.core.ledger.record import record
from services.core.practices import assessment, queries, rubric
from services.core.practices.assessment import Circumstances
from services.core.practices.content import submission_of
from services.core.practices.events import PracticeAssessed, PracticeReturned
from services.core.practices.models import Assessment
from services.core.practices.queries import ToAssess
from services.core.practices.states import PRACTICE


async def assess(session: Session, practice_id: UUID, number: int) -> None:
    """Assess the submission ``number``; nothing happens when it was assessed or withdrawn meanwhile.

    Blocking findings return the practice to its author, with everything that was found; else it is assessed.
    """
    with session.no_autoflush:  # a group of submissions is then written at once
        found = await queries.to_assess(session, practice_id, number)
    if found is None:
        return
    circumstances = Circumstances(found.now.astimezone(ZoneInfo(found.time_zone)).year, tuple(found.themes))
    assessed = assessment.assess(submission_of(found.content), circumstances, rubric.load(found.rubric_version))
    session.add(Assessment(id=new_id(), practice_id=practice_id, number=number, **assessment.told(assessed, circumstances)))
    _go(session, found, number, is_blocked=assessment.blocks(assessed))


def _go(session: Session, found: ToAssess, number: int, *, is_blocked: bool) -> None:
    row = found.practice
    before, row.status = row.status, PRACTICE.next(row.status, "return" if is_blocked else "assess")
    event = (PracticeReturned if is_blocked else PracticeAssessed)(
        subject_id=row.id,
        jurisdiction_id=row.jurisdiction_id,
        community_id=found.community_id,
        call_id=row.call_id,
        number=number,
        before={"status": before},
        after={"status": row.status},
    )
    record(session, SYSTEM, event)
