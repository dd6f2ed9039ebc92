"""The house tests: ARCHITECTURE's laws, checked on the source (`python -m tests.house`) and proved to bite."""
