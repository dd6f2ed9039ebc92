"""Which earlier practices say nearly the same: candidates by their keys, for any number of submissions in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.core.kit.db import Unit
from services.core.practices.rules import PUBLISHED

_CANDIDATES = f"""
SELECT s.practice_id, s.sketch, found.*
FROM unnest($1::uuid[], $2::int[]) AS wanted(practice_id, number)
JOIN practice_sketch s ON s.practice_id = wanted.practice_id AND s.number = wanted.number
JOIN practice_version v ON v.practice_id = s.practice_id AND v.number = s.number
JOIN practice p ON p.id = s.practice_id
CROSS JOIN LATERAL (
  SELECT e.practice_id AS other_id, e.sketch AS other_sketch, o.title, o.jurisdiction_id = p.jurisdiction_id AS is_own,
         o.jurisdiction_id = p.jurisdiction_id AND o.call_id = p.call_id AS is_same_call,
         o.consent_to_publish AND o.status IN {PUBLISHED!r} AS is_published
  FROM (SELECT practice_id, number, locale, keys, sketch FROM practice_sketch
        WHERE keys && s.keys AND practice_id <> s.practice_id LIMIT 500) AS e
  JOIN practice_version ev ON ev.practice_id = e.practice_id AND ev.number = e.number
  JOIN practice o ON o.id = e.practice_id AND o.status <> 'withdrawn'
  WHERE (ev.submitted_at, ev.practice_id) < (v.submitted_at, s.practice_id)
    AND NOT EXISTS (SELECT FROM practice_version n WHERE n.practice_id = ev.practice_id AND n.number > ev.number
                    AND (n.submitted_at, n.practice_id) < (v.submitted_at, s.practice_id))
    AND NOT EXISTS (SELECT FROM practice_version mine JOIN practice_sketch m USING (practice_id, number)
                    WHERE mine.practice_id = s.practice_id AND mine.number < s.number
                      AND (mine.submitted_at, mine.practice_id) < (ev.submitted_at, ev.practice_id) AND m.keys && e.keys
                      AND 2 * (SELECT count(*) FROM unnest(e.keys) AS key WHERE key = ANY(m.keys))
                          >= (SELECT count(*) FROM unnest(e.keys) AS key WHERE key = ANY(s.keys)))
  ORDER BY (SELECT count(*) FROM unnest(e.keys) AS key WHERE key = ANY(s.keys)) DESC, ev.submitted_at, e.practice_id, e.locale
  LIMIT 50
) AS found
"""  # noqa: S608  constants of the house


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier practice that may say the same as ``practice_id``: a sketch of each, and how the two stand to each other."""

    practice_id: UUID
    sketch: list[int]
    other_id: UUID
    other_sketch: list[int]
    title: str
    is_own: bool
    is_same_call: bool
    is_published: bool


async def resembling_candidates(session: Unit, submissions: Sequence[tuple[UUID, int]]) -> list[Candidate]:
    """For each of ``submissions`` (practice, number), at most 50 pairs of a text of its own and one of an earlier practice.

    Of another practice counts what it said when the submission was handed in; none that was withdrawn counts. Who said it
    first is not reminded of who said it after: where an earlier version of the same practice is older than the other text and
    has at least half as many keys in common with it, there is no candidate.
    """
    driver = await session.driver()
    rows = await driver.fetch(_CANDIDATES, [each[0] for each in submissions], [each[1] for each in submissions])
    return [Candidate(**row) for row in rows]
