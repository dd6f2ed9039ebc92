"""The picture of a rescoring as a pure function of its facts: with many practices it stays small, and says what it leaves out."""

from decimal import Decimal
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from services.api.pictures import drawn_moves
from services.api.pictures.moves import MOST_LINES
from services.core.practices.service import MovedFacts

D = Decimal
SVG = "{http://www.w3.org/2000/svg}"


def facts(number: int) -> MovedFacts:
    """As many practices, of which each moves farther than the one before; a quarter of them down."""
    lines = tuple((f"Practice {n}", D(50), D(50) + D(n if n % 4 else -n) / 250) for n in range(number))
    bands = (("disclosure", D(0), D(0)), ("leadership", D(75), D(70)))
    return MovedFacts(UUID(int=7), "Founding call", "2026-2", "2026-1", 0, bands, lines)


def read(number: int, language: str = "en") -> tuple[str, int]:
    """What the picture of so many practices says, and how many of them it draws."""
    root = ET.fromstring(drawn_moves(facts(number), language))  # noqa: S314  our own
    kinds = [group for group in root.iter(f"{SVG}g") if group.get("class") in ("up", "down", "same")]
    paths = [path.get("d", "") for group in kinds for path in group.findall(f"{SVG}path")]
    return root.findtext(f"{SVG}desc") or "", sum(path.count("M") for path in paths)


def test_as_many_as_can_be_told_apart_are_all_drawn() -> None:
    told, lines = read(MOST_LINES)
    assert lines == MOST_LINES
    assert "not drawn" not in told


def test_of_more_those_that_move_farthest_are_drawn_and_it_says_how_many_are_not() -> None:
    told, lines = read(10_000)
    assert lines == MOST_LINES
    assert "10000 practices" in told
    assert "7500 higher. 2499 lower. 1 with the same total." in told, "all are counted"
    assert f"The {MOST_LINES} that move farthest are drawn; {10_000 - MOST_LINES} more are counted and not drawn." in told
    assert "The farthest: Practice 9999," in told
    picture = drawn_moves(facts(10_000), "en")
    assert len(picture) < 30_000
    drawn = {group.get("class") for group in ET.fromstring(picture).iter(f"{SVG}g")}  # noqa: S314  our own
    assert ("up" in drawn, "down" in drawn, "same" in drawn) == (True, True, False), "the one that does not move is not drawn"


@pytest.mark.parametrize(("language", "said"), [("en", "40 more are counted"), ("zh-Hant", "另有 40 件計入但未繪出")])
def test_it_says_so_in_the_picture_itself_in_the_readers_language(language: str, said: str) -> None:
    root = ET.fromstring(drawn_moves(facts(MOST_LINES + 40), language))  # noqa: S314  our own
    written = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert said.replace(" ", "") in written.replace(" ", "")
