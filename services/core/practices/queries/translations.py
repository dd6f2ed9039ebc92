"""Translations as they are shown: each says whether a machine made it, also those that were kept before that was asked."""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import JSONB

from services.core.kit.statements import json_text


def translations_of(kept: Any) -> ColumnElement[Any]:
    """The translations in the ``jsonb`` value ``kept``, complete; one that does not say that a machine made it, a person made."""
    each = func.jsonb_each(kept, type_=JSONB).table_valued("key", "value", name="translation")
    texts = json_text({"machine_translated": False}).concat(each.c.value)
    return func.coalesce(select(func.jsonb_object_agg(each.c.key, texts)).scalar_subquery(), json_text({}))
