"""`python -m services.local.engines.mailbox`: run the mailbox until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path

from services.local.engines.failures import FolderInUse
from services.local.engines.locks import FolderLock
from services.local.engines.mailbox import ADDRESS_FILE, Address, read_address
from services.local.engines.mailbox.smtp import listen_for_letters
from services.local.engines.mailbox.store import LetterStore
from services.local.engines.mailbox.web import make_web_server
from services.local.engines.ports import LOOPBACK, is_free
from services.local.engines.private_files import write_private

_CANT_START = 2


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="mailbox", description="Take every letter, deliver none, show them all.")
    parser.add_argument("--data-dir", type=Path, required=True, help="where the letters are kept")
    parser.add_argument("--smtp-port", type=int, default=0, help="0: that of last time, else a free one")
    parser.add_argument("--http-port", type=int, default=0, help="0: that of last time, else a free one")
    options = parser.parse_args()
    data_dir: Path = options.data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = FolderLock(data_dir, "a mailbox")
    try:
        lock.acquire()
        asyncio.run(_run(data_dir, *_ports(data_dir, options.smtp_port, options.http_port)))
    except (FolderInUse, OSError, OverflowError) as error:
        print(f"The mailbox can't start: {error}", file=sys.stderr)
        return _CANT_START
    finally:
        lock.release()
    return 0


def _ports(data_dir: Path, smtp: int, http: int) -> tuple[int, int]:
    """For 0 the port of last time, if it's free: a restarted mailbox keeps its addresses."""
    last = read_address(data_dir)
    if last is None:
        return smtp, http
    smtp = smtp or (last["smtp_port"] if is_free(last["smtp_port"]) else 0)
    return smtp, http or (last["http_port"] if is_free(last["http_port"]) else 0)


async def _run(data_dir: Path, smtp_port: int, http_port: int) -> None:
    store = LetterStore(data_dir)
    smtp = await listen_for_letters(store, LOOPBACK, smtp_port)
    web = make_web_server(store, LOOPBACK, http_port)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pages = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    pages.start()
    try:
        _announce(data_dir, smtp.sockets[0].getsockname()[1], web.server_address[1])
        await stop.wait()
    finally:
        web.shutdown()
        web.server_close()
        smtp.close()
        store.close()


def _announce(data_dir: Path, smtp_port: int, http_port: int) -> None:
    """Say where it listens; the file stays after the end, to find the ports again."""
    address = Address(
        pid=os.getpid(),
        smtp_port=smtp_port,
        http_port=http_port,
        smtp_url=f"smtp://{LOOPBACK}:{smtp_port}",
        mailbox_url=f"http://{LOOPBACK}:{http_port}",
    )
    write_private(data_dir / ADDRESS_FILE, json.dumps(address))


if __name__ == "__main__":
    sys.exit(main())
