"""A real PostgreSQL for the local stack and the tests.

Root. PostgreSQL refuses to run as root, so root runs it as an unprivileged user (`accounts.server_account`). That user
usually can't reach the data: a folder above (say /root) is closed to it, and its mode isn't ours to change. The way
out needs no copy and no second place: the launcher enters the cluster's folder while it's still root, *then* drops
root, and the server is told that its data lies in `/proc/self/cwd`. The kernel follows that link straight to the
folder where the process already is, without walking down from `/`, and PostgreSQL works with that folder as its
working folder anyway. So the cluster always lies in the data folder; deleting that deletes everything.
The programs are another matter, see `postgres_programs`.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlencode

from services.local.engines import processes
from services.local.engines.accounts import Account, server_account
from services.local.engines.engine import Engine
from services.local.engines.failures import EngineFailed
from services.local.engines.identity import Identity
from services.local.engines.ports import kept_port
from services.local.engines.postgres_programs import Programs, programs_for
from services.local.engines.private_files import password_kept_in, read_if_there, write_private
from services.local.engines.socket_folder import remove_socket_folder, socket_folder

SUPERUSER = "postgres"
_SOCKET_PORT = 5432
_BUILTIN_LOCALES_SINCE = 17
_SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
}
_WITHOUT_FSYNC = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Engine):
    """PostgreSQL on a unix socket, and on 127.0.0.1 too when a port is given (0: a free one, kept for next time)."""

    kind = "postgres"
    title = "PostgreSQL"
    program = "postgres"
    farewell = signal.SIGINT
    # SIGINT: end sessions and stop; SIGTERM would wait for clients. SIGQUIT: stop at once and recover next time.
    stop_steps: ClassVar[processes.StopSteps] = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0))

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        fsync: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Choose where and how; `fsync=False` is for tests, and loses data when the machine crashes."""
        super().__init__(data_dir)
        self._wanted_port = port
        self._fsync = fsync
        self._settings = dict(settings or {})
        self._socket_folder: Path | None = None
        self._account: Account | None = None
        self._programs: Programs | None = None
        self._port: int | None = None

    @property
    def work_dir(self) -> Path:
        """The cluster."""
        return self.data_dir / "pgdata"

    @property
    def password(self) -> str:
        """The password of the superuser `postgres`, made up at the first start."""
        return password_kept_in(self.data_dir / "superuser.password")

    def url(self, dbname: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """The URL through the unix socket, for asyncpg; SQLAlchemy takes it with `postgresql+asyncpg:` in front."""
        place = urlencode({"host": str(self._started_socket_folder()), "port": self._port or _SOCKET_PORT}, safe="/")
        return f"postgresql://{self._login(user, password)}@/{quote(dbname, safe='')}?{place}"

    def tcp_url(self, dbname: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """The URL through 127.0.0.1, for tools that know no unix sockets; only when a port was asked for."""
        if self._port is None:
            message = "This PostgreSQL listens on its unix socket only; give it a port."
            raise EngineFailed(message)
        return f"postgresql://{self._login(user, password)}@127.0.0.1:{self._port}/{quote(dbname, safe='')}"

    def _login(self, user: str, password: str | None) -> str:
        return f"{quote(user, safe='')}:{quote(self.password if password is None else password, safe='')}"

    def _started_socket_folder(self) -> Path:
        if self._socket_folder is None:
            message = "This PostgreSQL wasn't started yet, so it has no address."
            raise EngineFailed(message)
        return self._socket_folder

    def _prepare(self) -> None:
        self._account = server_account(self.work_dir, self.data_dir)
        if self._account is not None and sys.platform != "linux":
            message = "PostgreSQL can't be started by root on this system; run as an ordinary user."
            raise EngineFailed(message)
        self._programs = programs_for(self._account)
        self._socket_folder = socket_folder(self.data_dir, self._account)
        if self._wanted_port is not None:
            self._port = kept_port(self.data_dir / "port", self._wanted_port)
        if not self.work_dir.exists():
            self._make_cluster(self._programs)
        self._check_version(self._programs)
        self._drop_stale_pid_file()

    def _spawn(self, log: int) -> subprocess.Popen[bytes]:
        if self._programs is None:
            raise EngineFailed(self._sentence("wasn't prepared"))
        command = [str(self._programs.postgres), "-D", self._seen_by_server(self.work_dir)]
        for name, value in self._all_settings().items():
            command += ["-c", f"{name}={value}"]
        return self._run(command, self.work_dir, log)

    def _all_settings(self) -> dict[str, str]:
        addresses = {
            "listen_addresses": "127.0.0.1" if self._port else "",
            "port": str(self._port or _SOCKET_PORT),
            "unix_socket_directories": str(self._started_socket_folder()),
        }
        return {**_SETTINGS, **addresses, **({} if self._fsync else _WITHOUT_FSYNC), **self._settings}

    def _answers(self) -> bool:
        return _takes_sessions(self._started_socket_folder() / f".s.PGSQL.{self._port or _SOCKET_PORT}")

    def _after_stop(self) -> None:
        remove_socket_folder(self._socket_folder)

    def _seen_by_server(self, folder: Path) -> str:
        """The server's own name for the folder in which it's started."""
        return str(folder) if self._account is None else "/proc/self/cwd"

    def _run(self, command: Sequence[str], folder: Path, output: int) -> subprocess.Popen[bytes]:
        # A bare environment: PGPORT, PGDATA, LC_ALL and the like of the caller must not change what is made.
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        return processes.spawn(command, cwd=folder, farewell=self.farewell, env=env, account=self._account, output=output)

    def _make_cluster(self, programs: Programs) -> None:
        """Run initdb in a folder of another name and rename it: what was broken off is never taken for a cluster."""
        draft = self.data_dir / "pgdata.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password_file = self._started_socket_folder() / "password"
        write_private(password_file, self.password)
        if self._account is not None:
            shutil.chown(draft, self._account.uid, self._account.gid)
            shutil.chown(password_file, self._account.uid, self._account.gid)
        command = [str(programs.initdb), "-D", self._seen_by_server(draft), "-U", SUPERUSER, "--encoding=UTF8"]
        command += [f"--pwfile={password_file}", "--auth=scram-sha-256", "--no-instructions", *_locale(programs)]
        try:
            with self._open_log() as log:
                initdb = self._run([*command, *([] if self._fsync else ["--no-sync"])], draft, log.fileno())
            try:
                status = initdb.wait(timeout=120)
            finally:
                processes.stop_child(initdb, ((signal.SIGTERM, 5.0),))
            if status != 0:
                raise EngineFailed(self._sentence(f"couldn't make a new cluster (initdb: status {status})"))
        finally:
            password_file.unlink(missing_ok=True)
        draft.rename(self.work_dir)

    def _check_version(self, programs: Programs) -> None:
        made_by = (read_if_there(self.work_dir / "PG_VERSION") or "?").strip()
        if made_by != str(programs.major):
            message = (
                f"{self.work_dir} was made by PostgreSQL {made_by}, but version {programs.major} is installed: "
                "delete the folder to begin anew, or install the other version."
            )
            raise EngineFailed(message)

    def _drop_stale_pid_file(self) -> None:
        """Remove the pid file of a dead server.

        No server works in this folder any more (`_end_leftovers`), yet PostgreSQL would refuse to start when the pid
        in the file has been given to another process of the same user, which is common after a container's restart.
        """
        (self.work_dir / "postmaster.pid").unlink(missing_ok=True)

    def _main_processes(self, found: Sequence[Identity]) -> Sequence[Identity]:
        """The postmaster; its helpers run the same program in the same folder and end with it."""
        first_line = (read_if_there(self.work_dir / "postmaster.pid") or "").partition("\n")[0].strip()
        return [process for process in found if str(process.pid) == first_line]


def _locale(programs: Programs) -> list[str]:
    """C.UTF-8 from PostgreSQL itself where it has it: the same order of words on every machine."""
    if programs.major >= _BUILTIN_LOCALES_SINCE:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C"]


def _takes_sessions(path: Path) -> bool:
    """Ask for a session as `pg_isready` does: the server wants a password (R) once it's ready, and errs (E) before."""
    fields = f"user\0{SUPERUSER}\0database\0{SUPERUSER}\0\0".encode()
    hello = struct.pack("!ii", 8 + len(fields), 3 << 16) + fields
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1.0)
        connection.connect(str(path))
        connection.sendall(hello)
        return connection.recv(1) == b"R"
    return False
