"""Identifiers: UUIDv7, made here, so that an id is known before its row exists."""

import uuid

import uuid_utils


def new_id() -> uuid.UUID:
    """A fresh UUIDv7 as the standard library's type (asyncpg and orjson know no other)."""
    return uuid.UUID(int=uuid_utils.uuid7().int)
