"""Who sees what: the conditions that every question about calls and practices carries."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, any_, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlalchemy.types import Uuid

from services.core.kit.actor import Actor
from services.core.kit.statements import param
from services.core.practices.models import Call, Practice
from services.core.practices.rules import PUBLISHED

CALL_IS_SEEN: ColumnElement[bool] = or_(
    param("runs_all", Boolean), Call.status != "draft", Call.community_id == any_(param("runs", ARRAY(Uuid)))
)
"""Calls are public once they are open; a draft is seen by those who run its community's calls."""


def called_in(communities: Any) -> ColumnElement[bool]:
    """The practice's call lies in one of the communities of this array."""
    its_call = aliased(Call)
    return and_(
        func.cardinality(communities) > 0,
        select(its_call.id).where(its_call.id == Practice.call_id, its_call.community_id == any_(communities)).correlate(Practice).exists(),
    )


DECIDES: ColumnElement[bool] = or_(param("decides_all", Boolean), called_in(param("decides", ARRAY(Uuid))))
"""The caller decides practices of this community where the reviews do not."""

IS_OWN: ColumnElement[bool] = or_(
    param("sees_all", Boolean),
    Practice.jurisdiction_id == any_(param("own", ARRAY(Uuid))),
    called_in(param("own_communities", ARRAY(Uuid))),
)
"""The practice is the caller's own jurisdiction's, lies in a community that they serve, or they see all of them."""

IS_PUBLISHED: ColumnElement[bool] = and_(or_(*(Practice.status == status for status in PUBLISHED)), Practice.consent_to_publish)
"""Everyone may read it."""

IS_SEEN: ColumnElement[bool] = or_(IS_OWN, IS_PUBLISHED)
"""Published practices are public; the others belong to their author and the secretariat, other members included."""


def seen_by(actor: Actor) -> dict[str, Any]:
    """The parameters of the conditions on practices for ``actor``."""
    reach, decides = actor.reach("practices:read"), actor.reach("practices:decide")
    return {
        "sees_all": reach.everywhere, "own": list(reach.jurisdictions), "own_communities": list(reach.communities),
        "decides_all": decides.everywhere, "decides": list(decides.communities),
    }  # fmt: skip


def calls_seen_by(actor: Actor) -> dict[str, Any]:
    """The parameters of `CALL_IS_SEEN` for ``actor``."""
    reach = actor.reach("calls:write")
    return {"runs_all": reach.everywhere, "runs": list(reach.communities)}
