"""Commitments: what jurisdictions promise, what the standards say about it, and where they stand.

Words: target (one of four types), base year, target year, inventory (a progress report), path, progress, finding. What blocks
(R0, R3) is refused before anything is stored; all other findings and the progress are computed by the worker, after each change
and each report. A typed "percent achieved" is never taken over: the difference is a finding.
Pure: `rules` (R0-R13), `formulas` and `trajectory` (F1-F10), `validation`, `targets`, `progress`.

Emits ``commitment.made``, ``commitment.revised``, ``commitment.progress_reported`` and, internally, ``commitment.assessed``.
"""
