"""The letters of this house, each named by what its reader learns; a letter is a module here and a folder of templates."""

from services.notifier.letter import Letter
from services.notifier.letters import (
    person_invited,
    practice_decided,
    practice_returned,
    recognition_granted,
    review_accepted,
    review_declined,
    review_received,
    review_requested,
    sign_in_link,
)

LETTERS: dict[str, Letter] = {
    "review_requested": review_requested.LETTER,
    "review_accepted": review_accepted.LETTER,
    "review_declined": review_declined.LETTER,
    "review_received": review_received.LETTER,
    "practice_returned": practice_returned.LETTER,
    "practice_decided": practice_decided.LETTER,
    "recognition_granted": recognition_granted.LETTER,
    "sign_in_link": sign_in_link.LETTER,
    "person_invited": person_invited.LETTER,
}
