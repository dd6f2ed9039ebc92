"""Scopes, roles, and what makes two spellings of an address one person."""

import unicodedata
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

from email_validator import validate_email

RESOURCES = ("jurisdictions", "memberships", "commitments", "practices", "reviews", "recognitions", "exchange", "programme", "webhooks")
SCOPES = (*(f"{resource}:{verb}" for resource in RESOURCES for verb in ("read", "write")), "sync:write", "admin")
ROLES = ("admin", "secretariat", "chair", "jurisdiction_admin", "jurisdiction_member", "reviewer")
ADMIN = "admin"
"""The role and the scope of an administrator: whoever gives or takes it must be one."""
LINK_PURPOSES = ("sign_in", "invitation", "bootstrap")
"""Why a sign-in link was made: somebody asked for it, was invited, or is the first administrator."""


def email_key(email: str) -> str:
    """The form in which addresses are compared: NFKC, lower case, without a ``+tag``, the domain in punycode."""
    local, _, domain = unicodedata.normalize("NFKC", email).strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain.encode('idna').decode()}"


def address(email: str) -> str:
    """``email`` as it is stored and sent to: NFKC, the domain in lower case and punycode; ValueError says what is wrong.

    No DNS is asked: a request must not wait for it. The part before the @ must be ASCII, since not every relay speaks
    SMTPUTF8. Names below ``.test`` are let through: they lead nowhere, and rehearsals use them.
    """
    found = validate_email(unicodedata.normalize("NFKC", email), check_deliverability=False, allow_smtputf8=False, test_environment=True)
    return str(found.ascii_email)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_finding(zone: str) -> str | None:
    """Why ``zone`` is no IANA time zone; None when it is one."""
    return None if zone in _zones() else f"“{zone}” is not an IANA time zone."


def grant_finding(role: str, community_id: UUID | None, jurisdiction_id: UUID | None) -> str | None:
    """Why ``role`` cannot be held there; None when it can. A role is held everywhere, in a community, or for a jurisdiction."""
    if community_id is not None and jurisdiction_id is not None:
        return "A role is held in a community or for a jurisdiction, not both."
    if role.startswith("jurisdiction_") and jurisdiction_id is None:
        return f"“{role}” needs a jurisdiction_id."
    if role == "chair" and community_id is None:
        return "“chair” needs a community_id."
    if role == "admin" and community_id is not None:
        return "“admin” is held everywhere; who runs one community is its secretariat."
    if role in ("admin", "secretariat") and jurisdiction_id is not None:
        return f"“{role}” is never held for one jurisdiction."
    return None
