"""Commitments: what jurisdictions promise, what the standards say about it, and where they stand.

Words: target, base year, target year, inventory, path, progress, finding. Pure so far: `rules` (R0-R13) and
`trajectory` (F1-F10).
"""
