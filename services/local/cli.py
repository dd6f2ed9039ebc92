"""The command ``comphub``: the local stack, and the processes of a production installation.

A production command replaces itself by the service's own process, so that nothing of the local stack is loaded there.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.core.kit.settings import MissingSettingError, Settings, require

app = typer.Typer(
    name="comphub",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="ComP Hub: the backend on which city Communities of Practice run. Start with `comphub demo`, then `comphub up`.",
)
_LOCAL, _PRODUCTION = "The local stack", "A production installation"
_CANNOT_START = 2

DataDir = Annotated[Path, typer.Option("--data-dir", help="Where the stack keeps its data, its keys and stack.json.")]
DEFAULT_DIR = Path(".comphub")


@app.command(rich_help_panel=_LOCAL)
def up(
    *,
    data_dir: DataDir = DEFAULT_DIR,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the gateway on 127.0.0.1; 0 takes a free one.")] = 8000,
    empty: Annotated[bool, typer.Option("--empty", help="Start without the founding cohort.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Return as soon as the stack is ready; stop it with `comphub down`.")] = False,
    scale: Annotated[str, typer.Option(help="How many of each, such as gateway=2,worker=2,notifier=2.")] = "",
) -> None:
    """Start everything here: PostgreSQL, Redis, a mailbox, the gateway, the worker and the notifier.

    DATABASE_URL, REDIS_URL and SMTP_URL take the place of the embedded servers when they are set. Stays in the foreground
    and shows every log; Ctrl-C stops all. stack.json in the data folder has the addresses and the admin key.
    """
    from services.local import up as stack

    counts = _scale(scale)
    raise typer.Exit(stack.detach(data_dir, port, empty=empty, scale=scale) if detach else stack.run(data_dir, port, counts, empty=empty))


@app.command(rich_help_panel=_LOCAL)
def down(*, data_dir: DataDir = DEFAULT_DIR) -> None:
    """Stop the stack of a data folder, and whatever an earlier one left behind. Its data stay."""
    from services.local import up as stack

    raise typer.Exit(stack.down(data_dir))


@app.command(rich_help_panel=_LOCAL)
def status(*, data_dir: DataDir = DEFAULT_DIR) -> None:
    """Show what runs and where to reach it. Exit status 0 when the stack is ready, 1 when it is not."""
    from services.local import up as stack

    raise typer.Exit(stack.show(data_dir))


@app.command(rich_help_panel=_LOCAL)
def demo(*, data_dir: DataDir = DEFAULT_DIR) -> None:
    """Play the main job once, from a best practice's draft to its recognition, and tell what happened.

    Uses the stack that runs on the data folder, or starts one for the time of the play. Writes demo.json there.
    """
    from services.local import up as stack

    raise typer.Exit(stack.demo(data_dir))


@app.command(rich_help_panel=_LOCAL, context_settings={"ignore_unknown_options": True})
def clock(
    shift: Annotated[str, typer.Argument(help="How far to move: +7d, +36h, +90m, +10s (or -1d). Nothing: only show it.")] = "",
    *,
    data_dir: DataDir = DEFAULT_DIR,
) -> None:
    """Show or move the domain clock of a running local stack: deadlines, reminders and releases follow it at once."""
    from services.local import clock as domain_clock

    raise typer.Exit(domain_clock.run(data_dir, shift))


imports = typer.Typer(no_args_is_help=True, help="Import files of other registries into a running API.")
app.add_typer(imports, name="import", rich_help_panel=_LOCAL)


@imports.callback()
def _imports() -> None:
    """Import files of other registries into a running API: the local stack's, or any other with --api-url and a key."""


@imports.command("jurisdictions")
def import_jurisdictions(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8, with a header) or JSON.")],
    *,
    source: Annotated[str | None, typer.Option(help="Whose identifiers these are, such as iclei; else what the mapping says.")] = None,
    mapping: Annotated[str | None, typer.Option(help="A TOML file that describes the columns, or the name of a shipped one.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen, and write nothing.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write what came of each row here, as JSON.")] = None,
    api_url: Annotated[str | None, typer.Option(help="The API to import into; else the stack that runs on the data folder.")] = None,
    key: Annotated[str | None, typer.Option(help="An API key with the scope sync:write; better: set COMPHUB_API_KEY.")] = None,
    data_dir: DataDir = DEFAULT_DIR,
) -> None:
    """Import jurisdictions: each is found again by its identifier in the source, never by its name. Running it twice changes nothing.

    Exit status 0: every row is in; 1: some rows are not (the summary and --report say why); 2: nothing could be done.
    """
    from services.local import importing

    options = importing.Options(
        file=file, data_dir=data_dir, source=source, mapping=mapping, dry_run=dry_run, report=report, api_url=api_url, key=key
    )
    raise typer.Exit(asyncio.run(importing.run(options)))


@imports.command("cdp-targets")
def import_cdp_targets(
    file: Annotated[Path, typer.Argument(help="The CSV of city targets, as CDP and ICLEI publish it (2020 and 2021).")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every row, and write nothing.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write what came of each row here, as JSON.")] = None,
    api_url: Annotated[str | None, typer.Option(help="The API to import into; else the stack that runs on the data folder.")] = None,
    key: Annotated[str | None, typer.Option(help="An API key with the scope commitments:write; better: set COMPHUB_API_KEY.")] = None,
    data_dir: DataDir = DEFAULT_DIR,
) -> None:
    """Import city targets as commitments, by their account numbers. Running it twice changes nothing; what was edited here is kept.

    Exit status 0: no row was rejected; 1: some were (the summary and --report say by which rule); 2: nothing could be done.
    """
    from services.local import importing

    options = importing.TargetOptions(file=file, data_dir=data_dir, dry_run=dry_run, report=report, api_url=api_url, key=key)
    raise typer.Exit(asyncio.run(importing.run_targets(options)))


@app.command(rich_help_panel=_PRODUCTION)
def gateway() -> None:
    """Run the HTTP gateway. Needs DATABASE_URL, REDIS_URL and SECRET_KEY; GATEWAY_HOST and GATEWAY_PORT say where."""
    _become("gateway", "services.api.main")


@app.command(rich_help_panel=_PRODUCTION)
def worker() -> None:
    """Run the worker. Needs DATABASE_URL, REDIS_URL and SECRET_KEY."""
    _become("worker", "services.worker.main")


@app.command(rich_help_panel=_PRODUCTION)
def notifier() -> None:
    """Run the notifier. Needs DATABASE_URL, REDIS_URL, SMTP_URL and SECRET_KEY."""
    _become("notifier", "services.notifier.main")


@app.command(rich_help_panel=_PRODUCTION)
def migrate() -> None:
    """Bring the database at DATABASE_URL up to this version's schema, with its login roles and their rights.

    COP_API_PASSWORD and its like set the roles' passwords (see .env.example). Safe to run twice, and by two at once.
    """
    from services.local.migrate import OutOfReach, bring_up_to_date
    from services.local.roles import passwords_of

    given = _needed("migrate")
    try:
        said = bring_up_to_date(given.database_url, passwords_of(given))
    except OutOfReach as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for sentence in said:
        typer.echo(sentence, err=True)
    typer.echo("The database is up to date.")


@app.command(rich_help_panel=_PRODUCTION)
def bootstrap(
    *,
    email: Annotated[str, typer.Option(help="The first administrator's e-mail address.")],
    force: Annotated[bool, typer.Option("--force", help="Make one although there is an administrator already.")] = False,
) -> None:
    """Make the first administrator; print one API key, shown this once, and a sign-in link. Refuses when there is one already."""
    from services.local import bootstrap as first

    raise typer.Exit(asyncio.run(first.run(_needed("bootstrap"), email, force=force)))


@app.command("verify-history", rich_help_panel=_PRODUCTION)
def verify_history(
    targets: Annotated[
        list[str], typer.Argument(help="The address …/v1/commitments/{id}/revisions, files of its answers in their order, or - for stdin.")
    ],
    *,
    head: Annotated[str | None, typer.Option(help="A hash that you noted earlier: it must still be in the chain.")] = None,
    key: Annotated[str | None, typer.Option(envvar="COMPHUB_API_KEY", help="For a commitment that is not public.")] = None,
) -> None:
    """Verify that the history of a commitment is whole: nothing in it was changed, left out or moved. Needs no hub of your own.

    Exit status 0: unbroken; 1: broken, and where; 2: it could not be read.
    """
    from services.local import verify

    raise typer.Exit(verify.run(targets, head, key))


@app.command(rich_help_panel=_PRODUCTION)
def openapi() -> None:
    """Print the OpenAPI document of this version."""
    _exec("services.api.document")


def _scale(text: str) -> dict[str, int]:
    counts = {"gateway": 1, "worker": 1, "notifier": 1}
    for part in filter(None, text.split(",")):
        name, _, number = part.partition("=")
        if name not in counts or not number.isdigit() or not 0 < int(number) <= 16:  # noqa: PLR2004
            message = f"“{part}” is not like gateway=2 (gateway, worker or notifier; 1 to 16)."
            raise typer.BadParameter(message, param_hint="--scale")
        counts[name] = int(number)
    return counts


def _needed(service: str) -> Settings:
    try:
        return require(service)
    except MissingSettingError as missing:
        typer.echo(str(missing), err=True)
        raise typer.Exit(_CANNOT_START) from None


def _become(service: str, module: str) -> None:
    _needed(service)
    _exec(module)


def _exec(module: str) -> None:
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module])  # noqa: S606  ourselves, without a shell


if __name__ == "__main__":
    app()
