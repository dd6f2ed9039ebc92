"""Who sees what: the conditions that every question about calls and practices carries."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, any_, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from services.core.kit.actor import Actor
from services.core.kit.statements import param
from services.core.practices.models import Call, Practice
from services.core.practices.rules import PUBLISHED

IS_ADMIN: ColumnElement[bool] = param("is_admin", Boolean)
"""The caller is the secretariat."""

CALL_IS_SEEN: ColumnElement[bool] = or_(IS_ADMIN, Call.status != "draft")
"""Calls are public once they are open."""

IS_OWN: ColumnElement[bool] = or_(param("sees_all", Boolean), Practice.jurisdiction_id == any_(param("own", ARRAY(Uuid))))
"""The practice is the caller's own jurisdiction's, or the caller sees all of them."""

IS_PUBLISHED: ColumnElement[bool] = and_(or_(*(Practice.status == status for status in PUBLISHED)), Practice.consent_to_publish)
"""Everyone may read it."""

IS_SEEN: ColumnElement[bool] = or_(IS_OWN, IS_PUBLISHED)
"""Published practices are public; the others belong to their author and the secretariat, other members included."""


def seen_by(actor: Actor) -> dict[str, Any]:
    """The parameters of these conditions for ``actor``."""
    return {"is_admin": actor.is_admin, "sees_all": actor.sees_all, "own": list(actor.jurisdictions or ())}
