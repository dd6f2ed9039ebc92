"""What happened in one play: the facts from which the story and demo.json are written."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.local.demonstration.cohort import Json
from services.local.demonstration.committing import Committed
from services.local.demonstration.post import Letter

DECIDED = ("recognised", "commended", "declined", "revise")


@dataclass
class Reviewed:
    """One reviewer's answer to one request: a review, or a refusal with its reason."""

    reviewer: str
    city: str
    reasons: list[str]
    declined: str | None = None
    opinion: Json = field(default_factory=dict)


@dataclass
class Submission:
    """One practice on its way through the call."""

    key: str
    city: str
    city_name: str
    script: Json
    practice: Json
    returned: list[Json] = field(default_factory=list)
    """The blocking findings of the draft that came back; empty when none did."""
    evidence: list[Json] = field(default_factory=list)
    """The links and files that were added when it was repaired."""
    repair: Json = field(default_factory=dict)
    """How the repaired version differs from the one that came back."""
    assessment: Json = field(default_factory=dict)
    answers: list[Reviewed] = field(default_factory=list)
    total: float | None = None
    """Mean of the reviewers' totals, 0..100, where the API shows it."""
    recognition: Json = field(default_factory=dict)
    verified: Json = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    """The decision letters to the author's representatives."""
    opinions_left: list[Json] = field(default_factory=list)
    refusals_left: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The practice's id."""
        return str(self.practice["id"])

    @property
    def title(self) -> str:
        """The practice's title."""
        return str(self.practice["title"])

    @property
    def status(self) -> str:
        """The practice's status as last read."""
        return str(self.practice["status"])

    @property
    def reviews(self) -> list[Reviewed]:
        """The reviews that were written."""
        return [a for a in self.answers if a.declined is None]

    @property
    def refusals(self) -> list[Reviewed]:
        """The requests that were declined."""
        return [a for a in self.answers if a.declined is not None]


@dataclass
class Story:
    """The whole play."""

    community: str
    term_note: str | None
    cities: int
    active: int
    call: Json = field(default_factory=dict)
    submissions: list[Submission] = field(default_factory=list)
    commitments: list[Committed] = field(default_factory=list)
    letters: int = 0
    seconds: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of the last line and of demo.json."""
        subs = self.submissions
        return {
            "jurisdictions": self.cities,
            "memberships_active": self.active,
            "practices": len(subs),
            "assessed": sum(1 for s in subs if s.assessment),
            "returned": sum(1 for s in subs if s.returned),
            "reviews": sum(len(s.reviews) for s in subs),
            "declined": sum(len(s.refusals) for s in subs),
            "letters": self.letters,
            "recognised": sum(1 for s in subs if s.status == "recognised"),
            "commended": sum(1 for s in subs if s.status == "commended"),
        }

    def as_report(self) -> Json:
        """The body of demo.json."""
        return {
            "ok": True,
            "counts": self.counts,
            "commitments": [
                {
                    "id": c.commitment["id"],
                    "jurisdiction": c.city,
                    "title": c.commitment["title"],
                    "progress": c.commitment["progress"],
                    "sufficiency": c.commitment["sufficiency"]["verdict"],
                    "history": c.commitment["history"],
                }
                for c in self.commitments
            ],
            "practices": [
                {
                    "id": s.id,
                    "title": s.title,
                    "jurisdiction": s.city_name,
                    "status": s.status,
                    "total": s.total,
                    "assessment_total": s.assessment.get("total"),
                    "reviews": len(s.reviews),
                    "declined": len(s.refusals),
                    "recognition": s.recognition.get("code"),
                }
                for s in self.submissions
            ],
            "recognitions": [s.recognition["code"] for s in self.submissions if s.recognition],
            "call_id": self.call.get("id"),
            "seconds": round(self.seconds, 1),
        }
