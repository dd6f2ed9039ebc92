"""The worker's task of reading registries, page by page."""

from services.core.ledger.task import Handler
from services.worker import pull

HANDLERS = [Handler("sync.pull", conversation=pull.read_on)]
