"""Imports: files in which a registry publishes what jurisdictions told it, taken in as commitments.

Words: edition (one year's form of a file, described by a table of its headers and values), row, account, outcome. A row becomes a
commitment of the jurisdiction that the registry calls by its account number, is skipped, or is rejected by a named rule.
Pure: `edition`, `reading`.
"""
