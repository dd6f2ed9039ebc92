"""What matplotlib wrote, made fit for readers: their words, their fonts, a name and a description, and nothing from elsewhere."""

import re
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from services.api.pictures.sheet import Sheet, Text

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_TOKEN: Final = re.compile(r"T(\d+)E")
_FONTS: Final = "'Noto Sans', 'Noto Sans TC', 'PingFang TC', 'Microsoft JhengHei', 'Helvetica Neue', Arial, sans-serif"
_ANCHOR: Final = re.compile(r"text-anchor: *(\w+)")
_NAMED: Final = frozenset({"path", "reports", "gap", "target", "up", "down", "same"})
"""Parts that a page may style or point to, as classes."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the picture is called and says, for whoever does not see it; ``key`` keeps its ids apart from those of other pictures."""

    key: str
    language: str
    title: str
    description: str


def finished(svg: bytes, sheet: Sheet, told: Told) -> bytes:
    """The picture that is sent: as wide as its place, with its texts put in."""
    root = ET.fromstring(svg)  # noqa: S314  it is matplotlib's own, with tokens instead of texts
    for element in root.iter():
        _mend(element, sheet)
    root.attrib.pop("height")
    root.set("width", "100%")
    root.set("viewBox", f"0 0 {sheet.figure.bbox.width:g} {sheet.height:g}")
    root.set("role", "img")
    root.set("lang", told.language)
    root.set("font-family", _FONTS)
    root.set("aria-labelledby", f"title-{told.key} desc-{told.key}")
    for place, (name, words) in enumerate((("title", told.title), ("desc", told.description))):
        element = ET.Element(f"{{{_SVG}}}{name}", {"id": f"{name}-{told.key}"})
        element.text = words
        root.insert(place, element)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _mend(element: ET.Element, sheet: Sheet) -> None:
    """Put a text in; turn the names of parts into classes, and drop ids that nothing refers to."""
    if element.tag == f"{{{_SVG}}}g" and (name := element.attrib.pop("id", None)) in _NAMED:
        element.set("class", str(name))
    found = _TOKEN.fullmatch((element.text or "").strip())
    if element.tag == f"{{{_SVG}}}text" and found:
        anchor = _ANCHOR.search(element.get("style", ""))
        text = sheet.texts[int(found[1])]
        element.text = text.words
        element.set("style", _style(text, anchor[1] if anchor else "start"))
        element.attrib.pop("transform", None)


def _style(text: Text, anchor: str) -> str:
    rules = [f"font-size: {text.size:g}px", f"fill: {text.colour}", f"text-anchor: {anchor}", "unicode-bidi: plaintext"]
    if text.is_bold:
        rules.append("font-weight: 600")
    if text.has_halo:
        rules.append("paint-order: stroke; stroke: #ffffff; stroke-width: 3.5px; stroke-linejoin: round")
    return "; ".join(rules)
