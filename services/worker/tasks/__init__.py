"""The worker's handlers, one module per feature; each says when something happens and calls the use case that does it."""

from services.core.ledger.task import Handler, handlers
from services.worker.tasks import commitments, practices, reviews

HANDLERS: dict[str, Handler] = handlers(commitments.HANDLERS, practices.HANDLERS, reviews.HANDLERS)
