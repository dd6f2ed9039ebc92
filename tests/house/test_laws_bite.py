"""Each law on the source, shown to fail: a small house that keeps them all, and one planted fault at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.laws import SOURCE, sizes
from tests.house.laws.tree import House

SOUND = {
    "README.md": "Read `services/core/practices/rules.py` and [the licence](LICENSE); data lies in `.comphub/stack.json`.\n",
    "LICENSE": "…\n",
    "services/core/tables.py": "from services.core.practices import models\nfrom services.core.reviews import models as reviews\n",
    "services/core/reactions.py": "from services.core.practices import events\n",
    "services/core/kit/db.py": "import sqlalchemy\nasync def commit(session):\n    await session.commit()\n",
    "services/core/kit/clock.py": "from datetime import UTC, datetime\ndef wall():\n    return datetime.now(UTC)\n",
    "services/core/ledger/event.py": "class Event: ...\n",
    "services/core/practices/rules.py": "def fine(): ...\n",
    "services/core/practices/scoring.py": "from services.core.practices import rules\n",
    "services/core/practices/models.py": "import sqlalchemy\nx = relationship('Y', lazy='raise')\n",
    "services/core/practices/events.py": (
        "from services.core.ledger.event import Event\nclass Submitted(Event):\n    '''It was submitted.'''\n    type: str = 'x.y'\n"
    ),
    "services/core/practices/queries.py": "from services.core.practices import models\n",
    "services/core/practices/service.py": (
        "from services.core.practices import queries, scoring\nfrom services.core.kit.clock import wall\n"
        "def assign():\n    import ortools\n    return ortools, wall()\n"
    ),
    "services/core/reviews/models.py": "",
    "services/core/reviews/queries.py": "from services.core.practices import models\n",
    "services/api/auth.py": (
        "from typing import Annotated\nfrom fastapi import Depends\nclass Requires: ...\n"
        "Reader = Annotated[object, Depends(Requires())]\nPUBLIC: frozenset[tuple[str, str]] = frozenset({('GET', '/v1/verify/{code}')})\n"
    ),
    "services/api/route.py": "from services.core.kit import db\nasync def end(session):\n    await db.commit(session)\n",
    "services/api/routes/practices.py": (
        "from fastapi import APIRouter, Depends\nfrom services.api.auth import Reader, Requires\n"
        "router = APIRouter(prefix='/practices')\n"
        "@router.get('/{id}')\nasync def read(actor: Reader): ...\n"
        "@router.post('', dependencies=[Depends(Requires('practices:write'))])\nasync def create(): ...\n"
    ),
    "services/api/routes/verify.py": (
        "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/verify/{code}')\nasync def verify(): ...\n"
    ),
    "services/worker/main.py": "import arq\nfrom services.core.practices import service\n",
    "services/notifier/main.py": "import arq\n",
    "services/notifier/letters/review_requested.py": "SAMPLE = {}\n",
    **{f"services/notifier/templates/review_requested/{plate}": "x\n" for plate in ("subject.txt", "body.txt", "body.html")},
    "services/local/cli.py": "def up():\n    from services.local.engines import postgres\n",
    "services/local/engines/postgres.py": "import time\nnow = time.time()\n",
    "tests/core/test_practices.py": "def test_story(): ...\n",
}

LONG = "x = 1\n" * 300
LONG_FUNCTION = "def long():\n" + "    x = 1\n" * 45

FAULTS: dict[str, tuple[str, str, str, str]] = {
    # what happens: (the law, the file, its text, a part of the report)
    "a door imports a door": ("doors stand apart", "services/api/x.py", "import services.worker.main", "imports services.worker.main"),
    "a door imports local": ("doors stand apart", "services/worker/x.py", "from services.local import cli", "services.local.cli"),
    "a stranger in services": ("doors stand apart", "services/extra/x.py", "", "neither core nor a door"),
    "the cli loads an engine": (
        *("only up and demo load engines", "services/local/cli.py"),
        *("from services.local.engines import postgres", "services.local.cli -> services.local.engines.postgres"),
    ),
    "the worker takes an engine": (
        *("only up and demo load engines", "services/worker/x.py"),
        *("def f():\n    from services.local.engines import postgres", "the engines are only for"),
    ),
    "a room imports upward": (
        *("rooms use lower rooms only", "services/core/practices/service.py"),
        *("def f():\n    from services.core.reviews import queries", "not below it"),
    ),
    "a room imports its neighbour": (
        *("rooms use lower rooms only", "services/core/sync/service.py", "from ..programme import service", "not below it"),
    ),
    "core imports a door": ("rooms use lower rooms only", "services/core/practices/x.py", "import services.api.auth", "imports a door"),
    "a service takes another room's models": (
        *("rooms use lower rooms only", "services/core/reviews/service.py"),
        *("from services.core.practices.models import Practice", "are offered"),
    ),
    "a room takes another room's rules": (
        *("rooms use lower rooms only", "services/core/reviews/service.py", "from services.core.practices import rules", "are offered"),
    ),
    "an unknown room": ("rooms use lower rooms only", "services/core/misc/service.py", "", "no room of the stairs"),
    "tables forgets models": (
        *("tables and reactions are whole", "services/core/tables.py", "", "does not import services.core.practices.models"),
    ),
    "reactions forgets events": (
        *("tables and reactions are whole", "services/core/reactions.py", "", "does not import services.core.practices.events"),
    ),
    "a lazy relationship": (
        *("relationships never load by surprise", "services/core/reviews/models.py"),
        *("import sqlalchemy.orm as orm\nx = orm.relationship('Y')", 'without lazy="raise"'),
    ),
    "queries import the service": (
        *("layers inside a room", "services/core/practices/queries.py", "from .service import assign", "a higher layer"),
    ),
    "rules import scoring": ("layers inside a room", "services/core/practices/rules.py", "from . import scoring", "a higher layer"),
    "an unknown module name": ("layers inside a room", "services/core/practices/logic.py", "", "no module name of the room"),
    "a pure module imports SQLAlchemy": (
        *("pure modules are pure", "services/core/practices/scoring.py", "from sqlalchemy import select", "reaches sqlalchemy"),
    ),
    "rules reach settings": (
        *("pure modules are pure", "services/core/practices/rules.py", "from services.core.kit import db", "reaches services.core.kit.db"),
    ),
    "FastAPI in core": ("libraries have a home", "services/core/kit/x.py", "from fastapi import Request", "belongs to services.api"),
    "arq in a task": ("libraries have a home", "services/worker/tasks/x.py", "import arq.connections", "arq belongs to"),
    "httpx in core": ("libraries have a home", "services/core/mail/service.py", "def f():\n    import httpx", "httpx belongs to"),
    "Jinja in a route": ("libraries have a home", "services/api/routes/x.py", "import jinja2", "jinja2 belongs to"),
    "mail from the worker": ("libraries have a home", "services/worker/x.py", "import aiosmtplib", "aiosmtplib belongs to"),
    "a heavy library at the top": ("libraries have a home", "services/core/reviews/assignment.py", "import ortools", "is heavy"),
    "a route imports SQLAlchemy": ("doors speak no models", "services/api/routes/x.py", "import sqlalchemy", "a route imports SQLAlchemy"),
    "a door imports models": (
        *("doors speak no models", "services/notifier/x.py", "from services.core.practices import models", "a door imports"),
    ),
    "a commit in a service": ("one place commits", "services/core/reviews/service.py", "def f(s):\n    s.commit()", "s.commit()"),
    "a rollback in a door": ("one place commits", "services/worker/x.py", "def f(s):\n    s.rollback()", "s.rollback()"),
    "a begin that commits": ("one place commits", "services/api/x.py", "def f(s):\n    with s.begin():\n        pass", "with s.begin()"),
    "datetime.now": ("one place reads the clock", "services/core/reviews/x.py", "import datetime as d\nd.datetime.now()", "datetime.now"),
    "datetime.now as a default": (
        *("one place reads the clock", "services/core/reviews/models.py"),
        *("from datetime import datetime\nf = field(default_factory=datetime.utcnow)", "datetime.utcnow"),
    ),
    "time.time": ("one place reads the clock", "services/worker/x.py", "from time import time\nx = time()", "time.time"),
    "a route without auth": (
        *("routes are guarded", "services/api/routes/open.py"),
        *("router = APIRouter(prefix='/open')\n@router.post('/door')\nasync def enter(actor: int): ...", "POST /open/door"),
    ),
    "a public route with another verb": (
        *("routes are guarded", "services/api/routes/open.py"),
        *("router = APIRouter()\n@router.post('/verify/{code}')\nasync def verify(): ...", "POST /verify/{code}"),
    ),
    "an event without a docstring": (
        *("events are documented", "services/core/reviews/events.py", "class X(Event):\n    type: str = 'x'", "no docstring"),
    ),
    "an event without a type": ("events are documented", "services/core/reviews/events.py", "class X(Event):\n    'X.'", "no type"),
    "a letter without a sample": ("letters are whole", "services/notifier/letters/review_requested.py", "", "no SAMPLE"),
    "a letter without templates": ("letters are whole", "services/notifier/letters/bye.py", "SAMPLE = 1", "bye has no body.html"),
    "templates without a letter": ("letters are whole", "services/notifier/templates/bye/subject.txt", "x", "without a letter"),
    "the README names what is not": (
        *("the README names what exists", "README.md", "See `docs/none.md`, [it](gone.md), services/x.", "names docs/none.md"),
    ),
    "a link to nowhere": ("the README names what exists", "README.md", "[it](gone.md#there)", "names gone.md"),
    "a long file": ("files and functions are small", "services/core/kit/ids.py", LONG, "300 lines (at most 250)"),
    "a long function": ("files and functions are small", "services/core/kit/ids.py", LONG_FUNCTION, "long has 46 lines (at most 40)"),
    "utils.py": ("names say something", "services/core/kit/utils.py", "", "utils says nothing"),
    "a package of helpers": ("names say something", "tests/helpers/files.py", "", "helpers says nothing"),
    "an import cycle": (
        *("no import cycle", "services/core/kit/clock.py", "from services.core.kit import db\nfrom services.core.kit import ids"),
        "services.core.kit.clock -> services.core.kit.ids -> services.core.kit.clock",
    ),
}

Build = Callable[[dict[str, str]], House]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    def builder(files: dict[str, str]) -> House:
        for name, text in {**SOUND, "services/core/kit/ids.py": "import services.core.kit.clock\n", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for folder in {path.parent for path in (tmp_path / "services").rglob("*.py")}:
            (folder / "__init__.py").touch()
        return House(tmp_path)

    return builder


def test_a_sound_house_is_let_be(build: Build) -> None:
    house = build({})
    assert [str(breach) for law in SOURCE.values() for breach in law(house)] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_the_law_bites(build: Build, fault: str) -> None:
    law, path, text, report = FAULTS[fault]
    plants = {"services/core/programme/service.py": "", path: text} if "neighbour" in fault else {path: text}
    reports = [str(breach) for breach in SOURCE[law](build(plants))]
    assert any(report in each for each in reports), reports


def test_every_law_has_a_fault() -> None:
    assert {law for law, *_ in FAULTS.values()} == set(SOURCE)


def test_an_exception_needs_a_reason_and_a_need(build: Build) -> None:
    house = build({"services/core/kit/ids.py": LONG})
    assert list(sizes.sizes(house, {"services/core/kit/ids.py": "a table of the standard"})) == []
    assert list(sizes.sizes(house, {"services/core/kit/ids.py": ""})) != []
    assert "take the line out" in str(next(sizes.sizes(build({"services/core/kit/ids.py": ""}), {"services/core/kit/ids.py": "was long"})))


def test_a_file_that_is_no_python_is_reported(build: Build) -> None:
    assert "is no Python" in str(build({"services/core/kit/x.py": "def"}).unreadable)
