"""The assignment: what it never does, what it prefers, and that it is the optimum (against brute force)."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from services.core.reviews.affinity import (
    WEIGHTS,
    Context,
    Parts,
    PracticeIn,
    ReviewerIn,
)
from services.core.reviews.assignment import Assignment, assign
from services.core.reviews.conflicts import Conflict, Kept

KAOHSIUNG = Context(2_765_932, 2952, 24_000, 0.45, 20.0, "Aw", coastal=True, level="city")
YOKOHAMA = Context(3_776_146, 438, 36_000, 0.25, 5.7, "Cfa", coastal=True, level="city")
KYOTO = Context(1_452_549, 828, 35_000, 0.22, 4.5, "Cfa", coastal=False, level="city")
PRACTICE = PracticeIn("p1", "kaohsiung", "TW", "energy_transition", "zh-Hant", translations=("en",), context=KAOHSIUNG)
REVIEWERS = (
    ReviewerIn("r1", "u1", "yokohama", "JP", ("energy_transition",), ("ja", "en"), YOKOHAMA),
    ReviewerIn("r2", "u2", "kyoto", "JP", ("resilient_mobility",), ("ja", "en"), KYOTO),
    ReviewerIn("r3", "u3", "goyang", "KR", (), ("ko",)),
    ReviewerIn("r4", "u4", "newcastle", "AU", ("energy_transition",), ("en",)),
    ReviewerIn("r5", "u5", "kaohsiung", "TW", ("energy_transition",), ("zh-Hant",), KAOHSIUNG),
)


def run(*practices: PracticeIn, reviewers: tuple[ReviewerIn, ...] = REVIEWERS, **changes: Any) -> Assignment:
    options: dict[str, Any] = {"load": {}, "conflicts": (), "per_practice": 3, "max_load": 3, "seed": 1} | changes
    load, conflicts = options.pop("load"), options.pop("conflicts")
    return assign(practices or (PRACTICE,), reviewers, load, conflicts, **options)


def chosen(found: Assignment, practice_id: str = "p1") -> list[str]:
    return [pair.person_id for pair in found.pairs if pair.practice_id == practice_id]


def alternates(found: Assignment, practice_id: str = "p1") -> list[str]:
    return [pair.person_id for pair in found.alternates[practice_id]]


def test_the_best_fitting_three_from_other_cities() -> None:
    found = run()
    assert chosen(found) == ["u1", "u2", "u4"]
    assert alternates(found) == ["u3"]
    assert found.run.unfilled == ()
    assert found.run.solver.startswith("ortools 9.")
    assert len(found.run.inputs_hash) == 64


def test_each_pair_says_why() -> None:
    pair = run().pairs[0]
    assert pair.reasons == (
        "You work on energy transition, the theme of this practice.",
        "You read a language in which it is written (zh-Hant, en).",
        "You see it from another country.",
    )
    assert pair.constraints == (
        "Speaks for another jurisdiction than the author's.",
        "Review 1 of at most 3 at once.",
        "No other reviewer of this practice is from this jurisdiction.",
    )
    assert pair.missing_features == ()
    assert run().alternates["p1"][0].reasons == ("You see it from another country.",)
    assert "population" in run().alternates["p1"][0].missing_features


def test_a_reviewer_without_any_fit_still_gets_a_reason() -> None:
    plain = (ReviewerIn("r", "u", "tainan", "TW"),)
    assert run(reviewers=plain).pairs[0].reasons == ("You are the closest reviewer from another city who has time.",)


def test_reasons_name_likeness_and_other_strengths() -> None:
    practice = replace(PRACTICE, secondary_themes=("innovative_finance",), recognised_themes=("energy_transition",))
    twin = replace(REVIEWERS[0], themes=("innovative_finance",), context=KAOHSIUNG, recognised_themes=("circular_economy",), languages=())
    assert run(practice, reviewers=(twin,)).pairs[0].reasons == (
        "You work on innovative finance, which this practice touches too.",
        "Your city and theirs are alike in size, density and income.",
        "Your city has been recognised for other themes than theirs.",
        "You see it from another country.",
    )


def test_the_score_is_the_weighted_sum_of_the_parts() -> None:
    found = Parts(1, 0.5, 0.5, 0.8, 1, 0.5)
    assert found.score == pytest.approx(0.4 + 0.25 * 0.25 + 0.15 * 0.8 + 0.1 + 0.05)
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert Parts(1, 1, 1, 1, 1, 1).score == pytest.approx(1)
    for pair in run().pairs:
        assert pair.score == round(pair.parts.score, 4)


def test_nobody_from_the_authors_jurisdiction_in_any_role() -> None:
    elsewhere = ReviewerIn("r6", "u5", "tainan", "TW", ("energy_transition",), ("zh-Hant",))  # u5 speaks for Kaohsiung too
    found = run(reviewers=(*REVIEWERS, elsewhere), per_practice=9)
    assert "u5" not in chosen(found) + alternates(found)
    author = run(replace(PRACTICE, author_person_ids=("u1",)))
    assert "u1" not in chosen(author) + alternates(author)


@pytest.mark.parametrize("conflict", [Conflict("p1", person_id="u1"), Conflict("p1", jurisdiction_id="yokohama")])
def test_a_conflict_bars_the_person_or_the_jurisdiction(conflict: Conflict) -> None:
    found = run(conflicts=(conflict,))
    assert chosen(found) == ["u2", "u3", "u4"]
    assert alternates(found) == []
    assert chosen(run(conflicts=(replace(conflict, practice_id="p2"),))) == ["u1", "u2", "u4"]


def test_who_refused_is_not_asked_again() -> None:
    assert chosen(run(refused=[("p1", "u1")])) == ["u2", "u3", "u4"]
    assert chosen(run(refused=[("p2", "u1")])) == ["u1", "u2", "u4"]


def test_kept_pairs_fill_places_and_are_not_asked_twice() -> None:
    found = run(kept=[Kept("p1", "u1", "yokohama"), Kept("p1", "u9", "batangas")])
    assert chosen(found) == ["u4"]
    assert "u1" not in alternates(found)
    full = run(kept=[Kept("p1", f"u{n}", f"city {n}") for n in range(3)])
    assert (full.pairs, full.run.unfilled, full.run.solver) == ((), (), "nothing to assign")
    assert alternates(full) == ["u4", "u3"]  # who would be asked when one of them declines


def test_what_is_kept_weighs_on_the_desk() -> None:
    one = (replace(REVIEWERS[0], max_load=2),)
    elsewhere = [Kept("p8", "u1", "yokohama"), Kept("p9", "u1", "yokohama")]
    assert chosen(run(reviewers=one, kept=elsewhere)) == []
    assert chosen(run(reviewers=one, kept=elsewhere[:1])) == ["u1"]
    done = [replace(each, open=False) for each in elsewhere]
    assert chosen(run(reviewers=one, kept=done)) == ["u1"]  # done is off the desk
    assert chosen(run(reviewers=one, kept=done, max_load=2)) == []  # but counts in this call


def test_the_load_cap_is_by_person_whatever_the_roles() -> None:
    practices = [replace(PRACTICE, id=f"p{n}") for n in range(4)]
    roles = (REVIEWERS[0], replace(REVIEWERS[0], id="r9", jurisdiction_id="kanagawa", max_load=9))
    assert len(run(*practices, reviewers=roles, max_load=9).pairs) == 3
    assert len(run(*practices, reviewers=roles, max_load=2).pairs) == 2
    assert len(run(*practices, reviewers=roles, load={"u1": 2}, max_load=9).pairs) == 1
    assert len(run(*practices, reviewers=roles, load={"u1": 3}, max_load=9).pairs) == 0


def test_a_person_acts_in_the_role_that_fits_best() -> None:
    second = replace(REVIEWERS[2], id="r0", person_id="u4", jurisdiction_id="goyang")
    pairs = run(reviewers=(second, REVIEWERS[3])).pairs
    assert [(pair.reviewer_id, pair.jurisdiction_id) for pair in pairs] == [("r4", "newcastle")]
    twin = replace(REVIEWERS[3], id="r0", jurisdiction_id="maitland")  # equal: the first id
    for roles in ((twin, REVIEWERS[3]), (REVIEWERS[3], twin)):
        assert [pair.reviewer_id for pair in run(reviewers=roles).pairs] == ["r0"]


def test_one_reviewer_per_jurisdiction_as_long_as_there_is_another_way() -> None:
    colleague = replace(REVIEWERS[0], id="r7", person_id="u7")
    found = run(reviewers=(*REVIEWERS, colleague))
    assert len({pair.jurisdiction_id for pair in found.pairs}) == 3
    assert alternates(found)[0] == "u3"  # a new jurisdiction comes before the better fitting colleague
    forced = run(reviewers=(REVIEWERS[0], colleague))
    assert chosen(forced) == ["u1", "u7"]
    assert all("same jurisdiction" in pair.constraints[2] for pair in forced.pairs)
    kept = run(reviewers=(colleague, REVIEWERS[2]), per_practice=2, kept=[Kept("p1", "u1", "yokohama")])
    assert chosen(kept) == ["u3"]


def test_load_spreads() -> None:
    practices = [replace(PRACTICE, id=f"p{n}") for n in range(2)]
    twins = (REVIEWERS[3], replace(REVIEWERS[3], id="r8", person_id="u8"))
    for seed in range(5):
        found = run(*practices, reviewers=twins, per_practice=1, seed=seed)
        assert Counter(pair.person_id for pair in found.pairs) == {"u4": 1, "u8": 1}
    busy = run(reviewers=twins, per_practice=1, load={"u4": 1})
    assert chosen(busy) == ["u8"]


def test_the_load_part_shows_the_desk_best_fit_first() -> None:
    practices = (PRACTICE, replace(PRACTICE, id="p2", theme="circular_economy"))
    for seed in range(6):
        found = run(*practices, reviewers=REVIEWERS[:1], per_practice=1, load={"u1": 1}, seed=seed)
        shown = {pair.practice_id: (round(pair.parts.load, 4), pair.constraints[1]) for pair in found.pairs}
        assert shown == {
            "p1": (0.6667, "Review 2 of at most 3 at once."),
            "p2": (0.3333, "Review 3 of at most 3 at once; the cap is reached."),
        }


def test_an_alternate_has_room_left_after_this_run() -> None:
    practices = (PRACTICE, replace(PRACTICE, id="p2"))
    found = run(*practices, reviewers=(replace(REVIEWERS[0], max_load=1), REVIEWERS[3]), per_practice=1)
    assert sorted(pair.person_id for pair in found.pairs) == ["u1", "u4"]
    with_u1 = next(pair.practice_id for pair in found.pairs if pair.person_id == "u1")
    assert {practice_id: alternates(found, practice_id) for practice_id in ("p1", "p2")} == {
        with_u1: ["u4"],
        ("p2" if with_u1 == "p1" else "p1"): [],
    }


def test_alternates_are_ranked_and_cut() -> None:
    assert alternates(run(per_practice=1)) == ["u1", "u2", "u3"]
    assert alternates(run(per_practice=1, alternates=2)) == ["u1", "u2"]


def test_an_empty_place_says_why() -> None:
    found = run(
        per_practice=9,
        conflicts=[Conflict("p1", person_id="u1")],
        refused=[("p1", "u2")],
        kept=[Kept("p1", "u3", "goyang")],
    )
    assert [(each.practice_id, each.places, each.why) for each in found.run.unfilled] == [
        (
            "p1",
            7,
            (
                "7 of 8 open places stay empty. Of 5 reviewers: 1 speaks for the author's jurisdiction, "
                "1 has a conflict of interest, 1 refused it, 1 asked already, 1 newly asked."
            ),
        )
    ]
    gone = run(reviewers=REVIEWERS[:1], refused=[("p1", "u99")])
    assert gone.run.unfilled[0].why == "2 of 3 open places stay empty. Of 1 reviewers: 1 newly asked."
    busy = run(reviewers=REVIEWERS[:1], load={"u1": 3})
    assert busy.run.unfilled[0].why == "3 of 3 open places stay empty. Of 1 reviewers: 1 at the load cap."
    assert run(reviewers=()).run.unfilled[0].why == "3 of 3 open places stay empty. There are no reviewers."


def test_filling_comes_before_fitting() -> None:
    """One good reviewer, one free for only the other practice: both practices get somebody."""
    hard = PracticeIn("p2", "yokohama", "JP", "circular_economy", "ja")
    reviewers = (replace(REVIEWERS[3], max_load=1), REVIEWERS[1])
    found = run(PRACTICE, hard, reviewers=reviewers, per_practice=1, conflicts=[Conflict("p2", person_id="u2")])
    assert (chosen(found, "p1"), chosen(found, "p2")) == (["u2"], ["u4"])


def test_nothing_to_assign() -> None:
    found = assign((), REVIEWERS, {}, (), per_practice=3, max_load=3, seed=1)
    assert (found.pairs, found.alternates, found.run.objective) == ((), {}, 0)


def test_the_seed_does_decide_between_equals() -> None:
    twins = tuple(replace(REVIEWERS[3], id=f"t{n}", person_id=f"t{n}") for n in range(4))
    assert len({chosen(run(reviewers=twins, per_practice=1, seed=seed))[0] for seed in range(20)}) == 4
