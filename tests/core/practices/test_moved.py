"""What moved between two assessments of one submission, and what a report makes of many."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.core.practices import moved
from services.core.practices.rubric import BANDS

Json = dict[str, Any]
ID = "00000000-0000-7000-8000-00000000000{}"


def finding(code: str, severity: str = "warning", pointer: str = "/summary") -> Json:
    return {"code": code, "severity": severity, "pointer": pointer, "message": f"{code}."}


def criterion(code: str, weight: int, points: float, most: int = 10) -> Json:
    return {"code": code, "weight": weight, "points": points, "max": most, "reasons": []}


def score(total: str, band: str, criteria: list[Json] | None = None, findings: list[Json] | None = None) -> moved.Score:
    return moved.score_of(Decimal(total), band, criteria or [], findings or [])


def entry(number: int, before: moved.Score, after: moved.Score) -> Json:
    return moved.compared({"practice_id": ID.format(number), "number": 1, "title": f"Practice {number}"}, before, after)


def test_a_criterion_moves_by_its_share_of_the_total_whatever_points_a_rubric_gives() -> None:
    before = score("45", "awareness", [criterion("impact", 30, 5), criterion("finance", 70, 4.2857, 10)])
    after = score("45", "awareness", [criterion("impact", 30, 10, 20), criterion("durability", 70, 3)])
    told = entry(1, before, after)
    assert told["criteria"] == [{"code": "finance", "before": 30, "after": None}, {"code": "durability", "before": None, "after": 21}]
    assert moved.has_moved(told)


def test_the_same_remark_with_another_severity_is_another_finding() -> None:
    before = score("50", "awareness", findings=[finding("few-partners"), finding("links")])
    after = score("50", "awareness", findings=[finding("links"), finding("few-partners", "blocking"), finding("links", pointer="/problem")])
    told = entry(1, before, after)
    added = [(each["code"], each["severity"], each["pointer"]) for each in told["findings"]["added"]]
    assert added == [("few-partners", "blocking", "/summary"), ("links", "warning", "/problem")]
    assert [each["code"] for each in told["findings"]["gone"]] == ["few-partners"]
    assert (told["before"]["is_returned"], told["after"]["is_returned"]) == (False, True)


def test_what_is_the_same_has_not_moved() -> None:
    same = score("50.25", "awareness", [criterion("impact", 30, 5)], [finding("links")])
    told = entry(1, same, same)
    assert not moved.has_moved(told)
    assert (told["before"], told["delta"]) == ({"total": 50.25, "band": "awareness", "is_returned": False}, 0)
    assert moved.moved([told]) == []


def test_a_report_begins_with_what_moved_farthest_and_counts_each_practice_once() -> None:
    entries = [
        entry(1, score("50", "awareness"), score("55", "awareness")),
        entry(2, score("62", "management"), score("41.5", "awareness", findings=[finding("x", "blocking")])),
        entry(3, score("50", "awareness"), score("50", "awareness")),
        entry(5, score("50", "awareness"), score("45", "awareness")),
        entry(4, score("39", "disclosure"), score("41", "awareness")),
    ]
    assert [each["practice_id"][-1] for each in moved.moved(entries)] == ["2", "1", "5", "4"]
    assert moved.counts(entries, kept=2) == {
        "practices": 5, "assessed": 3, "kept": 2, "moved": 4, "up": 2, "down": 2, "returned_would_be": 1,
    }  # fmt: skip
    matrix = {(each["from"], each["to"]): each["practices"] for each in moved.bands(entries)}
    assert list(matrix) == [(before, after) for before in BANDS for after in BANDS]
    assert {pair: practices for pair, practices in matrix.items() if practices} == {
        ("disclosure", "awareness"): 1, ("awareness", "awareness"): 3, ("management", "awareness"): 1,
    }  # fmt: skip


points = st.decimals(0, 10, places=2)


@given(st.lists(st.tuples(points, points), min_size=1, max_size=6))
def test_the_criteria_account_for_the_difference_of_the_totals(pairs: list[tuple[Decimal, Decimal]]) -> None:
    weight = 100 // len(pairs)
    sides = [[criterion(f"c{n}", weight, float(pair[side])) for n, pair in enumerate(pairs)] for side in (0, 1)]
    totals = [sum((weight * pair[side] / 10 for pair in pairs), Decimal(0)).quantize(Decimal("0.01")) for side in (0, 1)]
    told = entry(1, *(score(str(total), "awareness", side) for total, side in zip(totals, sides, strict=True)))
    differences = sum(Decimal(str(each["after"])) - Decimal(str(each["before"])) for each in told["criteria"])
    assert abs(differences - Decimal(str(told["delta"]))) <= Decimal("0.01") * (len(pairs) + 1)


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=20), st.integers(0, 20))
def test_two_parts_count_like_one(pairs: list[tuple[int, int]], cut: int) -> None:
    entries = [entry(1, score(str(a), BANDS[a // 26]), score(str(b), BANDS[b // 26])) for a, b in pairs]
    whole = moved.counts(entries, kept=0)
    assert moved.added(moved.counts(entries[:cut], kept=0), moved.counts(entries[cut:], kept=0)) == whole
    assert moved.added({}, whole) == whole
    assert sum(each["practices"] for each in moved.bands(entries)) == whole["practices"] == len(entries)
