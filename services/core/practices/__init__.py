"""Practices: calls, best practices handed in to them, their versions, and their assessment under a versioned rubric."""
