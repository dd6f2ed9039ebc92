"""What can go wrong with an engine, each said in a sentence that tells a person what to do."""

from __future__ import annotations


class EngineError(Exception):
    """An engine can't be started, and the message says why."""


class EngineMissing(EngineError):
    """The server's program isn't installed; the message is one sentence that says what to install."""


class EngineFailed(EngineError):
    """The server was started but ended, or never became ready; the message ends with its last log lines."""


class FolderInUse(EngineError):
    """Another living process holds the data folder."""
