"""The worker: assesses, assigns, decides and releases. It drains its queues of the ledger when arq rings."""
