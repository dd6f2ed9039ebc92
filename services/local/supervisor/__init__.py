"""Runs the processes of the local stack: starts them in order, keeps them alive, shows what they say, stops them all.

Words: a *service* is a command that runs once or several times; a *child* is one running process of a service, or an
engine. Children whose owner dies are told by the kernel to end, so nothing is left behind even after `kill -9`.

    async with Supervisor(Printer(sys.stdout), on_change=…) as supervisor:
        await supervisor.start(Postgres(…))
        await supervisor.start(Service("gateway", [sys.executable, "-m", …], ready=…, count=2))
        await supervisor.wait()          # until SIGINT or SIGTERM; leaving the block stops all, the newest first
"""

from services.local.supervisor.printer import Printer
from services.local.supervisor.service import Service, ServiceFailed
from services.local.supervisor.supervisor import Supervisor

__all__ = ["Printer", "Service", "ServiceFailed", "Supervisor"]
