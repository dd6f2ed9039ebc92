"""Large bodies through the gate: seen as a whole, and refused or changed exactly as small ones are."""

import time
from typing import Any

import httpx
import orjson
import pytest

from services.api import gate
from services.core.kit.errors import Problem
from tests.fixtures.batches import PATH, item
from tests.fixtures.house import House

PADDING = [{"name": f"City {number}", "zh": "城市"} for number in range(2_000)]


def _padded(body: bytes) -> bytes:
    return b'{"padding":' + orjson.dumps(PADDING) + b',"body":' + body + b"}"


def _value(body: bytes) -> Any:
    try:
        return gate.parse_json(body)
    except Problem as problem:
        return problem.code


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}', b'{"a" :1,"a" :2}', b'{"a"\n:1,"a":2}', b'{"a":{"b":1,"b":1}}', b"[NaN]", b"[Infinity]", b"[1e999]", b"[-1E+400]",
        b"[9007199254740993]", b"[-9007199254740993]", b"[90071992547409930]", b'["\x7f"]', '["\x85"]'.encode(), '["\ufdd0"]'.encode(),
        '["\U0001ffff"]'.encode(), b'["\\ud800"]', b'["\\u0000"]', b'["\xff"]', b'["\x01"]', b"[" * 40 + b"]" * 40,
        b"{" + b",".join(b'"k%d":1' % n for n in range(1_001)) + b"}", b"[1,]", b"", b"[] []",
    ],
)  # fmt: skip
def test_what_a_small_body_must_not_bring_a_large_one_must_not_either(body: bytes) -> None:
    assert _value(body) == "malformed-json"
    assert _value(_padded(body)) == "malformed-json"


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"b":2}', b'{"a" : 1 ,\n"b"\t: 2}', b'[": not a key"]', b'{"a":":","b":"::"}', b'["a :b", "c:d"]', b"[9007199254740992]",
        b"[1.5e3, 1E2, -0, 0.1]", b'["01900000-3e00-7000-8000-000000000001"]', b'["1234567890123456789"]', '["Zu\u0308rich"]'.encode(),
        '["高雄"]'.encode(), '["a\u3000b\u200b"]'.encode(), b'["a\\r\\nb"]', b'["\\"", "\\u00e9"]', b"[" * 29 + b"]" * 29,
        b"{" + b",".join(b'"k%d":1' % n for n in range(1_000)) + b"}", b"[true, false, null]", b'[""]',
    ],
)  # fmt: skip
def test_a_large_body_has_the_value_of_a_small_one(body: bytes) -> None:
    small = _value(body)
    assert small != "malformed-json"
    assert _value(_padded(body)) == {"padding": PADDING, "body": small}


def test_most_large_bodies_need_no_careful_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_clean", None)
    body = orjson.dumps({"items": [item(number) for number in range(10_000)]})
    began = time.thread_time()
    assert len(gate.parse_json(body)["items"]) == 10_000
    assert time.thread_time() - began < 1.5  # a tenth of it where nothing else runs


async def test_only_a_batch_may_be_large(house: House) -> None:
    client: httpx.AsyncClient = house.admin
    huge = {"source": "iclei", "items": [item(number) for number in range(1_000)], "dry_run": True}
    content = orjson.dumps(huge)
    assert len(content) > house.settings.body_limit_bytes
    headers = {"Content-Type": "application/json", "Idempotency-Key": "large"}
    assert (await client.post(PATH, content=content, headers=headers)).status_code == 202
    assert (await client.post("/v1/jurisdictions", content=content, headers=headers)).status_code == 413
    declared = headers | {"Content-Length": str(house.settings.batch_body_limit_bytes + 1)}
    assert (await client.post(PATH, content=b"{}", headers=declared)).status_code == 413
