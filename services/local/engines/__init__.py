"""The engines of the local stack: a real PostgreSQL, a real Redis and a mailbox, without Docker.

Only `comphub up`, `comphub demo` and the tests import this package; a production process never does.

Words: an *engine* is a server that keeps data in a folder of its own; its *owner* is the process that started it
and holds the lock of that folder; a *leftover* is an engine whose owner died without stopping it.
"""
