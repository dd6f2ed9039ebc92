"""``comphub import``: a file of another registry goes to a running API, row by row accounted for."""

from services.local.importing.command import Options, run
from services.local.importing.targets import TargetOptions
from services.local.importing.targets import run as run_targets

__all__ = ["Options", "TargetOptions", "run", "run_targets"]
