"""What may be done with people, API clients and their keys, and how people sign in."""

from services.core.accounts.service.clients import Issued, create_client, issue_key, remove_client, revoke_key
from services.core.accounts.service.granting import lock_administrators
from services.core.accounts.service.people import amend_person, create_person, people_for, person_for, remove_person
from services.core.accounts.service.signing_in import (
    Opened,
    ask_for_link,
    close_session,
    mint_sign_in_link,
    open_session,
    who_asked,
)

__all__ = [
    "Issued",
    "Opened",
    "amend_person",
    "ask_for_link",
    "close_session",
    "create_client",
    "create_person",
    "issue_key",
    "lock_administrators",
    "mint_sign_in_link",
    "open_session",
    "people_for",
    "person_for",
    "remove_client",
    "remove_person",
    "revoke_key",
    "who_asked",
]
