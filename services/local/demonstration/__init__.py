"""The demonstration: the founding cohort as data, and one call for practices played through the public API.

`run(api_url, admin_key, mailbox_url, data_dir, console)` seeds what is missing, plays a call from submission to
recognition, tells the story and writes `demo.json`. `seed(api)` alone gives a fresh stack its founding cohort.
Nothing here reaches into the services: what a stranger with a key can do is all that it does.
"""

from services.local.demonstration.api import Api, ApiProblem
from services.local.demonstration.main import run
from services.local.demonstration.seed import Seeded, seed

__all__ = ["Api", "ApiProblem", "Seeded", "run", "seed"]
