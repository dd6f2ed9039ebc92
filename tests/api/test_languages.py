"""Which language a reader is answered in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.languages import AVAILABLE, negotiate, ranges


@pytest.mark.parametrize(
    ("asked", "accepted", "found"),
    [
        (None, None, "en"),
        (None, "", "en"),
        (None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        (None, "zh-HK", "zh-Hant"),
        (None, "zh-MO", "zh-Hant"),
        (None, "zh-Hant-TW", "zh-Hant"),
        (None, "ZH_hant", "zh-Hant"),
        (None, "zh", "zh-Hant"),
        (None, "zh-CN", "en"),
        (None, "zh-Hans-TW, de", "en"),
        (None, "zh-CN, zh-TW;q=0.4", "zh-Hant"),
        (None, "de, en;q=0.3, zh-TW;q=0.7", "zh-Hant"),
        (None, "en;q=0, zh-TW;q=0.1", "zh-Hant"),
        (None, "zh-TW;q=0", "en"),
        (None, "fr, *;q=0.5, zh-TW;q=0.1", "en"),
        (None, "zh-TW;q=x, en;q=0.1", "en"),
        (None, "zh-Hant-TW-u-nu-latn", "zh-Hant"),
        ("zh-TW", "en", "zh-Hant"),
        ("en-GB", "zh-TW", "en"),
        ("fr", "zh-TW", "en"),
        ("", "zh-TW", "en"),
        ("not a tag", "zh-TW", "en"),
        ("zh-Hant" * 20, None, "en"),
    ],
)
def test_languages(asked: str | None, accepted: str | None, found: str) -> None:
    assert negotiate(asked, accepted) == found


def test_a_language_that_comes_later_is_found_by_its_script() -> None:
    more = ("en", "zh-Hant", "zh-Hans", "pt")
    assert [negotiate(tag, None, more) for tag in ("zh", "zh-CN", "zh-SG", "zh-TW", "pt-BR")] == [
        "zh-Hans",
        "zh-Hans",
        "zh-Hans",
        "zh-Hant",
        "pt",
    ]


def test_ranges_are_sorted_by_quality_and_bounded() -> None:
    assert ranges("a;q=0.1, b, c;q=0.5;x=1, d;q=0") == ["b", "c", "a"]
    assert len(ranges(",".join(["en"] * 1000))) == 20


@given(st.none() | st.text(max_size=80), st.none() | st.text(max_size=300))
def test_whatever_is_asked_there_is_an_answer(asked: str | None, accepted: str | None) -> None:
    assert negotiate(asked, accepted) in AVAILABLE
