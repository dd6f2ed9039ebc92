"""Who fits whom: topic, language, likeness of context, other strengths."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.reviews.affinity import (
    Context,
    PracticeIn,
    ReviewerIn,
    language_match,
    parts,
    ranges,
    similarity,
)

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


@pytest.mark.parametrize(
    ("language", "translations", "languages", "expected"),
    [
        ("ja", (), ("ja",), 1),
        ("en", (), ("en-GB",), 1),
        ("zh-Hant", (), ("zh",), 1),
        ("zh-Hant", (), ("zh-Hans",), 0.5),
        ("zh-Hant", ("en",), ("EN",), 0.8),
        ("zh-Hant", ("en",), ("zh-Hans",), 0.5),
        ("ja", (), ("en", "ko"), 0),
        ("ja", (), (), 0),
        ("", (), ("",), 0),
    ],
)
def test_language(language: str, translations: tuple[str, ...], languages: tuple[str, ...], expected: float) -> None:
    assert language_match(replace(PRACTICE, language=language, translations=translations), languages) == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [((), (), 0.5), (("a",), (), 1), (("a",), ("a",), 0), (("a", "b"), ("b", "c"), pytest.approx(2 / 3)), (("a",), ("b",), 1)],
)
def test_complementarity_is_what_the_recognised_themes_do_not_share(
    ours: tuple[str, ...], theirs: tuple[str, ...], expected: float
) -> None:
    practice, reviewer = replace(PRACTICE, recognised_themes=ours), replace(REVIEWERS[0], recognised_themes=theirs)
    assert parts(practice, reviewer, similarity(Context(), Context(), {})).complementarity == expected


def test_topic_and_fairness() -> None:
    alike = similarity(Context(), Context(), {})
    practice = replace(PRACTICE, secondary_themes=("resilient_mobility",))
    assert [parts(practice, each, alike).topic for each in REVIEWERS[:3]] == [1, 0.5, 0]
    assert [parts(practice, each, alike).fairness for each in (REVIEWERS[0], REVIEWERS[4])] == [1, 0]


def test_similarity_is_one_minus_gowers_distance() -> None:
    one = Context(100, 1, 10_000, None, 4.0, "Cfa", coastal=True, level="city")
    other = Context(10_000, 100, 20_000, 0.3, 8.0, "Cfa", coastal=False, level="town")
    third = Context(1_000, None, 30_000, 0.5, 4.0)
    spans = ranges([one, other, third])
    found = similarity(one, other, spans)
    assert found.missing == ("industry_share",)
    assert found.by_feature == {
        "population": 0,  # the two ends of the range
        "density": 1,  # 100 per km² both
        "gdp_per_capita": 0.5,
        "emissions_per_capita": 0,
        "climate_zone": 1,
        "coastal": 0,
        "level": 0,
    }
    assert found.value == pytest.approx(2.5 / 7)
    middle = similarity(one, third, spans)
    assert middle.by_feature == {"population": pytest.approx(0.5), "gdp_per_capita": 0, "emissions_per_capita": 1}
    assert middle.missing == ("density", "industry_share", "climate_zone", "coastal", "level")


def test_similarity_without_anything_known() -> None:
    found = similarity(Context(), KAOHSIUNG, ranges([KAOHSIUNG]))
    assert (found.value, found.by_feature) == (0.5, {})
    assert similarity(Context(population=0, area_km2=0), KAOHSIUNG, ranges([KAOHSIUNG])).by_feature == {}
    assert similarity(KAOHSIUNG, KAOHSIUNG, ranges([KAOHSIUNG])).value == 1


numbers = st.none() | st.floats(0.1, 1e6)
contexts = st.builds(
    Context, numbers, numbers, numbers, numbers, numbers, st.sampled_from([None, "Cfa", "Af"]), st.sampled_from([None, True, False])
)


@given(contexts, contexts, st.lists(contexts, max_size=3))
def test_law_similarity_is_symmetric_and_within_bounds(one: Context, other: Context, others: list[Context]) -> None:
    spans = ranges([one, other, *others])
    found = similarity(one, other, spans)
    assert found == similarity(other, one, spans)
    assert -1e-9 <= found.value <= 1 + 1e-9
    assert similarity(one, one, spans).value in {1, 0.5}
