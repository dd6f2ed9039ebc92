"""The published rubrics, as everyone may read them."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from services.core.kit.errors import not_found
from services.core.practices import rubric, schemas

_FOLDER = files("services.core.practices") / "rubrics"


@cache
def rubrics() -> bytes:
    """A `RubricPage` of all versions, oldest first."""
    versions = rubric.versions()
    items = [
        {"version": each, "is_newest": each == versions[-1], "url": f"/v1/rubrics/{each}", "sources": _data(each)["sources"]}
        for each in versions
    ]
    return orjson.dumps({"items": items, "next_cursor": None})


@cache
def rubric_body(version: str) -> bytes:
    """A `Rubric`: all that its file says. 404 when there is none."""
    if version not in rubric.versions():
        raise not_found()
    return schemas.Rubric.model_validate(_data(version)).model_dump_json(exclude_unset=True).encode()


def _data(version: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((_FOLDER / f"{version}.json").read_text(encoding="utf-8"))
    return data
