import json
import os
import signal
import stat
from pathlib import Path

import pytest

from services.local import stack
from services.local.engines.failures import FolderInUse
from services.local.engines.identity import Identity, identity_of, own_identity
from tests.local.conftest import Owner, Start, ends, known, until


def announced(data_dir: Path) -> stack.Stack:
    found = until(lambda: stack.read(data_dir), 20)
    assert isinstance(found, stack.Stack)
    return found


def identities(pids: stack.Pids) -> list[Identity]:
    single = (pids.postgres, pids.redis, pids.mailbox)
    return [known(pid) for pid in (*pids.worker, *single) if pid is not None]


def run(start_owner: Start, data_dir: Path) -> Owner:
    return start_owner("stack_owner.py", data_dir)


def test_a_stack_announces_itself_and_goes_down_in_order(data_dir: Path, start_owner: Start) -> None:
    folder = data_dir / ".comphub"
    owner = run(start_owner, folder)
    ready = announced(folder)
    assert stat.S_IMODE((folder / "stack.json").stat().st_mode) == 0o600
    assert list(json.loads((folder / "stack.json").read_text())["pids"]) == [
        *("gateway", "worker", "notifier", "postgres", "redis", "mailbox")
    ]
    assert len(ready.pids.worker) == 2
    living = identities(ready.pids)
    status = stack.status(folder)
    assert status.supervisor == owner.process.pid
    assert [(each.name, each.is_alive) for each in status.processes] == [
        (name, True) for name in ("postgres", "redis", "mailbox", "worker", "worker")
    ]
    with pytest.raises(FolderInUse, match=f"comphub up, pid {owner.process.pid}"):
        stack.lock(folder).acquire()

    # A restart is noted in the announcement.
    os.kill(ready.pids.worker[0], signal.SIGKILL)
    until(lambda: len(pids := announced(folder).pids.worker) == 2 and pids[0] != ready.pids.worker[0])
    living += identities(announced(folder).pids)

    assert stack.down(folder) == ["supervisor"]
    assert ends(*living)
    assert owner.process.wait(5) == 0
    assert stack.read(folder) is None
    assert stack.status(folder) == stack.Status(None, (), None)
    assert stack.down(folder) == []


def test_down_without_a_supervisor_leaves_nothing_behind(data_dir: Path, start_owner: Start) -> None:
    owner = run(start_owner, data_dir)
    living = identities(announced(data_dir).pids)
    # Stopped, they don't act on the farewell that the kernel sends at their owner's death.
    for identity in living:
        os.kill(identity.pid, signal.SIGSTOP)
    owner.kill()
    assert all(identity.is_alive() for identity in living)
    assert stack.status(data_dir).supervisor is None
    for identity in living:
        os.kill(identity.pid, signal.SIGCONT)
    stack.down(data_dir)
    assert not any(identity.is_alive() for identity in living)
    assert sorted(path.name for path in data_dir.iterdir()) == ["lock", "mailbox", "postgres", "redis"]
    assert stack.down(data_dir) == []


def test_a_stranger_with_a_noted_pid_is_left_alone(tmp_path: Path) -> None:
    me = own_identity()
    stranger = Identity(me.pid, "0", me.boot)
    stack.note_processes(tmp_path, {"worker": [stranger]})
    assert [each.is_alive for each in stack.status(tmp_path).processes] == [False]
    assert stack.down(tmp_path) == []
    assert identity_of(me.pid) == me


def test_down_where_nothing_ever_was(tmp_path: Path) -> None:
    assert stack.down(tmp_path / "never") == []
    assert stack.status(tmp_path / "never") == stack.Status(None, (), None)
    assert not (tmp_path / "never").exists()
