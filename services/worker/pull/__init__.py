"""Reading registries over HTTP: which ones (`registries`), page by page (`fetching`), as a task of the ledger (`reading`)."""

from services.worker.pull.reading import plan, read_on

__all__ = ["plan", "read_on"]
