"""The worker's handlers, one module per feature; each says when something happens and calls the use case that does it."""

from services.core.ledger.task import Handler, handlers
from services.worker.tasks import commitments, imports, memberships, practices, pull, rescoring, reviews, sync

HANDLERS: dict[str, Handler] = handlers(
    commitments.HANDLERS,
    imports.HANDLERS,
    memberships.HANDLERS,
    practices.HANDLERS,
    pull.HANDLERS,
    rescoring.HANDLERS,
    reviews.HANDLERS,
    sync.HANDLERS,
)
