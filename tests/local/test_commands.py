"""The command `comphub` as a stranger meets it: help, missing settings, bootstrap, the clock, a stack from start to end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = (
    "up",
    "down",
    "status",
    "demo",
    "clock",
    "gateway",
    "worker",
    "notifier",
    "migrate",
    "bootstrap",
    "openapi",
    "import",
    "verify-history",
)


def comphub(*arguments: str, env: dict[str, str] | None = None, seconds: float = 90) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    command = [sys.executable, "-m", "services.local", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, env={**own, **(env or {})})


@pytest.mark.parametrize(("url", "status"), [("postgresql://a:secret@127.0.0.1:1/x", 1), ("junk", 2)])
@pytest.mark.parametrize("command", [("migrate",), ("bootstrap", "--email", "a@city.example")])
def test_a_database_out_of_reach_is_one_sentence(command: tuple[str, ...], url: str, status: int) -> None:
    tried = comphub(*command, env={"DATABASE_URL": url})
    assert tried.returncode == status
    assert "DATABASE_URL" in tried.stderr
    assert len(tried.stderr.splitlines()) == 1
    assert "secret" not in tried.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    shown = comphub(command, "--help")
    assert shown.returncode == 0
    assert len(shown.stdout) > 200


@pytest.mark.parametrize(
    ("command", "given", "missing"),
    [
        ("gateway", {}, "DATABASE_URL"),
        ("worker", {"DATABASE_URL": "postgresql://x/y", "SECRET_KEY": "x"}, "REDIS_URL"),
        ("notifier", {"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://x", "SECRET_KEY": "x"}, "SMTP_URL"),
        ("migrate", {}, "DATABASE_URL"),
    ],
)
def test_a_missing_setting_is_named(command: str, given: dict[str, str], missing: str) -> None:
    stopped = comphub(command, env=given)
    assert stopped.returncode == 2
    assert missing in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_the_first_administrator_is_made_once(database_url: str) -> None:
    first = comphub("bootstrap", "--email", "chair@kaohsiung.example", env={"DATABASE_URL": database_url})
    assert first.returncode == 0, first.stderr
    assert "cop_live_" in first.stdout
    assert "http://localhost:8000/sign-in/" in first.stdout
    second = comphub("bootstrap", "--email", "other@kaohsiung.example", env={"DATABASE_URL": database_url})
    assert second.returncode == 1
    assert "administrator already" in second.stderr
    forced = comphub("bootstrap", "--email", "other@kaohsiung.example", "--force", env={"DATABASE_URL": database_url})
    assert forced.returncode == 0


def test_a_stack_from_its_start_to_its_end(tmp_path: Path) -> None:
    folder = ["--data-dir", str(tmp_path)]
    assert comphub("status", *folder).returncode == 1
    started = comphub("up", "--empty", "--detach", "--port", "0", *folder)
    assert started.returncode == 0, started.stdout + started.stderr
    card = json.loads((tmp_path / "stack.json").read_text())
    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600
    assert card["admin_api_key"].startswith("cop_local_")
    assert all(card["pids"][name] for name in ("gateway", "worker", "notifier", "postgres", "redis", "mailbox"))
    assert comphub("status", *folder).returncode == 0
    again = comphub("up", "--empty", "--detach", "--port", "0", *folder)
    assert again.returncode != 0
    moved = comphub("clock", "+7d", *folder)
    assert moved.stdout.startswith("Domain time is ")
    assert [comphub("clock", shift, *folder).returncode for shift in ("soon", "+999999d")] == [2, 2]
    assert comphub("down", *folder).returncode == 0
    assert not (tmp_path / "stack.json").exists()
    assert not [
        pid for pids in card["pids"].values() for pid in (pids if isinstance(pids, list) else [pids]) if Path(f"/proc/{pid}").exists()
    ]
    assert comphub("up", "--empty", "--detach", "--port", "0", *folder).returncode == 0
    assert json.loads((tmp_path / "stack.json").read_text())["admin_api_key"] == card["admin_api_key"]
    assert comphub("down", *folder).returncode == 0
    assert "Nothing runs" in comphub("down", *folder).stdout


@pytest.mark.parametrize("scale", ["gateway", "gateway=0", "api=2", "worker=x"])
def test_a_scale_that_makes_no_sense_is_explained(scale: str) -> None:
    refused = comphub("up", "--scale", scale)
    assert refused.returncode == 2
    assert "gateway=2" in refused.stderr
