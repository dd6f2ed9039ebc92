"""Scopes, roles, and what makes two spellings of an address one person."""

import unicodedata

RESOURCES = ("jurisdictions", "memberships", "commitments", "practices", "reviews", "recognitions", "exchange", "programme", "webhooks")
SCOPES = (*(f"{resource}:{verb}" for resource in RESOURCES for verb in ("read", "write")), "sync:write", "admin")
ROLES = ("admin", "secretariat", "chair", "jurisdiction_admin", "jurisdiction_member", "reviewer")


def email_key(email: str) -> str:
    """The form in which addresses are compared: NFKC, lower case, without a ``+tag``, the domain in punycode."""
    local, _, domain = unicodedata.normalize("NFKC", email).strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain.encode('idna').decode()}"
