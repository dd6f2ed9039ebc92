"""How each operation is called in the authorization matrix: always about what is Kaohsiung's, in the community “here”.

A path names objects of `tests.fixtures.world` in braces. Bodies are such that whoever may do it is answered 2xx; ``passes``
names other statuses that only somebody who was let in can meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fixtures.cohort import COMMUNITY, SIGNED, representative
from tests.fixtures.evidence_files import pdf
from tests.fixtures.panel import PRACTICE
from tests.fixtures.target_files import cells, written
from tests.fixtures.world import COMMITMENT

Json = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One request. ``body`` values that begin with ``@`` are names of objects; ``form`` is sent as multipart/form-data instead."""

    method: str
    path: str
    body: Json | None = None
    passes: frozenset[int] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None


def get(path: str) -> Operation:
    """A read."""
    return Operation("GET", path)


def post(path: str, body: Json | None = None, *passes: int, **headers: str) -> Operation:
    """Something that acts."""
    return Operation("POST", path, body, frozenset(passes), {name.replace("_", "-"): value for name, value in headers.items()})


def change(method: str, path: str, body: Json | None = None, *passes: int) -> Operation:
    """A change of something that has a version."""
    return Operation(method, path, body, frozenset(passes), {"If-Match": "*"})


CITY: Json = {"name": "Kaohsiung", "level": "city", "country": "TW"}
CALL: Json = {
    "title": "A call", "themes": ["circular_economy"], "time_zone": "Asia/Taipei", "opens_at": "2098-01-01T00:00:00Z",
    "closes_at": "2098-02-01T00:00:00Z", "answer_due_at": "2098-03-01T00:00:00Z", "review_due_at": "2098-04-01T00:00:00Z",
}  # fmt: skip
SPEAKER = representative("communications", "matrix")
MINE: Json = PRACTICE | {"call_id": "@call", "jurisdiction_id": "@own"}
DECISION: Json = {"outcome": "commended", "reason": "The reviews differ; the panel met."}
RESIGNED: Json = SIGNED | {"document": {"title": "Another agreement", "url": "https://city.example/another"}}
BATCH: Json = {"source": "iclei", "mode": "merge", "items": [{"external_id": "K1", "jurisdiction": CITY}]}

LINK: Json = {"kind": "link", "title": "A report", "url": "https://city.example/report"}
FILE = {"file": ("another.pdf", pdf(b"another"), "application/pdf")}
FORM = {"kind": (None, "cdp_targets"), "file": ("targets.csv", written([cells(kind="No target")]), "text/csv")}

OPERATIONS: dict[str, Operation] = {
    # what operators see
    "list_tasks": get("/v1/admin/tasks"),
    "requeue_task": post("/v1/admin/tasks/{task}/requeue"),
    "list_audit": get("/v1/audit"),
    "get_job": get("/v1/jobs/{job}"),
    # accounts
    "get_me": get("/v1/me"),
    "close_session": Operation("DELETE", "/v1/sessions/current"),
    "list_api_clients": get("/v1/api-clients"),
    "create_api_client": post("/v1/api-clients", {"name": "c", "scopes": ["practices:read"], "jurisdiction_ids": ["*"]}),
    "get_api_client": get("/v1/api-clients/{client}"),
    "remove_api_client": change("DELETE", "/v1/api-clients/{client}"),
    "issue_api_key": post("/v1/api-clients/{client}/keys"),
    "revoke_api_key": change("DELETE", "/v1/api-clients/{client}/keys/{key}"),
    "create_api_client: an administrator's": post("/v1/api-clients", {"name": "c", "scopes": ["admin"], "jurisdiction_ids": ["*"]}),
    "remove_api_client: an administrator's": change("DELETE", "/v1/api-clients/{admin_client}"),
    "issue_api_key: an administrator's": post("/v1/api-clients/{admin_client}/keys"),
    "revoke_api_key: an administrator's": change("DELETE", "/v1/api-clients/{admin_client}/keys/{admin_key}"),
    "list_people": get("/v1/people"),
    "create_person": post("/v1/people", {"email": "new@city.example", "name": "New"}),
    "get_person": get("/v1/people/{person}"),
    "amend_person": change("PATCH", "/v1/people/{person}", {"name": "Renamed"}),
    "remove_person": change("DELETE", "/v1/people/{person}"),
    "create_person: an administrator": post("/v1/people", {"email": "a@city.example", "name": "A", "roles": [{"role": "admin"}]}),
    "amend_person: an administrator's address": change("PATCH", "/v1/people/{admin_person}", {"email": "mine@city.example"}),
    "amend_person: into an administrator": change("PATCH", "/v1/people/{person}", {"roles": [{"role": "admin"}]}),
    "remove_person: an administrator": change("DELETE", "/v1/people/{admin_person}"),
    # jurisdictions
    "list_jurisdictions": get("/v1/jurisdictions"),
    "create_jurisdiction": post("/v1/jurisdictions", CITY),
    "get_jurisdiction": get("/v1/jurisdictions/{own}"),
    "replace_jurisdiction": change("PUT", "/v1/jurisdictions/{own}", CITY),
    "amend_jurisdiction": change("PATCH", "/v1/jurisdictions/{own}", {"population": 2_765_932}),
    # communities and their members
    "list_communities": get("/v1/communities"),
    "create_community": post("/v1/communities", COMMUNITY),
    "get_community": get("/v1/communities/{here}"),
    "replace_community": change("PUT", "/v1/communities/{here}", COMMUNITY),
    "amend_community": change("PATCH", "/v1/communities/{here}", {"name": "Renamed"}),
    "list_memberships": get("/v1/communities/{here}/memberships"),
    "draft_membership": post("/v1/communities/{here}/memberships", {"jurisdiction_id": "@own", "kind": "member"}, 409),
    "get_membership": get("/v1/memberships/{membership}"),
    "amend_membership": change("PATCH", "/v1/memberships/{membership}", {"kind": "observer"}, 409),
    "take_membership_step": post("/v1/memberships/{membership}/transitions", {"action": "withdraw"}),
    "take_membership_step: the secretariat's": post("/v1/memberships/{membership}/transitions", {"action": "reinstate"}),
    "list_membership_history": get("/v1/memberships/{membership}/history"),
    "get_agreement": get("/v1/memberships/{membership}/agreement"),
    "put_agreement": change("PUT", "/v1/memberships/{membership}/agreement", SIGNED),
    "put_agreement: another one while it is in force": change("PUT", "/v1/memberships/{membership}/agreement", RESIGNED),
    "list_representatives": get("/v1/memberships/{membership}/representatives"),
    "name_representative": post("/v1/memberships/{membership}/representatives", SPEAKER),
    "get_representative": get("/v1/representatives/{representative}"),
    "replace_representative": change("PUT", "/v1/representatives/{representative}", SPEAKER),
    "amend_representative": change("PATCH", "/v1/representatives/{representative}", {"max_load": 1}),
    "remove_representative": change("DELETE", "/v1/representatives/{representative}"),
    # systems that sync
    "create_batch": post("/v1/membership/batches", BATCH, Idempotency_Key="the-matrix"),
    "get_batch": get("/v1/membership/batches/{job}"),
    "create_import": Operation("POST", "/v1/imports", headers={"Idempotency-Key": "the matrix's file"}, form=FORM),
    "get_import": get("/v1/imports/{import}"),
    "list_membership_changes": get("/v1/membership/changes"),
    # commitments (a private one)
    "list_commitments": get("/v1/commitments"),
    "list_commitments_of_jurisdiction": get("/v1/jurisdictions/{own}/commitments"),
    "get_band": get("/v1/jurisdictions/{own}/band"),
    "make_commitment": post("/v1/jurisdictions/{own}/commitments", COMMITMENT),
    "get_commitment": get("/v1/commitments/{commitment}"),
    "replace_commitment": change("PUT", "/v1/commitments/{commitment}", COMMITMENT),
    "amend_commitment": change("PATCH", "/v1/commitments/{commitment}", {"title": "Renamed"}),
    "list_revisions": get("/v1/commitments/{commitment}/revisions"),
    "list_progress_reports": get("/v1/commitments/{commitment}/progress-reports"),
    "report_progress": post("/v1/commitments/{commitment}/progress-reports", {"year": 2022, "emissions_t": 54_000_000}),
    "get_progress_report": get("/v1/commitments/{commitment}/progress-reports/{report}"),
    "replace_progress_report": change(
        "PUT", "/v1/commitments/{commitment}/progress-reports/{report}", {"year": 2021, "emissions_t": 54_000_000}
    ),
    "get_trajectory": get("/v1/commitments/{commitment}/trajectory"),
    "get_trajectory_picture": get("/v1/commitments/{commitment}/trajectory.svg"),
    "get_commitment: for members": get("/v1/commitments/{members_commitment}"),
    "replace_commitment: for members": change("PUT", "/v1/commitments/{members_commitment}", COMMITMENT),
    "report_progress: for members": post(
        "/v1/commitments/{members_commitment}/progress-reports", {"year": 2022, "emissions_t": 54_000_000}
    ),
    "replace_progress_report: for members": change(
        "PUT", "/v1/commitments/{members_commitment}/progress-reports/{members_report}", {"year": 2021, "emissions_t": 54_000_000}
    ),
    # calls (a draft) and practices
    "list_calls": get("/v1/communities/{here}/calls"),
    "create_call": post("/v1/communities/{here}/calls", CALL),
    "get_call": get("/v1/calls/{draft_call}"),
    "replace_call": change("PUT", "/v1/calls/{draft_call}", CALL),
    "amend_call": change("PATCH", "/v1/calls/{draft_call}", {"title": "Renamed"}),
    "replace_call: an open one": change("PUT", "/v1/calls/{call}", CALL, 409),
    "amend_call: an open one": change("PATCH", "/v1/calls/{call}", {"title": "Renamed"}),
    "take_call_step": post("/v1/calls/{draft_call}/transitions", {"action": "open"}),
    "list_practices": get("/v1/practices"),
    "draft_practice": post("/v1/practices", MINE),
    "draft_practice: for a call that is a draft": post("/v1/practices", MINE | {"call_id": "@draft_call"}),
    "get_practice": get("/v1/practices/{draft}"),
    "replace_practice": change("PUT", "/v1/practices/{draft}", MINE),
    "amend_practice": change("PATCH", "/v1/practices/{draft}", {"title": "Renamed"}),
    "take_practice_step": post("/v1/practices/{draft}/transitions", {"action": "withdraw"}),
    "amend_practice: a published one": change("PATCH", "/v1/practices/{published}", {"title": "Renamed"}, 409),
    "take_practice_step: a published one": post("/v1/practices/{published}/transitions", {"action": "withdraw"}, 409),
    "get_assessment": get("/v1/practices/{disputed}/assessment"),
    "list_assessments": get("/v1/practices/{disputed}/assessments"),
    "get_readiness": get("/v1/practices/{draft}/readiness"),
    "list_rubrics": get("/v1/rubrics"),
    "get_rubric": get("/v1/rubrics/2026-1"),
    "rescore_call": post("/v1/calls/{call}/rescorings", {"rubric_version": "2026-1"}, Idempotency_Key="the matrix's rescoring"),
    "rescore_call: a draft": post("/v1/calls/{draft_call}/rescorings", {"rubric_version": "2026-1"}, Idempotency_Key="a hidden call's"),
    "get_rescoring": get("/v1/rescorings/{rescoring}"),
    "get_rescoring_picture": get("/v1/rescorings/{rescoring}/moved.svg"),
    "list_versions": get("/v1/practices/{disputed}/versions"),
    "get_version": get("/v1/practices/{disputed}/versions/1"),
    "compare_versions": get("/v1/practices/{disputed}/versions/1/diff"),
    "list_evidence": get("/v1/practices/{draft}/evidence"),
    "list_evidence: of a published practice": get("/v1/practices/{published}/evidence"),
    "add_evidence": post("/v1/practices/{draft}/evidence", LINK),
    "add_evidence: a file": Operation("POST", "/v1/practices/{draft}/evidence", form=FILE),
    "get_evidence": get("/v1/evidence/{evidence}"),
    "get_evidence: of a published practice": get("/v1/evidence/{published_evidence}"),
    "get_evidence_content": get("/v1/evidence/{evidence}/content"),
    "get_evidence_content: of a published practice": get("/v1/evidence/{published_evidence}/content"),
    "remove_evidence": change("DELETE", "/v1/evidence/{evidence}"),
    "remove_evidence: of a published practice": change("DELETE", "/v1/evidence/{published_evidence}", None, 409),
    # reviews
    "get_requested_evidence_content": get("/v1/review-requests/{request}/evidence/{requested_evidence}/content"),
    "get_assignment": get("/v1/calls/{call}/assignments"),
    "list_review_requests": get("/v1/review-requests"),
    "get_review_request": get("/v1/review-requests/{request}"),
    "answer_review_request": post("/v1/review-requests/{request}/transitions", {"action": "accept"}),
    "get_requested_review": get("/v1/review-requests/{reviewed_request}/review"),
    "list_practice_reviews": get("/v1/practices/{disputed}/reviews"),
    "list_practice_reviews: of a published one": get("/v1/practices/{published}/reviews"),
    "decide_practice": post("/v1/practices/{disputed}/decision", DECISION),
    # recognition
    "list_recognitions": get("/v1/recognitions"),
    "get_recognition": get("/v1/recognitions/{recognition}"),
    "change_recognition": post("/v1/recognitions/{recognition}/transitions", {"action": "revoke", "reason": "It was not so."}),
}
"""Operation -> how it is called. A name may have a variant behind a colon."""
