"""The picture of a path as a pure function of its facts: what it says, that it is harmless, and that people can read it."""

import asyncio
import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.pictures import legend, words
from services.api.pictures.answer import _MOST_WAITING, _coming, _kept, etag
from services.api.pictures.answer import picture as drawn_once
from services.api.pictures.drawing import drawn
from services.api.pictures.wrapping import clean, width, wrapped
from services.core.commitments.service import PictureFacts
from services.core.kit.errors import Problem

D = Decimal
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
BASE, GOAL = D(19_835_303), D("13884712.1")
PATH = tuple((2005 + n, BASE - (BASE - GOAL) * n / 25) for n in range(26))
REPORTS = ((2008, D(19_700_000)), (2014, D(18_600_000)), (2019, D(17_900_000)))
HOSTILE = "<script>alert(1)</script> $x_1^2$ & \"q\" 'a' ]]> \u202egnp.exe مدينة محايدة مناخيا 🌍👨‍👩‍👧 \\frac{1}{2} %s {0} T0E"


def facts(**changed: Any) -> PictureFacts:
    reports = changed.get("reported", REPORTS)
    year = reports[-1][0] if reports else None
    given: dict[str, Any] = {
        "commitment_id": UUID(int=7),
        "version": 1,
        "assessments": 1,
        "title": "30 % below 2005 by 2030",
        "jurisdiction": "New Taipei",
        "status": "behind",
        "target": (2030, GOAL),
        "required": PATH,
        "reported": REPORTS,
        "gap": (year, dict(PATH)[year], reports[-1][1]) if year else None,
        "not_drawn": (),
        "no_path": None,
    }
    return PictureFacts(**(given | changed))


def pathless(**changed: Any) -> PictureFacts:
    return facts(required=(), gap=None, no_path="no_base_year", status="no_data", **changed)


CASES = {
    "over": facts(),
    "under": facts(reported=((2010, D(19_000_000)), (2019, D(13_200_000))), status="ahead"),
    "on it": facts(reported=PATH[10:11], status="on_track"),
    "no report": facts(reported=(), status="no_data"),
    "in the target year": facts(reported=((2012, D(19_500_000)), (2030, D(16_500_000)))),
    "no path": pathless(),
    "target only": pathless(reported=(), target=(2050, D(0))),
    "reports only": pathless(target=None),
    "one report only": pathless(target=None, reported=REPORTS[:1]),
    "nothing": pathless(target=None, reported=()),
    "to zero": facts(required=tuple((2000 + n, D(50 - n) * 1_000_000) for n in range(51)), target=(2050, D(0)), reported=(), gap=None),
    "below zero": facts(required=((2020, D(10)), (2030, D(-5))), target=(2030, D(-5)), reported=(), gap=None),
    "all zero": facts(required=((2020, D(0)), (2030, D(0))), target=(2030, D(0)), reported=((2025, D(0)),), gap=(2025, D(0), D(0))),
    "tiny": facts(required=((2020, D("0.004")), (2021, D("0.001"))), target=(2021, D("0.001")), reported=(), gap=None),
    "huge": facts(required=((1900, D("1e15")), (2200, D(1))), target=(2200, D(1)), reported=(), gap=None),
    "left out": facts(not_drawn=(2003, 2016)),
    "hostile": facts(title=HOSTILE, jurisdiction=HOSTILE),
    "long": facts(title="淨零" * 100, jurisdiction="W" * 200),
}


def parsed(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  our own


def picture(of: PictureFacts, language: str = "en") -> ET.Element:
    return parsed(drawn(of, language))


def written(root: ET.Element) -> str:
    return "\n".join(element.text or "" for element in root.iter(f"{SVG}text"))


def part(root: ET.Element, name: str) -> list[ET.Element]:
    return [group for group in root.iter(f"{SVG}g") if group.get("class") == name]


def line(root: ET.Element, name: str) -> list[tuple[float, float]]:
    data = next(part(root, name)[0].iter(f"{SVG}path")).get("d", "")
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", data)]


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("name", CASES)
def test_every_case_is_a_harmless_document_that_a_phone_shows(name: str, language: str) -> None:
    svg = drawn(CASES[name], language)
    root = parsed(svg)
    assert (root.get("role"), root.get("lang"), root.get("width"), root.get("height")) == ("img", language, "100%", None)
    left, top, wide, tall = (float(each) for each in root.get("viewBox", "").split())
    assert (left, top, wide) == (0, 0, 360)
    named = root.get("aria-labelledby", "").split()
    assert [next(e for e in root if e.get("id") == each).tag for each in named] == [f"{SVG}title", f"{SVG}desc"]
    assert all(element.text for element in root if element.tag in {f"{SVG}title", f"{SVG}desc"})
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "defs", "style", "g", "path", "use", "text", "clipPath", "rect"}
    for element in root.iter():
        assert not any(key.lower().startswith("on") for key in element.attrib)
        assert element.get(HREF, "#").startswith("#")
        if element.tag == f"{SVG}text":
            size = float(re.search(r"font-size: ([\d.]+)px", element.get("style", ""))[1])  # type: ignore[index]
            assert size * 360 / wide >= 11
            assert 0 <= float(element.get("x", "-1")) <= wide
            assert size / 2 < float(element.get("y", "-1")) < tall
    assert "DOCTYPE" not in svg.decode()
    assert set(re.findall(r"(?:https?:)?//[^\"' <]+", svg.decode())) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"T\d+E(?! )", written(root)) or name == "hostile"


def test_it_says_what_was_promised_what_was_reported_and_the_gap() -> None:
    root = picture(facts())
    text = written(root)
    for said in (
        "30 % below 2005 by 2030", "New Taipei · behind the path", "million tonnes CO₂e (Mt)", "Required path from 19.8\u00a0Mt in 2005",
        "Target for 2030: 13.9\u00a0Mt", "Self-reported, latest 17.9\u00a0Mt in 2019", "Gap in 2019: 1.4\u00a0Mt over the path",
        "Target 2030",
        "Figures are self-reported", "2005",
    ):  # fmt: skip
        assert said in text, said
    desc = root.findtext(f"{SVG}desc")
    assert desc == (
        "The required path of New Taipei goes from 19.8\u00a0Mt CO₂e in 2005 to 13.9\u00a0Mt CO₂e in 2030. "
        "The latest report, for 2019, is 17.9\u00a0Mt CO₂e: 1.4\u00a0Mt over the path. Status: behind the path."
    )
    assert root.findtext(f"{SVG}title") == "30 % below 2005 by 2030"


def test_it_says_so_in_traditional_chinese() -> None:
    root = picture(facts(title="2030 年減量 30%", jurisdiction="新北市"), "zh-Hant")
    text = written(root)
    for said in (
        "新北市 · 進度落後",
        "萬公噸 CO₂e",
        "1,984\u00a0萬公噸",
        "2030 年目標：1,388\u00a0萬公噸",
        "2019 年差距：高於路徑 140\u00a0萬公噸",
        "自行申報",
    ):
        assert said in text, said
    assert not re.search(r"[a-z]{3,}", (text + str(root.findtext(f"{SVG}desc"))).replace("ComP Hub", ""))


def test_the_languages_have_the_same_words() -> None:
    def shape(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: shape(each) for name, each in node.items() if name != "units"}
        return sorted(re.findall(r"\{\w+\}", node))

    assert words.LANGUAGES[0] == "en"
    for language in words.LANGUAGES:
        assert shape(words.labels(language)) == shape(words.labels("en"))
        assert words.labels(language)["units"][-1]["size"] == 1
    assert {"ahead", "on_track", "behind", "achieved", "no_data"} == set(words.labels("en")["status"])


def test_the_path_runs_down_from_base_to_target_and_the_gap_stands_on_it() -> None:
    root = picture(facts())
    points, reports, gap = line(root, "path"), line(root, "reports"), line(root, "gap")
    assert (len(points), len(reports)) == (26, 3)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(points))
    marker = next(part(root, "target")[0].iter(f"{SVG}use"))
    assert (float(marker.get("x", 0)), float(marker.get("y", 0))) == pytest.approx(points[-1])
    assert gap == [pytest.approx(points[14]), pytest.approx(reports[-1])]
    assert reports[-1][1] < points[14][1]
    # heights are in proportion: zero lies where the path would end at zero
    share = (points[0][1] - points[-1][1]) / (reports[0][1] - points[-1][1])
    assert share == pytest.approx(float((BASE - GOAL) / (REPORTS[0][1] - GOAL)), rel=1e-4)


@pytest.mark.parametrize(
    ("name", "parts", "said"),
    [
        ("under", {"path", "reports", "gap", "target"}, "under the path"),
        ("on it", {"path", "reports", "target"}, "exactly on the path"),
        ("no report", {"path", "target"}, "No inventory reported yet"),
        ("no path", {"reports", "target"}, "There is no path to draw"),
        ("target only", {"target"}, "names no base year"),
        ("nothing", set(), "names no base year"),
        ("left out", {"path", "reports", "gap", "target"}, "2003, 2016"),
    ],
)
def test_what_is_missing_is_said_and_not_drawn(name: str, parts: set[str], said: str) -> None:
    root = picture(CASES[name])
    assert {each for each in ("path", "reports", "gap", "target") if part(root, each)} == parts
    assert said in written(root).replace("\n", " ")
    assert said in str(root.findtext(f"{SVG}desc"))


def test_a_report_that_is_left_out_is_not_said_to_be_missing() -> None:
    root = picture(facts(reported=(), status="no_data", not_drawn=(2019,)))
    for text in (written(root).replace("\n", " "), str(root.findtext(f"{SVG}desc"))):
        assert "2019" in text
        assert "No inventory" not in text


@pytest.mark.parametrize("code", ["no_base_year", "no_target_year", "no_target", "no_base_emissions", "not_known"])
def test_every_reason_has_words(code: str) -> None:
    for language in ("en", "zh-Hant"):
        assert words.labels(language)["no_path"][code] in str(picture(facts(required=(), gap=None, no_path=code), language)[1].text)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_whatever_people_write_comes_back_as_text(title: str, name: str) -> None:
    root = picture(facts(title=title, jurisdiction=name))
    assert (root.findtext(f"{SVG}title") or "").split() == clean(title).split()
    heading = [e.text or "" for e in root.iter(f"{SVG}text") if "font-size: 16px" in e.get("style", "")]
    assert "".join("".join(heading).split()) == "".join(clean(title).split())


@given(st.text(max_size=200), st.floats(min_value=60, max_value=336))
def test_lines_fit_and_nothing_is_lost(text: str, room: float) -> None:
    lines = wrapped(clean(text), 16, room, bold=True)
    assert "".join("".join(lines).split()) == "".join(clean(text).split())
    assert all(width(each, 16, bold=True) <= room for each in lines)


@pytest.mark.parametrize("text", [
    "Climate neutral by 2050: a just transition for the harbour, the steelworks and every household",
    "WAGMI MMWW" * 12, "Illicit little lilies",
    "million tonnes CO₂e (Mt) 0123456789", "Ångström ÀÉÎÕÜ ßæøþ žščř",
])  # fmt: skip
@pytest.mark.parametrize("bold", [False, True])
def test_estimated_widths_hold_for_the_broadest_font_in_common_use(text: str, bold: bool) -> None:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    for each in wrapped(text, 16, 336, bold=bold):
        assert TextPath((0, 0), each, size=16, prop=font).get_extents().width <= 336 + 12, each


def test_the_same_facts_are_the_same_bytes_and_other_facts_are_not() -> None:
    assert drawn(facts(), "en") == drawn(facts(), "en")
    assert etag(facts(), "en") == etag(facts(), "en")
    others = [facts(version=2), facts(assessments=2), facts(title="Other"), facts(status="ahead"), facts(reported=())]
    assert len({etag(each, "en") for each in (facts(), *others)} | {etag(facts(), "zh-Hant")}) == 7


async def asked_for(wanted: PictureFacts, language: str) -> bytes:
    return await drawn_once(etag(wanted, language), wanted, language)


async def test_pictures_are_kept_and_the_memory_of_them_is_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, empty = sys.modules[drawn_once.__module__], pathless(target=None, reported=())
    first = await asked_for(empty, "en")
    assert await asked_for(empty, "en") is first
    monkeypatch.setattr(answer, "_MOST_KEPT", 5 * len(first))
    for number in range(8):
        await asked_for(replace(empty, version=number + 2), "en")
    assert 4 <= len(_kept) <= 5
    assert sum(map(len, _kept.values())) <= 5 * len(first)
    monkeypatch.setattr(answer, "_LARGEST_KEPT", len(first) - 1)
    kept = dict(_kept)
    again = await asked_for(empty, "en")
    assert _kept == kept, "a large one pushes nothing out"
    assert again == first
    assert again is not first


async def test_who_comes_when_too_many_wait_is_asked_to_come_again() -> None:
    asked = [asked_for(facts(version=1000 + number), "en") for number in range(_MOST_WAITING + 3)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in found if isinstance(each, Problem)]
    assert [each.code for each in refused] == ["unavailable"] * 3
    assert not _coming


@pytest.mark.parametrize(
    ("value", "said"),
    [("0", "0"), ("1397298", "1,397,298"), ("19.8353", "19.8"), ("1.35", "1.35"), ("0.012345", "0.0123"), ("-5", "-5"), ("1000", "1,000")],
)
def test_numbers_have_three_digits_or_all_of_a_whole_number(value: str, said: str) -> None:
    assert words.number(D(value), "en") == said


# what somebody with a colour vision deficiency sees, in linear light (Viénot, Brettel and Mollon 1999, for sRGB)
SIGHTS = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    "none": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
}


def linear(colour: str) -> list[float]:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]


def luminance(colour: str) -> float:
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))


def lab(light: list[float]) -> tuple[float, float, float]:
    rows = ((0.4124, 0.3576, 0.1805, 0.9505), (0.2126, 0.7152, 0.0722, 1.0), (0.0193, 0.1192, 0.9505, 1.089))
    x, y, z = ((max(a * light[0] + b * light[1] + c * light[2], 0.0) / white) ** (1 / 3) for a, b, c, white in rows)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("gap", [legend.VERMILLION, legend.GREEN])
def test_signs_differ_for_every_colour_vision(sight: str, gap: str) -> None:
    seen = [
        lab([sum(w * c for w, c in zip(row, linear(each), strict=True)) for row in SIGHTS[sight]])
        for each in (legend.BLUE, legend.BLACK, gap)
    ]
    assert min(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 for one, other in combinations(seen, 2)) > 25
    assert 1.05 / (luminance(gap) + 0.05) >= 3
    assert 1.05 / (luminance(legend.BLUE) + 0.05) >= 4.5


def test_signs_differ_without_any_colour() -> None:
    root = picture(facts())
    styles = {name: next(part(root, name)[0].iter(f"{SVG}path")).get("style", "") for name in ("path", "reports", "gap")}
    assert ["stroke-dasharray" in styles[name] for name in ("path", "reports", "gap")] == [True, False, False]
    markers = {name: len(list(part(root, name)[0].iter(f"{SVG}use"))) for name in ("path", "reports", "gap", "target")}
    assert markers == {"path": 0, "reports": 3, "gap": 0, "target": 1}
    widths = {name: float(re.search(r"stroke-width: ([\d.]+)", style)[1]) for name, style in styles.items()}  # type: ignore[index]
    assert widths["gap"] >= 2 * max(widths["path"], widths["reports"])


def test_matplotlib_is_loaded_late_and_says_nothing_where_nothing_can_be_written() -> None:
    program = """if True:
        import sys, warnings
        warnings.simplefilter("error")
        sys.path.insert(0, sys.argv[1])
        import services.api.main
        assert "matplotlib" not in sys.modules, "loaded with the gateway"
        from decimal import Decimal
        from uuid import UUID
        from services.api.pictures.drawing import drawn
        from services.core.commitments.service import PictureFacts
        path = ((2005, Decimal(10)), (2030, Decimal(5)))
        drawn(PictureFacts(UUID(int=1), 1, 1, "減碳", "高雄", "no_data", path[1], path, (), None, (), None), "zh-Hant")
        assert "matplotlib.pyplot" not in sys.modules
        """
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MPL", "XDG"))} | {"HOME": "/proc/none"}
    root = str(Path(__file__).parents[2])
    ran = subprocess.run([sys.executable, "-c", program, root], cwd="/proc", env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
