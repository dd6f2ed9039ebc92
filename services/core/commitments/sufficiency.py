"""Whether a target is enough: against the nation's contribution (NDC), and against a fair share of 1.5 °C."""

from typing import Any

from services.core.commitments import fair_share, ndc
from services.core.commitments.rules import Context, Target


def sufficiency(target: Target, context: Context) -> dict[str, Any]:
    """The verdict, in the shape `Sufficiency`. What could not be assessed is never a pass: it keeps the verdict from being ``enough``."""
    tests = [ndc.test(target, context), fair_share.test(target, context)]
    verdict, reason = verdict_of({test["name"]: test["passed"] for test in tests})
    return {"verdict": verdict, "reason": reason, "tests": tests}


_NAMES = {"ndc": "the nation's contribution (NDC)", "fair_share_1_5c": "a fair share of 1.5 °C"}


def verdict_of(passed: dict[str, bool | None]) -> tuple[str, str]:
    """The verdict on tests (name -> passed, failed, or None), and why, in one sentence."""
    failed, met, open_ = (_named(passed, outcome=outcome) for outcome in (False, True, None))
    if failed:
        return "not_enough", f"It is less than {failed}."
    if not met:
        return "not_assessed", f"It could not be compared with {open_.replace(' and ', ' or ')}; each test says why."
    if open_:
        return "partly_assessed", f"It is at least {met}, but it could not be compared with {open_}."
    return "enough", f"It is at least {met}."


def _named(passed: dict[str, bool | None], *, outcome: bool | None) -> str:
    return " and ".join(_NAMES[name] for name, each in passed.items() if each is outcome)
