"""LAW 8, what is written for people: the README names only what exists."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.laws.tables import MADE_AT_RUN
from tests.house.laws.tree import Breach, House

ROOMS = "services|tests|docs|deploy|migrations|clients|\\.ci"
IN_TEXT = re.compile(rf"(?<![\w/.:-])(?:{ROOMS})/[\w./@-]*[\w/]")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
QUOTED = re.compile(r"`([\w./-]+)`")
FILE = re.compile(r"(^|/)(Makefile|LICENSE|[\w.-]+\.(md|toml|lock|json|ya?ml|py|sh|txt|example))$")


def readme(house: House) -> Iterator[Breach]:
    """Every path in README.md exists, from the README's own folder."""
    yield from missing_paths(house.root / "README.md")


def missing_paths(paper: Path) -> Iterator[Breach]:
    """The paths that ``paper`` names and that are not there."""
    if not paper.is_file():
        yield Breach(paper.name, 1, 8, "does not exist")
        return
    for number, line in enumerate(paper.read_text(encoding="utf-8").splitlines(), 1):
        for path in sorted(_paths(line)):
            if not path.startswith(MADE_AT_RUN) and not path.endswith(MADE_AT_RUN) and not (paper.parent / path).exists():
                yield Breach(paper.name, number, 8, f"names {path}, which does not exist")


def missing_settings(fields: frozenset[str], example: Path) -> Iterator[Breach]:
    """Settings that .env.example does not name, and names in it that are no settings."""
    if not example.is_file():
        yield Breach(example.name, 1, 8, "does not exist")
        return
    text = example.read_text(encoding="utf-8")
    named = {match[1]: text[: match.start()].count("\n") + 1 for match in re.finditer(r"^#?[ ]?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)}
    for field in sorted(fields - set(named)):
        yield Breach(example.name, 1, 8, f"does not name the setting {field}")
    for name in sorted(set(named) - fields):
        yield Breach(example.name, named[name], 8, f"{name} is no setting")


def _paths(line: str) -> set[str]:
    links = {each for each in LINK.findall(line) if "://" not in each and not each.startswith(("mailto:", "/"))}
    quoted = {each for each in QUOTED.findall(line) if FILE.search(each) and not each.startswith("/")}
    return links | quoted | {each.rstrip(".") for each in IN_TEXT.findall(line)}
