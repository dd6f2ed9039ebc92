"""The worker's handlers, one module per feature; each says when something happens and calls the use case that does it."""

from services.core.ledger.task import Handler, handlers

HANDLERS: dict[str, Handler] = handlers()
