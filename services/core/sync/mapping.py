"""A mapping describes the other side's file or answer: where its rows are, and which of its columns says what.

It is written in TOML. Column names match whatever their case, spaces, dots and invisible characters (see `cells.key`); in JSON a
name that begins with “/” is a JSON pointer into the row.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, field_validator, model_validator

from services.core.kit.schema import Input
from services.core.sync import cells

SHIPPED = Path(__file__).parent / "mappings"

_SINGLE = frozenset(
    {
        "external_id", "if_version", "name", "government", "aliases", "level", "level_words", "country", "subdivision", "population",
        "population_year", "area_km2", "point", "latitude", "longitude", "time_zone", "languages", "website",
    }
)  # fmt: skip
_FAMILIES = {
    "names": re.compile(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    "external_ids": re.compile(r"^[a-z][a-z0-9_-]{1,31}$"),
    "context": re.compile(r"^(gdp_per_capita|industry_share|emissions_per_capita|climate_zone|coastal)$"),
    "membership": re.compile(r"^(community_id|kind|standing)$"),
    "political": re.compile(r"^(name|email|locale|time_zone)$"),
    "technical": re.compile(r"^(name|email|locale|time_zone)$"),
}
_EVERY = re.compile(r"^([1-9]\d{0,5})(s|m|h|d)$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class BrokenMapping(Exception):
    """A mapping cannot be used; the message says where it is wrong."""


def _member(name: str) -> str:
    family, _, rest = name.partition(".")
    if name not in _SINGLE and not (family in _FAMILIES and _FAMILIES[family].match(rest)):
        raise ValueError(f"“{name}” is no member that a mapping can fill")
    return name


def _pointer(value: str) -> str:
    if value and not value.startswith("/"):
        raise ValueError("a JSON pointer is empty or begins with “/”")
    return value


Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Member = Annotated[str, AfterValidator(_member)]
Pointer = Annotated[str, StringConstraints(max_length=300), AfterValidator(_pointer)]
Source = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,31}$")]


class Next(Input):
    """How one page leads to the next: its Link header, a URL or cursor inside it, or the next page number."""

    by: Literal["none", "link", "url", "cursor", "page"] = "none"
    at: Pointer = Field(default="", description="where the next URL or cursor stands in a JSON page")
    parameter: Name = "page"
    first: int = Field(default=1, ge=0)


class Auth(Input):
    """A header that proves who we are. Its secret is never written here: it is read from the environment or from a file."""

    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,60}$")] = "Authorization"
    scheme: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._-]{0,40}$")] = "Bearer"
    env: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,80}$")] | None = None
    file: Name | None = None

    @model_validator(mode="after")
    def _one_place(self) -> "Auth":
        if (self.env is None) == (self.file is None):
            raise ValueError("name exactly one of `env` and `file`")
        return self


class Pull(Input):
    """Where and how often a registry is read, and how its rows are applied."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$", max_length=2_000)]
    every: Annotated[str, StringConstraints(pattern=_EVERY.pattern)] = "24h"
    mode: Literal["merge", "replace"] = "merge"
    max_deactivations: float = Field(default=0.05, ge=0, le=1)
    next: Next = Field(default_factory=Next)
    auth: Auth | None = None

    @field_validator("url")
    @classmethod
    def _has_a_host(cls, url: str) -> str:
        parts = urlsplit(url)
        if not parts.hostname or parts.port == 0:
            raise ValueError("names no host")
        return url

    @property
    def seconds(self) -> int:
        """`every` in seconds."""
        number, unit = _EVERY.match(self.every).groups()  # type: ignore[union-attr]
        return int(number) * _SECONDS[unit]


class Mapping(Input):
    """The other side, described."""

    title: Name
    source: Source = Field(description="the registry's name, under which its external ids are kept")
    kind: Literal["csv", "json"] = "csv"
    rows: Pointer = Field(default="", description="where the list of rows stands in a JSON document")
    detect: list[Name] = Field(default_factory=list, description="columns by which a file is known to be of this kind")
    missing: list[str] = Field(default_factory=list, description="more ways of saying that a value is missing")
    digits_only: bool = Field(default=False, description="external ids are whole numbers, however a spreadsheet wrote them")
    names: Literal["clean", "as_given"] = Field(default="clean", description="whether words for the government are taken off the name")
    fields: dict[Member, list[Name]]
    constants: dict[Member, str | int | float | bool] = Field(default_factory=dict)
    values: dict[Member, dict[str, str]] = Field(default_factory=dict, description="our value by theirs")
    ignored: list[Name] = Field(default_factory=list, description="columns that we know and do not keep")
    pull: Pull | None = None

    @field_validator("fields", mode="before")
    @classmethod
    def _always_lists(cls, given: Any) -> Any:
        return {name: [each] if isinstance(each, str) else each for name, each in given.items()} if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _names_what_is_needed(self) -> "Mapping":
        known = {*self.fields, *self.constants}
        if lacking := [
            name for name in ("external_id", "name", "country") if name not in known and not (name == "name" and "government" in known)
        ]:
            raise ValueError(f"says nothing about {' and '.join(lacking)}")
        self.values = {name: {cells.key(theirs): ours for theirs, ours in table.items()} for name, table in self.values.items()}
        self.missing = [each.casefold() for each in self.missing]
        return self


def load(text: str, name: str) -> Mapping:
    """The mapping in ``text``; `BrokenMapping` says what is wrong in the file called ``name``."""
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BrokenMapping(f"{name} is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise BrokenMapping(f"{name}: {f'`{where}`: ' if where else ''}{first['msg'].removeprefix('Value error, ')}") from error


def read(path: Path) -> Mapping:
    """The mapping in a file; `BrokenMapping` when it cannot be read or used."""
    try:
        return load(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenMapping(f"{path.name} cannot be read: {error}") from error


@cache
def shipped() -> dict[str, Mapping]:
    """The mappings that come with the product, by name."""
    return {path.stem: read(path) for path in sorted(SHIPPED.glob("*.toml"))}


def detect(header: Iterable[str]) -> Mapping | None:
    """The shipped mapping whose telling columns are all in ``header``; the one with most of them, or None."""
    there = {cells.key(column) for column in header}
    fitting = [each for each in shipped().values() if each.detect and {cells.key(column) for column in each.detect} <= there]
    return max(fitting, key=lambda each: len(each.detect), default=None)
