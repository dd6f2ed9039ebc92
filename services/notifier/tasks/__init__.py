"""The notifier's handlers: who gets which letter, and the sending itself."""

from services.core.ledger.task import Handler, handlers
from services.notifier.tasks import letters

HANDLERS: dict[str, Handler] = handlers(letters.HANDLERS)
