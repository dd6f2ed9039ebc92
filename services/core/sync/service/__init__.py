"""What may be done with batches, and with registries that we read ourselves."""

from services.core.sync.service import pulling
from services.core.sync.service.batches import KIND, result, take, take_parts, terms_of
from services.core.sync.service.pulling import begin, give_up, keep_page, plan
from services.core.sync.service.taking import take_in

KINDS = frozenset({KIND, pulling.KIND})
"""The kinds of jobs that are batches."""

__all__ = ["KIND", "KINDS", "begin", "give_up", "keep_page", "plan", "result", "take", "take_in", "take_parts", "terms_of"]
