"""The task that reads a registry: one page each time, its rows mapped aside, everything kept in one transaction."""

import asyncio

from services.core.kit import settings as configuration
from services.core.kit.db import Database
from services.core.kit.log import logger
from services.core.ledger.drain import backoff, postpone
from services.core.ledger.task import Lease
from services.core.sync import service, tabular
from services.core.sync.mapping import BrokenMapping, Mapping
from services.core.sync.reading import Mapped, read
from services.core.sync.row import Finding
from services.core.sync.service.pulling import GivenUp, Place, Registry
from services.core.sync.tabular import Table
from services.worker.pull import fetching, registries
from services.worker.pull.fetching import Page, TryLater, Unreadable
from services.worker.pull.registries import Described


async def plan(database: Database) -> list[str]:
    """Give a turn to each configured registry that has none; those that got one."""
    sources = list(registries.configured())
    if not sources:
        return []
    async with database.transaction() as session:
        planned = await service.plan(session, sources)
    logger.info("pulls_planned", configured=sources, planned=planned)
    return planned


async def read_on(database: Database, lease: Lease) -> None:
    """Read the page that ``lease`` is about.

    A registry that is configured no more, or wrongly, ends its series here (a worker that starts plans it anew); one that
    cannot be read ends this run; one that is away is tried again.
    """
    source = str(lease.payload["source"])
    described = registries.configured().get(source)
    try:
        headers = _headers(described, source)
    except BrokenMapping as broken:
        await _stop(database, lease, source, str(broken))
        return
    if described is None:
        return
    try:
        await _read(database, lease, described, headers)
    except TryLater as later:
        await _later(database, lease, source, later)
    except (Unreadable, GivenUp, tabular.Unusable) as why:
        await _stop(database, lease, source, str(why))


def _headers(described: Described | None, source: str) -> dict[str, str]:
    if described is None:
        raise BrokenMapping(f"{source} is described by no file in PULL_FOLDER, or by a broken one")
    return described.headers()


async def _read(database: Database, lease: Lease, described: Described, headers: dict[str, str]) -> None:
    pull = described.pull
    registry = Registry(source=described.source, pull=pull, mapping_hash=described.digest)
    lease_s = configuration.settings().task_lease_s
    async with database.transaction() as session:
        place = await service.begin(session, lease, registry, hold_s=lease_s)
    if place is None:
        return
    start = fetching.first_url(pull.url, pull.next)
    # A kept place came from a page: it is held against the host of the description that stands now.
    url = start if place.url is None else fetching.on_same_host(start, place.url)
    try:
        async with asyncio.timeout(lease_s * 0.6):
            page = await fetching.fetch(url, headers=headers, etag=place.etag if place.number == 0 else None)
    except TimeoutError as error:
        raise TryLater("a page takes too long") from error
    if page is None:
        await _unchanged(database, lease, described.source)
        return
    table, rows = await asyncio.to_thread(_mapped, described.mapping, page)
    after = fetching.next_url(pull.url, page, pull.next, table, place.number)
    await _keep(database, lease, registry, place, rows, after, page.etag if place.number == 0 else place.etag)


async def _keep(
    database: Database, lease: Lease, registry: Registry, place: Place, rows: list[Mapped], after: str | None, etag: str | None
) -> None:
    async with database.transaction() as session:
        job = await service.keep_page(session, lease, registry, place, rows, next_url=after, etag=etag)
    unread = sum(1 for row in rows if row.item is None)
    logger.info("pull_page", source=registry.source, page=place.number, rows=len(rows), unread=unread, job=str(job) if job else None)


async def _unchanged(database: Database, lease: Lease, source: str) -> None:
    async with database.transaction() as session:
        await service.give_up(session, lease, source, "nothing changed since the last reading")
    logger.info("pull_unchanged", source=source)


async def _stop(database: Database, lease: Lease, source: str, why: str) -> None:
    async with database.transaction() as session:
        await service.give_up(session, lease, source, why)
    logger.error("pull_stopped", source=source, why=why)


async def _later(database: Database, lease: Lease, source: str, later: TryLater) -> None:
    """Try this page again, after the wait that was asked for or the ledger's usual one; not for ever."""
    given = configuration.settings()
    wait_s = later.wait_s if later.wait_s is not None else backoff(lease.attempts, given.retry_first_s, given.retry_ceiling_s)
    dead = lease.attempts >= lease.max_attempts
    logger.warning("pull_postponed", source=source, why=str(later), wait_s=round(wait_s, 1), dead=dead)
    await postpone(database, lease, str(later), wait_s, dead=dead)


def _mapped(mapping: Mapping, page: Page) -> tuple[Table, list[Mapped]]:
    """The rows of a page; `tabular.Unusable` when it is none."""
    table = tabular.parse(page.content, kind=mapping.kind, at=mapping.rows, may_be_empty=True)
    rows: list[Mapped] = []
    for number, raw in enumerate(table.rows, 1):
        if number in table.crooked:
            rows.append(Mapped(number, findings=[Finding("error", "", "more-cells", "The row has more cells than the header.")]))
        else:
            rows.append(read(mapping, raw, number))
    return table, rows
