"""The machine's assessment of a submission: a pure function of what was handed in, the circumstances, and the rubric."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from services.core.practices import scoring, validation
from services.core.practices.content import plain
from services.core.practices.rubric import Rubric
from services.core.practices.scoring import Assessment
from services.core.practices.submission import Circumstances, Relation, Resemblance, Submission

__all__ = ["Circumstances", "Relation", "Resemblance", "assess", "blocks", "circumstances_of", "told"]


def assess(submission: Submission, circumstances: Circumstances, rubric: Rubric) -> Assessment:
    """Validate and score a submission. Same inputs, same assessment, same hash, for ever."""
    findings = validation.validate(submission, circumstances, rubric)
    return scoring.score(submission, circumstances, rubric, findings)


def told(assessment: Assessment, circumstances: Circumstances) -> dict[str, Any]:
    """The members of an assessment as JSON values, as they are stored and shown."""
    return {
        "rubric_version": assessment.rubric_version,
        "inputs_hash": assessment.inputs_hash,
        "findings": _json(assessment.findings),
        "band": assessment.band,
        "total": assessment.total,
        "criteria": [_criterion(criterion) for criterion in _json(assessment.criteria)],
        "inputs": _json(circumstances),
    }


def blocks(assessment: Assessment) -> bool:
    """Whether the draft goes back to its author."""
    return validation.blocks(assessment.findings)


def circumstances_of(inputs: Mapping[str, Any]) -> Circumstances:
    """The circumstances that were stored with an assessment."""
    resembling = tuple(Resemblance(**{**entry, "share": Decimal(str(entry["share"]))}) for entry in inputs["resembling"])
    return Circumstances(inputs["year"], tuple(inputs["themes"]), resembling)


def _json(value: Any) -> Any:
    """Dataclasses as JSON values; in one go, since an assessment has hundreds of members."""
    return orjson.loads(orjson.dumps(value, default=plain))


def _criterion(members: dict[str, Any]) -> dict[str, Any]:
    """A criterion without what its rubric does not tell, or what did not happen."""
    return {name: value for name, value in members.items() if value or name not in ("checks", "capped_at")}
