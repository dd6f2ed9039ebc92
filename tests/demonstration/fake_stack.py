"""A stack in memory that keeps the API's promises as far as the demonstration needs them; strict where it matters.

It decides nothing cleverly: reviewers are taken in order, and every answer of the worker comes one look later.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import httpx

Json = dict[str, Any]
DATE = "Tue, 24 Nov 2026 09:00:00 GMT"
AFTER = {
    "submit": "expressed_interest", "review": "under_review", "invite": "invited", "send_agreement": "agreement_sent",
    "sign": "signed", "activate": "active", "open": "open",
}  # fmt: skip


class FakeStack:
    """Routes by method and pattern; what is stored is stored by id."""

    def __init__(self) -> None:
        self.rows: dict[str, Json] = {}
        self.lists: dict[str, list[str]] = {}
        self.letters: list[Json] = []
        self.links: dict[str, Json] = {}
        self.keys: set[str] = set()
        self.posts = 0
        self.deaf = False
        """A worker that never answers."""
        self._numbers = itertools.count(1)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path, method = request.url.path, request.method
        if path == "/livez":
            return httpx.Response(200, json={}, headers={"Date": DATE})
        if path == "/api/messages":
            return httpx.Response(200, json={"items": self.letters})
        is_json = request.headers.get("Content-Type", "") == "application/json"
        body = json.loads(request.content) if is_json else {}
        if method == "POST":
            key = request.headers["Idempotency-Key"]
            assert key not in self.keys
            self.keys.add(key)
            self.posts += 1
        open_to_all = path.startswith(("/v1/review-links/", "/v1/verify/")) or path.endswith(("/revisions", ".svg"))
        read_by_both = method == "GET" and re.fullmatch("/v1/commitments/[^/]+", path)
        assert read_by_both or open_to_all != ("X-API-Key" in request.headers), f"wrong caller on {path}"
        for pattern, handle in self._routes():
            if found := re.fullmatch(f"{method} {pattern}", f"{method} {path}"):
                return handle(found[1] if found.groups() else "", body, request)
        return self._plain(method, path, body, request)

    def _routes(self) -> list[tuple[str, Callable[[str, Json, httpx.Request], httpx.Response]]]:
        return [
            (r"/v1/review-links/([^/]+)", self._link),
            (r"/v1/review-links/([^/]+)/transitions", self._answer_link),
            (r"/v1/review-links/([^/]+)/review", self._review),
            (r"/v1/practices/([^/]+)/transitions", self._submit),
            (r"/v1/practices/([^/]+)/assessment", self._assessment),
            (r"/v1/practices/([^/]+)/evidence", self._evidence),
            (r"/v1/practices/([^/]+)/versions/2/diff", lambda *_: ok(DIFF)),
            (r"/v1/calls/([^/]+)/assignments", self._assignments),
            (r"/v1/commitments/([^/]+)/trajectory.svg", lambda *_: httpx.Response(200, content=b"<svg/>")),
            (r"/v1/verify/([^/]+)", lambda code, *_: ok({"valid": True, "status": "granted", "code": code})),
            (r"/v1/memberships/([^/]+)/agreement", self._agreement),
            (r"/v1/(?:memberships|calls)/([^/]+)/transitions", self._move),
        ]

    def _plain(self, method: str, path: str, body: Json, request: httpx.Request) -> httpx.Response:
        """Any resource: a list with POST, a row with GET and PATCH."""
        row = self.rows.get(path.rsplit("/", 1)[-1])
        if method == "GET" and row:
            self._work(row)
            return ok(row)
        if method == "GET":
            return ok({"items": [self.rows[i] for i in self.lists.get(path, [])], "next_cursor": None})
        if method == "PATCH" and row:
            if request.headers.get("If-Match") != f'"{row["version"]}"':
                return problem(412, "precondition-failed")
            row.update(body, version=row["version"] + 1)
            return ok(row)
        made: Json = {"id": f"id-{next(self._numbers)}", "status": "draft", "version": 1, **body, "_path": path}
        self.rows[made["id"]] = made
        self.lists.setdefault(path, []).append(made["id"])
        return ok(made, 201)

    def _work(self, row: Json) -> None:
        """What the worker does between two looks."""
        if row["_path"].endswith("/commitments"):
            reports = [self.rows[each] for each in self.lists.get(f"/v1/commitments/{row['id']}/progress-reports", [])]
            row.update(_assessed(row, reports))
        if row["_path"] == "/v1/practices" and row["status"] == "submitted" and not self.deaf:
            row["status"] = "assessed" if row.get("consent_to_publish") else "returned"
            if row["status"] == "assessed":
                self._ask(row, 3)

    def _ask(self, practice: Json, number: int) -> None:
        home = {m["id"]: m["jurisdiction_id"] for m in self.rows.values() if m["_path"].endswith("/memberships")}
        people = [r for r in self.rows.values() if r["_path"].endswith("/representatives") and r["reviewer"]]
        others = [p for p in people if home[p["_path"].split("/")[3]] != practice["jurisdiction_id"]]
        asked = practice.setdefault("_asked", [])
        for person in [p for p in others if p["id"] not in asked][:number]:
            asked.append(person["id"])
            token = f"token-{next(self._numbers)}"
            self.links[token] = {"practice": practice, "person": person, "status": "invited"}
            self._mail(person["email"], f"Please review\n {practice['title']}: http://localhost/review/{token}\n")
        practice["status"] = "in_review"

    def _mail(self, to: str, text: str) -> None:
        number = next(self._numbers)
        moment = "2026-11-24T09:00:01Z"
        self.letters.append({"id": str(number), "to": to, "subject": "ComP Hub", "text": text, "received_at": moment})

    def _link(self, token: str, _: Json, __: httpx.Request) -> httpx.Response:
        link = self.links[token]
        return ok({"practice_id": link["practice"]["id"], "status": link["status"], "reasons": ["speaks your language"]})

    def _answer_link(self, token: str, body: Json, _: httpx.Request) -> httpx.Response:
        link = self.links[token]
        if body["action"] == "decline":
            assert body["reason"]
            link["status"] = "declined"
            self._ask(link["practice"], 1)
            return ok({"status": "declined"})
        link["status"] = "accepted"
        self._mail(link["person"]["email"], f"Thank you. http://localhost/review/{token}")
        return ok({"status": "accepted", "review_session": f"session-{token}"})

    def _review(self, token: str, body: Json, request: httpx.Request) -> httpx.Response:
        assert request.headers["X-Review-Session"] == f"session-{token}"
        assert set(body) == {"scores", "comments_to_author", "comments_to_secretariat", "recommendation", "confidence", "final"}
        practice = self.links[token]["practice"]
        reviews = self.lists.setdefault(f"/v1/practices/{practice['id']}/reviews", [])
        total = sum(s["value"] for s in body["scores"]) / 6 * 10
        review = {"id": f"id-{next(self._numbers)}", "_path": "review", "total": total}
        self.rows[review["id"]] = review
        reviews.append(review["id"])
        if len(reviews) == 3:
            self._decide(practice, [self.rows[i]["total"] for i in reviews])
        return ok({})

    def _decide(self, practice: Json, totals: list[float]) -> None:
        practice["status"] = "recognised" if sum(totals) / 3 >= 70 else "commended"
        code = f"CP-{practice['id']}"
        granted = {"id": code, "_path": "r", "practice_id": practice["id"], "code": code, "level": practice["status"], "verify_url": "x"}
        self.rows[code] = granted
        self.lists.setdefault("/v1/recognitions", []).append(code)
        members = {m["id"] for m in self.rows.values() if m.get("jurisdiction_id") == practice["jurisdiction_id"]}
        for person in [r for r in self.rows.values() if r["_path"].endswith("/representatives") and r["_path"].split("/")[3] in members]:
            self._mail(person["email"], f"Decided: {practice['title']} http://localhost/verify/{code}")

    def _submit(self, practice_id: str, body: Json, _: httpx.Request) -> httpx.Response:
        assert body == {"action": "submit"}
        self.rows[practice_id]["status"] = "submitted"
        return ok(self.rows[practice_id])

    def _assessment(self, practice_id: str, _: Json, __: httpx.Request) -> httpx.Response:
        returned = self.rows[practice_id]["status"] == "returned"
        finding = {"rule": "P1", "severity": "blocking", "pointer": "/indicators", "message": "No measured result."}
        criterion = {"code": "evidence", "weight": 20, "points": 8, "max": 10, "reasons": ["1 of 3 points: a result [with method]"]}
        return ok({"findings": [finding] * returned, "total": 80, "band": "management", "rubric_version": "1", "criteria": [criterion]})

    def _evidence(self, _: str, body: Json, request: httpx.Request) -> httpx.Response:
        given = body or {"kind": "file", "title": "A table", "name": "a.csv", "media_type": "text/csv", "size": len(request.content)}
        made = given | {"id": f"id-{next(self._numbers)}"}
        return ok(made, 201)

    def _assignments(self, _: str, __: Json, ___: httpx.Request) -> httpx.Response:
        pairs = [{"practice_id": link["practice"]["id"]} for link in self.links.values()]
        return ok({"run": {}, "pairs": pairs, "alternates": []}) if pairs else problem(404, "not-found")

    def _agreement(self, membership_id: str, body: Json, request: httpx.Request) -> httpx.Response:
        row = self.rows[membership_id]
        if request.method == "PUT":
            row["_agreement"] = {**body, "version": 1}
        return ok(row["_agreement"]) if "_agreement" in row else problem(404, "not-found")

    def _move(self, row_id: str, body: Json, _: httpx.Request) -> httpx.Response:
        row = self.rows[row_id]
        if body["action"] == "sign" and "_agreement" not in row:
            return problem(409, "agreement-incomplete")
        row["status"] = AFTER[body["action"]]
        return ok(row)


DIFF: Json = {"summary": {"added": 7, "removed": 0, "changed": 1}, "changes": [{"pointer": "/lessons"}, {"pointer": "/indicators/0"}]}


def ok(body: Json, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": f"Because of {code}.", "errors": [{"pointer": "/x", "detail": "wrong"}]})


def _assessed(commitment: Json, reports: list[Json]) -> Json:
    """What the worker computes of a commitment: the last inventory that does not count power twice stands for its progress."""
    counted = [report for report in reports if not report.get("includes_grid_generation")]
    gone = [{"year": report["year"], "why": "It counts power generation twice."} for report in reports if report not in counted]
    latest = counted[-1] if counted else {"year": None}
    progress = {
        "latest_year": latest["year"],
        "achieved_percent": 41.43 if counted else None,
        "status": "ahead" if counted else "no_data",
        "reported_percent_achieved": latest.get("reported_percent_achieved"),
        "inventory": {"year": latest["year"], "why": "", "passed_over": gone},
    }
    tests = [{"name": "ndc", "passed": None}, {"name": "fair_share_1_5c", "passed": None}]
    history = {"revisions": commitment["version"], "weakened_times": 0}
    return {"assessed_at": DATE, "progress": progress, "sufficiency": {"verdict": "not_assessed", "tests": tests}, "history": history}
