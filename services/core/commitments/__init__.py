"""Commitments: what jurisdictions promise, what the standards say about it, and where they stand.

Words: target (one of four types), base year, target year, inventory (a progress report), path, progress, finding. What blocks
(R0, R3) is refused before anything is stored; all other findings and the progress are computed by the worker, after each change
and each report. A typed "percent achieved" is never taken over: the difference is a finding.
Pure: `rules` (what a target is; R0, R3), `rulebook` (severities, sources and thresholds by version), `checks` (R1-R13 and our own
findings, with `boundaries`, `stated`, `plausible`, `measures`), `sufficiency` (`ndc`, `fair_share`, and what is `effective` in both),
`formulas` and `trajectory` (F1-F10), `frames` (which inventory counts, and why), `promise`, `progress`, `path` (their figures, each with
formula and inputs), `validation`, `targets`. For readers: `docs/climate-rules.md`.

A commitment is never overwritten: each revision is an event, sealed to the one before it (`chain`), and a weaker one is told as such
(`ambition`).

Emits ``commitment.made``, ``commitment.revised`` or ``commitment.weakened``, ``commitment.progress_reported`` and, internally,
``commitment.assessed``.
"""
