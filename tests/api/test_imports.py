"""Imports through HTTP: the form, who may send it, and what each row comes to."""

from typing import Any

import httpx
import pytest

from services.core.imports import rules
from tests.fixtures.batches import events, item
from tests.fixtures.batches import send as send_batch
from tests.fixtures.house import House
from tests.fixtures.target_files import EXTRACT, SCENARIO
from tests.fixtures.targets import PATH, account, file, row, send, told

Json = dict[str, Any]
NO_TARGET = {"kind": "No target", "base_year": "", "base": "", "percent": "", "target_year": "", "level": ""}
ROW = {"line", "account", "status", "rules", "target_year_emissions_t", "reason", "change", "commitment_id", "findings"}


@pytest.fixture
async def cdp(house: House) -> httpx.AsyncClient:
    """The client of whoever imports."""
    return await house.platform("commitments:write", "jurisdictions:read")


async def test_each_row_becomes_a_commitment_is_skipped_or_is_rejected_by_a_named_rule(house: House, cdp: httpx.AsyncClient) -> None:
    result = await told(house, cdp, file(row(1), row(2, **NO_TARGET), row(3, target_year="2004"), row(1, percent="30", base_year="2010")))
    assert [(each["account"], each["status"], each["reason"], each["change"]) for each in result["rows"]] == [
        (account(1), result["rows"][0]["status"], None, "created"),
        (account(2), "skipped", "no_target", None),
        (account(3), "rejected", None, None),
        (account(1), result["rows"][3]["status"], None, "created"),
    ]
    assert all(set(each) == ROW for each in result["rows"])
    assert result["rows"][2]["rules"] == ["R3"]
    assert "2004" in next(each["message"] for each in result["rows"][2]["findings"] if each["rule"] == "R3")
    assert [each["target_year_emissions_t"] for each in result["rows"]] == [53898284.8, None, None, 47160999.2]
    counts = result["counts"]
    assert (counts["rows"], counts["imported"] + counts["imported_with_findings"], counts["skipped"], counts["rejected"]) == (4, 2, 1, 1)
    assert (counts["created"], counts["revised"], counts["unchanged"], counts["jurisdictions_created"]) == (2, 0, 0, 1)
    assert (result["kind"], result["dry_run"], result["unknown_headers"]) == ("cdp_targets", False, [])
    assert [each["name"] for each in await house.rows("SELECT name FROM jurisdiction")] == ["City 1"]


async def test_a_commitment_says_what_was_promised_and_whose_figures_these_are(house: House, cdp: httpx.AsyncClient) -> None:
    result = await told(house, cdp, file(row(1, account="31112", achieved="56")))
    await house.work("commitments")
    made = (await cdp.get(f"/v1/commitments/{result['rows'][0]['commitment_id']}")).json()
    assert (made["base_year"], made["base_year_emissions_t"], made["reduction_percent"], made["target_year"]) == (2005, 67372856, 20, 2030)
    assert (made["target_year_emissions_t"], made["reported_target_year_emissions_t"]) == (53898284.8, 53898284.8)
    assert "CDP" in made["attribution"]
    assert "self-reported" in made["attribution"]
    assert made["assessed_at"] is not None
    city = (await cdp.get(f"/v1/jurisdictions/{made['jurisdiction_id']}")).json()
    assert (city["country"], city["external_ids"]) == ("TW", [{"source": "cdp", "value": "31112"}])
    assert (made["reported_percent_achieved"], made["progress"]["achieved_percent"]) == (56, None), "kept beside what we compute"
    audit = await house.rows("SELECT actor_kind, via FROM event WHERE type IN ('commitment.made', 'jurisdiction.changed')")
    assert [(each["actor_kind"], each["via"].startswith("key:")) for each in audit] == [("platform", True)] * 2


async def test_the_status_and_the_rules_are_what_the_assessment_warns_of(house: House, cdp: httpx.AsyncClient) -> None:
    result = await told(house, cdp, file(row(1, target_year="2055"), row(2, boundary="Local Government Operations")))
    await house.work("commitments")
    for each in result["rows"]:
        assert each["status"] != "rejected"
        assessed = (await cdp.get(f"/v1/commitments/{each['commitment_id']}")).json()
        warned = {finding["rule"] for finding in assessed["findings"] if finding["severity"] == "warning"}
        assert set(each["rules"]) <= warned
        assert each["status"] == ("imported_with_findings" if each["rules"] else "imported")
    assert "R5" in result["rows"][0]["rules"]
    with_a_step = await told(house, cdp, file(row(1, target_year="2055"), row(1, target_year="2029")), dry_run="true")
    assert "R5" not in with_a_step["rows"][0]["rules"]
    before_it_begins = (row(1, target_year="2055", base_year="2030", year_set=""), row(1, target_year="2029"))
    assert "R5" in (await told(house, cdp, file(*before_it_begins), dry_run="true"))["rows"][0]["rules"]


async def test_a_known_account_keeps_its_facts_and_gets_the_commitment(house: House, cdp: httpx.AsyncClient) -> None:
    known = item(1, name="Kaohsiung", population=5) | {"external_id": "31112"}
    assert (await send_batch(house.admin, [known], source="cdp")).status_code == 200
    result = await told(house, cdp, file(row(1, account="31112", population="2773533")))
    assert (result["counts"]["created"], result["counts"]["jurisdictions_created"]) == (1, 0)
    stored = await house.rows("SELECT name, population, version FROM jurisdiction")
    assert [tuple(each) for each in stored] == [("Kaohsiung", 5, 1)]


async def test_the_public_extract_goes_in_and_a_second_time_changes_nothing(house: House, cdp: httpx.AsyncClient) -> None:
    at_first = await events(house)
    dry = await told(house, cdp, EXTRACT.read_bytes(), dry_run="True")
    assert await house.rows("SELECT 1 FROM jurisdiction UNION ALL SELECT 1 FROM commitment UNION ALL SELECT 1 FROM imported_target") == []
    assert await events(house) == at_first
    first = await told(house, cdp, EXTRACT.read_bytes())
    assert (dry["dry_run"], dry["counts"]) == (True, first["counts"])
    assert [_said(each) for each in dry["rows"]] == [_said(each) for each in first["rows"]]
    assert {each["commitment_id"] for each in dry["rows"]} == {None}
    assert first["counts"]["created"] == len(await house.rows("SELECT id FROM commitment")) > 10
    for each in first["rows"]:
        assert each["status"] != "rejected" or each["rules"]
    before = await events(house)
    again = await told(house, cdp, EXTRACT.read_bytes())
    assert await events(house) == before
    assert [_said(each) | {"change": None} for each in again["rows"]] == [_said(each) | {"change": None} for each in first["rows"]]
    assert [each["commitment_id"] for each in again["rows"]] == [each["commitment_id"] for each in first["rows"]]
    assert (again["counts"]["unchanged"], again["counts"]["created"], again["counts"]["jurisdictions_created"]) == (
        first["counts"]["created"], 0, 0,
    )  # fmt: skip


def _said(each: Json) -> Json:
    return {name: value for name, value in each.items() if name != "commitment_id"}


async def test_a_baseline_scenario_that_lacks_its_scenario_is_rejected_by_r0(house: House, cdp: httpx.AsyncClient) -> None:
    result = await told(house, cdp, file(row(1, kind=SCENARIO, scenario="NE")))
    assert (result["rows"][0]["status"], result["rows"][0]["rules"]) == ("rejected", ["R0"])
    assert await house.rows("SELECT id FROM jurisdiction") == []


async def test_a_city_whose_country_nobody_knows_is_rejected_and_spoils_no_other(house: House, cdp: httpx.AsyncClient) -> None:
    result = await told(house, cdp, file(row(1, country="Atlantis"), row(2)))
    assert [each["status"] == "rejected" for each in result["rows"]] == [True, False]
    assert result["rows"][0]["rules"]
    assert any("Atlantis" in each["message"] for each in result["rows"][0]["findings"])
    assert len(await house.rows("SELECT id FROM commitment")) == 1


async def test_only_who_may_write_all_commitments_imports(house: House, anonymous: httpx.AsyncClient) -> None:
    city = (await house.admin.post("/v1/jurisdictions", json={"name": "K", "level": "city", "country": "TW"})).json()["id"]
    bound = await house.platform("commitments:write", jurisdictions=[city])
    reader = await house.platform("commitments:read", "sync:write")
    assert [(await send(client, file(row(1)))).status_code for client in (anonymous, bound, reader)] == [401, 403, 403]
    assert (await send(house.admin, file(row(1)))).status_code == 202


async def test_an_import_needs_an_idempotency_key_and_answers_the_same_again(house: House, cdp: httpx.AsyncClient) -> None:
    bare = await cdp.post(PATH, data={"kind": "cdp_targets"}, files={"file": ("a.csv", file(row(1)))})
    assert (bare.status_code, bare.json()["code"]) == (400, "idempotency-key-needed")
    first, second = await send(cdp, file(row(1)), key="again"), await send(cdp, file(row(1)), key="again")
    assert (second.status_code, second.json(), second.headers["location"]) == (202, first.json(), first.headers["location"])
    assert first.request.headers["content-type"] != second.request.headers["content-type"], "each was sent with a boundary of its own"
    other = await send(cdp, file(row(2)), key="again")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert (await send(cdp, file(row(1)), key="again", dry_run="true")).json()["code"] == "idempotency-key-reused"
    assert len(await house.rows("SELECT id FROM job")) == 1


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"kind": "targets"}, "/kind"),
        ({"kind": ""}, "/kind"),
        ({"dry_run": "yes"}, "/dry_run"),
        ({"colour": "green"}, "/colour"),
    ],
)
async def test_a_field_that_does_not_fit_is_named(cdp: httpx.AsyncClient, form: dict[str, str], pointer: str) -> None:
    answer = await send(cdp, file(row(1)), **form)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "Account"),
        (b"PK\x03\x04rest", "spreadsheet"),
        ("Año,Cuenta\n1,2\n".encode("latin-1"), "UTF-8"),
        (b'[{"a": 1}]', ""),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_in_plain_words(cdp: httpx.AsyncClient, content: bytes, words: str) -> None:
    answer = await send(cdp, content)
    problem = answer.json()
    assert (answer.status_code, problem["errors"][0]["pointer"]) == (422, "/file")
    assert words in problem["detail"]


async def test_a_file_of_too_many_rows_says_how_many_are_taken(cdp: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_ROWS", 2)
    assert (await send(cdp, file(row(1), row(2)))).status_code == 202
    answer = await send(cdp, file(row(1), row(2), row(3)))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/file")
    assert "3 rows; 2 are taken" in answer.json()["detail"]


async def test_a_form_without_kind_or_file_says_what_is_missing(cdp: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "one"}
    without_kind = await cdp.post(PATH, files={"file": ("a.csv", b"a,b")}, headers=headers)
    assert (without_kind.status_code, without_kind.json()["errors"][0]["pointer"]) == (422, "/kind")
    without_file = await cdp.post(PATH, files={"kind": (None, "cdp_targets")}, headers=headers | {"Idempotency-Key": "two"})
    assert (without_file.status_code, without_file.json()["errors"][0]["pointer"]) == (422, "/file")


async def test_other_media_types_are_refused_here_and_forms_everywhere_else(house: House, cdp: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "json"}
    for kind in ("application/json", "text/csv", "application/x-www-form-urlencoded"):
        answer = await cdp.post(PATH, content=b"{}", headers={"Content-Type": kind} | headers)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type"), kind
    assert (await cdp.post(PATH, headers={"Idempotency-Key": "nothing"})).status_code == 415
    for path in ("/v1/membership/batches", "/v1/jurisdictions", "/v1/imports/x", "/review/abc"):
        answer = await house.admin.post(path, files={"file": ("a.csv", b"a,b")}, headers=headers)
        assert answer.status_code == 415, path


async def test_an_import_that_runs_is_not_there_yet_and_is_seen_by_its_starter_and_operators(
    house: House, cdp: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    answer = await send(cdp, file(row(1)))
    job = answer.json()
    result = f"{PATH}/{job['id']}"
    assert (job["kind"], job["status"], job["progress"], job["result_url"]) == ("import", "queued", {"done": 0, "total": 1}, None)
    assert (answer.headers["location"], (await cdp.get(result)).status_code) == (f"/v1/jobs/{job['id']}", 404)
    await house.work("imports")
    other = await house.platform("commitments:write")
    assert [(await client.get(result)).status_code for client in (cdp, house.admin, other, anonymous)] == [200, 200, 404, 401]
    assert (await house.admin.get(f"/v1/membership/batches/{job['id']}")).status_code == 404
    assert await house.rows("SELECT 1 FROM job_part WHERE content IS NOT NULL") == []
