"""Questions about accounts: who a credential belongs to, the lists that the secretariat sees, and what a caller is told."""

from services.core.accounts.queries.clients import CLIENT, CLIENTS, live_keys, load_client, load_key
from services.core.accounts.queries.keys import actor_of_credential, actor_of_key, actor_of_session
from services.core.accounts.queries.people import (
    PERSON,
    Addressee,
    addressee,
    create_people,
    grants,
    has_admin,
    has_other_admin,
    load_person,
    name_of,
    people,
    people_with,
    person_with,
)
from services.core.accounts.queries.sessions import has_live_link, link_is_for, me
from services.core.accounts.queries.starters import actor_now, starter

__all__ = [
    "CLIENT",
    "CLIENTS",
    "PERSON",
    "Addressee",
    "actor_now",
    "actor_of_credential",
    "actor_of_key",
    "actor_of_session",
    "addressee",
    "create_people",
    "grants",
    "has_admin",
    "has_live_link",
    "has_other_admin",
    "link_is_for",
    "live_keys",
    "load_client",
    "load_key",
    "load_person",
    "me",
    "name_of",
    "people",
    "people_with",
    "person_with",
    "starter",
]
