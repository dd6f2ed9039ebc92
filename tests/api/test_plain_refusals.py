"""What a caller is told of a value that does not fit: where it stands, and in plain words what is wanted there."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from services.core.kit.refusals import explains
from tests.fixtures.batches import item, send
from tests.fixtures.calls import Season, call_body, patch, window
from tests.fixtures.house import House

Json = dict[str, Any]
OF_A_PRACTICE: list[tuple[Json, str, str, str]] = [
    ({"language": "Chinese"}, "/language", "string-pattern-mismatch", "Write the language as a code such as en, ja or zh-Hant (BCP 47)."),
    (
        {"finance": {"currency": "NT$"}},
        "/finance/currency",
        "string-pattern-mismatch",
        "Write the currency as the three letters of ISO 4217, such as TWD.",
    ),
    (
        {"translations": {"english": {"title": "Heat"}}},
        "/translations/english",
        "string-pattern-mismatch",
        "Write the language as a code such as en, ja or zh-Hant (BCP 47).",
    ),
    ({"sumary": "Heat."}, "/sumary", "extra-forbidden", "There is no member “sumary”; do you mean “summary”?"),
    ({"weather": "fine"}, "/weather", "extra-forbidden", "There is no member “weather”."),
    (
        {"indicators": [{}, {"basline": 3}]},
        "/indicators/1/basline",
        "extra-forbidden",
        "There is no member “basline”; do you mean “baseline”?",
    ),
    (
        {"translations": {"ja": {"summry": "要約"}}},
        "/translations/ja/summry",
        "extra-forbidden",
        "There is no member “summry”; do you mean “summary”?",
    ),
    ({"finance": {"sorces": []}}, "/finance/sorces", "extra-forbidden", "There is no member “sorces”; do you mean “sources”?"),
    ({"[key]": 1}, "/[key]", "extra-forbidden", "There is no member “[key]”."),
    ({"a/b~c": 1}, "/a~1b~0c", "extra-forbidden", "There is no member “a/b~c”."),
    ({"title": "x" * 201}, "/title", "string-too-long", "This is too long: at most 200 characters are taken."),
    ({"title": 7}, "/title", "string-type", "This must be a text."),
    ({"partners": [{"name": " "}]}, "/partners/0/name", "string-too-short", "This must not be empty."),
    ({"partners": [{}]}, "/partners/0/name", "missing", "This is needed."),
    ({"partners": {}}, "/partners", "list-type", "This must be a list, in brackets."),
    ({"finance": []}, "/finance", "model-attributes-type", "This must be an object, in braces."),
    ({"obstacles": ["x"] * 31}, "/obstacles", "too-long", "These are too many: at most 30 are taken."),
    ({"consent_to_publish": "yes"}, "/consent_to_publish", "bool-type", "This must be true or false."),
    ({"finance": {"year": 2024.5}}, "/finance/year", "int-type", "This must be a whole number."),
    ({"finance": {"year": 1066}}, "/finance/year", "greater-than-equal", "This must be at least 1900."),
    ({"finance": {"cost": -1}}, "/finance/cost", "greater-than-equal", "This must be at least 0."),
    ({"emissions_avoided_t_per_year": 10**13}, "/emissions_avoided_t_per_year", "less-than-equal", "This must be at most 1000000000000."),
    ({"commitment_ids": ["7"]}, "/commitment_ids/0", "uuid-parsing", "This must be an id (a UUID)."),
]


async def test_an_author_is_told_in_plain_words_what_a_member_needs(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    for fields, pointer, code, detail in OF_A_PRACTICE:
        refused = await patch(season.author, draft, **fields)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-body"), fields
        assert refused.json()["errors"] == [{"pointer": pointer, "code": code, "detail": detail}]
        assert refused.json()["detail"] == f"{pointer}: {detail}"


async def test_one_of_several_words_is_asked_for_by_naming_them(house: House) -> None:
    season = await Season.begin(house)
    refused = await season.author.post(f"/v1/practices/{(await season.draft())['id']}/transitions", json={"action": "send"})
    assert refused.json()["errors"] == [{"pointer": "/action", "code": "literal-error", "detail": "This must be 'submit' or 'withdraw'."}]


@pytest.mark.parametrize(
    ("value", "code", "detail"),
    [
        ("2026-10-04T17:00:00", "timezone-aware", "Add the offset, e.g. 2026-10-04T17:00:00+08:00."),
        ("2026-10-04", "value-error", "Write date, time and offset, e.g. 2026-10-04T17:00:00+08:00."),
        (1_790_000_000, "value-error", "Write date, time and offset, e.g. 2026-10-04T17:00:00+08:00."),
        ("4 October, Tuesday", "datetime-from-date-parsing", "Write date, time and offset, e.g. 2026-10-04T17:00:00+08:00."),
    ],
)
async def test_a_date_of_a_call_is_asked_for_by_example(house: House, value: object, code: str, detail: str) -> None:
    season = await Season.begin(house, is_open=False)
    path = f"/v1/communities/{season.cohort.community['id']}/calls"
    refused = await house.admin.post(path, json=call_body(**window() | {"opens_at": value}))
    assert refused.json()["errors"] == [{"pointer": "/opens_at", "code": code, "detail": detail}]
    assert (await season.amend_call(opens_at=value)).json()["errors"] == refused.json()["errors"]


async def test_an_item_of_a_batch_and_a_parameter_are_told_alike(house: House) -> None:
    syncing = await house.platform("sync:write")
    [result] = (await send(syncing, [item(1, contry="TW")], key="one")).json()["results"]
    assert [each["detail"] for each in result["problem"]["errors"]] == ["There is no member “contry”; do you mean “country”?"]
    listed = await house.admin.get("/v1/jurisdictions", params={"contry": "TW"})
    wanted = {"pointer": "contry", "code": "extra-forbidden", "detail": "There is no parameter “contry”; do you mean “country”?"}
    assert listed.json()["errors"] == [wanted]


def test_no_caller_is_shown_a_pattern(app: FastAPI) -> None:
    patterns = set(_patterns(app.openapi()))
    assert {r"^[A-Z]{3}$", r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"} <= patterns
    assert [pattern for pattern in patterns if not explains(pattern)] == []


def _patterns(schema: Any) -> Iterator[str]:
    """Every pattern in an OpenAPI document, those of keys included."""
    for name, value in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if name == "pattern" and isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from value if name == "patternProperties" else ()
            yield from _patterns(value)
