"""``python -m services.local``: the command `comphub` where scripts cannot be installed."""

from services.local.cli import app

app(prog_name="comphub")
