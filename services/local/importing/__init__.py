"""``comphub import``: a file of another registry goes to a running API, row by row accounted for."""

from services.local.importing.command import Options, run

__all__ = ["Options", "run"]
