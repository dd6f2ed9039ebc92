"""THE table: what follows from what happened. Read this page to know the system.

Each event class names the tasks that its recording writes, in the transaction of the change: a queue and a handler.
`DOORS` says which service drains which queue. Work with a date of its own (deadlines, releases, calls that open and close)
is scheduled by the use case that sets the date.
"""

from services.core.accounts.events import ClientChanged, PersonChanged, PersonInvited, PersonSignedIn, PersonSignedOut
from services.core.commitments.events import (
    BandChanged,
    CommitmentAssessed,
    CommitmentMade,
    CommitmentProgressReported,
    CommitmentRevised,
    CommitmentWeakened,
)
from services.core.communities.events import (
    AgreementChanged,
    CommunityChanged,
    MembershipChanged,
    MembershipExpressedInterest,
    MembershipStatusChanged,
    RepresentativeChanged,
)
from services.core.jurisdictions.events import JurisdictionChanged
from services.core.ledger.event import Event
from services.core.ledger.events import TaskRequeued
from services.core.ledger.task import Reaction
from services.core.practices.events import (
    CallChanged,
    CallExtended,
    CallRescored,
    CallStatusChanged,
    PracticeAssessed,
    PracticeChanged,
    PracticeDecided,
    PracticeReturned,
    PracticeReviewBegun,
    PracticeSubmitted,
    PracticeWithdrawn,
)
from services.core.recognition.events import RecognitionGranted, RecognitionRevoked
from services.core.reviews.events import (
    AssignmentMade,
    DecisionMade,
    DecisionNeeded,
    ReviewAccepted,
    ReviewCancelled,
    ReviewDeclined,
    ReviewDrafted,
    ReviewExpired,
    ReviewExtended,
    ReviewInvited,
    ReviewOpened,
    ReviewReplaced,
    ReviewRequested,
    ReviewSubmitted,
)
from services.core.sync.events import SyncFinished

DOORS: dict[str, str] = {
    "commitments": "worker",
    "imports": "worker",
    "memberships": "worker",
    "practices": "worker",
    "rescoring": "worker",
    "reviews": "worker",
    "sync": "worker",
    "letters": "notifier",
}
"""Queue -> the service whose processes drain it."""


def _practice(queue: str, handler: str) -> Reaction:
    """Once per submission of a practice, whatever is recorded twice."""
    return Reaction(queue, handler, key=lambda event: f"{event.subject_id}:{event.data()['number']}")


REACTIONS: dict[type[Event], tuple[Reaction, ...]] = {
    # the ledger itself
    TaskRequeued: (),
    # accounts
    PersonChanged: (),
    PersonInvited: (Reaction("letters", "letters.person_invited"),),
    PersonSignedIn: (),
    PersonSignedOut: (),
    ClientChanged: (),
    # jurisdictions and communities
    JurisdictionChanged: (),
    CommunityChanged: (),
    MembershipChanged: (),
    MembershipExpressedInterest: (),
    MembershipStatusChanged: (),
    RepresentativeChanged: (),
    AgreementChanged: (),
    # commitments
    CommitmentMade: (Reaction("commitments", "commitments.assess"),),
    CommitmentRevised: (Reaction("commitments", "commitments.assess"),),
    CommitmentWeakened: (Reaction("commitments", "commitments.assess"),),
    CommitmentProgressReported: (Reaction("commitments", "commitments.assess"),),
    CommitmentAssessed: (),
    BandChanged: (),
    # practices
    CallChanged: (),
    CallExtended: (Reaction("reviews", "reviews.follow_extension"),),
    CallStatusChanged: (Reaction("reviews", "reviews.follow_call"),),
    CallRescored: (),
    PracticeChanged: (),
    PracticeSubmitted: (_practice("practices", "practices.assess"),),
    PracticeAssessed: (_practice("reviews", "reviews.assign"),),
    PracticeReturned: (_practice("letters", "letters.practice_returned"),),
    PracticeWithdrawn: (Reaction("reviews", "reviews.call_off"),),
    PracticeReviewBegun: (),
    PracticeDecided: (_practice("reviews", "recognition.consider"), _practice("letters", "letters.practice_decided")),
    # reviews
    AssignmentMade: (),
    ReviewRequested: (Reaction("letters", "letters.review_requested"),),
    ReviewInvited: (),
    ReviewAccepted: (Reaction("letters", "letters.review_accepted"),),
    ReviewDeclined: (Reaction("reviews", "reviews.replace"), Reaction("letters", "letters.review_declined")),
    ReviewOpened: (),
    ReviewDrafted: (),
    ReviewSubmitted: (Reaction("letters", "letters.review_received"),),
    ReviewReplaced: (),
    ReviewExtended: (),
    ReviewExpired: (Reaction("reviews", "reviews.replace"),),
    ReviewCancelled: (),
    DecisionMade: (),
    DecisionNeeded: (),
    # recognition
    RecognitionGranted: (Reaction("letters", "letters.recognition_granted"),),
    RecognitionRevoked: (),
    # sync
    SyncFinished: (),
}
