"""The targets of the Sustainable Development Goals: which there are, and which goal each belongs to."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Final

FORM: Final = re.compile(r"(1[0-7]|[1-9])\.([0-9]{1,2}|[a-d])")
"""How the id of a target is written: 7.2, 11.b."""


@cache
def targets() -> frozenset[str]:
    """The ids of the 169 targets. The list is part of every assessment: it is never edited, another would stand beside it."""
    text = (files(__package__) / "standards" / "sdg-targets-2015.json").read_text(encoding="utf-8")
    return frozenset(target for goal in json.loads(text)["goals"].values() for target in goal)


def goal(target: str) -> str:
    """The goal of a target: ``"11"`` of ``"11.b"``."""
    return target.partition(".")[0]
