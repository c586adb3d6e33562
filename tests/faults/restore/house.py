"""A company whose services run in this process, can be saved, stopped, set back and started."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import text

from careloop.backup.manifest import read_manifest
from careloop.backup.take import made_whole, take_backup
from careloop.installation import Installation
from careloop.restore.command import restore_services
from careloop.restore.rejoin import MARGIN
from services.surveys.invitations.links import token_of
from shared.books.rules import Asked, Difference
from shared.clock import utcnow
from shared.migrations import migrate
from shared.settings import CommonSettings
from standalone.compose import NAMES, composed, services_of, vaults_of
from standalone.first_people import ensure_first_people
from standalone.postgres import create_databases
from tests.standalone.composed import ORIGIN
from tests.support.company import Caller, Company, found_company, somebody
from tests.support.databases import Server
from tests.support.mail_server import MailServer
from tests.support.patience import becomes
from tests.support.system import Running

UNDER_WAY = (
    "SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL)"
    " + (SELECT count(*) FROM pending_message) + (SELECT count(*) FROM dead_letter)"
    " + (SELECT count(*) FROM snapshot WHERE state = 'running')"
)
PATIENCE_SECONDS = 300.0
"""It takes 2 s; a machine that did eight other things has needed over a minute."""

MORE = {
    "reporting": " + (SELECT count(*) FROM events.event_log WHERE position IS NULL)",
    "surveys": " + (SELECT count(*) FROM invitations WHERE state = 'scheduled')",
    "integrations": " + (SELECT count(*) FROM notifications WHERE settled_at IS NULL)",
}
MOVED = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM inbox)"
CELLS = (
    "SELECT measure, day, org_unit_id, channel, category_id, priority, kind, tier, bucket,"
    " n, total, squares FROM facts."
)
FIGURES = f"{CELLS}figures UNION ALL {CELLS}narrow_figures"


class House:
    """Five databases with one set of keys."""

    def __init__(self, server: Server, secrets: Path, amqp_url: str | None = None) -> None:
        self.server = server
        prefix = f"t{uuid4().hex[:8]}"
        self.common = CommonSettings(
            database_url=server.postgres.url("DATABASE").replace("DATABASE", "{database}"),
            database_prefix=prefix,
            amqp_url=amqp_url,
            amqp_prefix=prefix,
            secrets=secrets,
            public_url=ORIGIN,
            development=True,
        )
        vaults = vaults_of(self.common)
        self.here = Installation(self.common, services_of(self.common, vaults), vaults)

    async def build(self) -> None:
        """Make the databases, empty."""
        prefix = self.common.database_prefix
        await create_databases(self.server.postgres, [f"{prefix}_{name}" for name in NAMES])

    async def first_people(self) -> None:
        """Migrate, and hire who hires others."""
        for service in self.here.services.values():
            await migrate(service, service.url(self.common))
        async with self.here.database("tickets") as database, database.transaction() as session:
            await ensure_first_people(session, now=utcnow())

    async def end(self) -> None:
        for name in NAMES:
            await self.server.drop(self.common.database_url_of(name))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Running]:
        """Let everybody work while the block runs."""
        async with AsyncExitStack() as stack:
            system = await stack.enter_async_context(composed(self.common))
            transport = httpx.ASGITransport(system.gateway)
            client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=60)
            await stack.enter_async_context(client)
            yield Running(client, MailServer(), {}, dict(system.databases))

    async def save(self, folder: Path) -> None:
        with made_whole(folder) as part:
            await take_backup(self.here, NAMES, part)

    async def set_back(self, folder: Path, *names: str, force: bool = True) -> None:
        manifest = read_manifest(folder)
        await restore_services(
            self.here,
            folder,
            [manifest.of(name) for name in names],
            taken_at=manifest.taken_at,
            since=manifest.taken_at - MARGIN,
            force=force,
        )


async def at_home(running: Running) -> Company:
    return await found_company(running)


async def back_home(running: Running, before: Company) -> Company:
    """Return the same people, talking to the system that runs now."""
    return Company(
        running,
        agent=await somebody(running, "agent", before.agent.id),
        manager=await somebody(running, "manager"),
        operator=await somebody(running, "operator"),
    )


async def progress(running: Running) -> tuple[int, int]:
    """Count what is under way, waits or was given up; and all that was ever said and handled."""
    under_way = moved = 0
    for name, database in running.databases.items():
        async with database.transaction() as session:
            under_way += await session.scalar(text(UNDER_WAY + MORE.get(name, ""))) or 0
            moved += await session.scalar(text(MOVED)) or 0
    return under_way, moved


async def settled(running: Running) -> None:
    """Return when everybody has heard everything, and nothing was given up.

    What changed its place while it was looked for is found by a second look.
    """

    async def under_way() -> int | None:
        found = await progress(running)
        return found[0] if found == await progress(running) else None

    await becomes(under_way, 0, patience=PATIENCE_SECONDS)


async def differences(house: House, running: Running) -> list[Difference]:
    """Compare the whole books of every service that has some, as each night."""
    found: list[Difference] = []
    for name, service in house.here.services.items():
        for book in service.ledger.books if service.ledger else ():
            asked = Asked(None, utcnow(), whole=True)
            found += (await book.check(running.databases[name], asked)).differences
    return found


async def figures(running: Running) -> list[Any]:
    async with running.databases["reporting"].transaction() as session:
        return sorted((tuple(row) for row in await session.execute(text(FIGURES))), key=str)


async def open_cases(running: Running) -> int | None:
    """Return how many cases are open; None when feedback and reporting do not say the same."""
    counted = {
        "feedback": "SELECT count(*) FROM loop_cases WHERE closed_at IS NULL",
        "reporting": "SELECT count(*) FROM facts.open_cases",
    }
    found = set()
    for service, count in counted.items():
        async with running.databases[service].transaction() as session:
            found.add(await session.scalar(text(count)))
    return found.pop() if len(found) == 1 else None


async def token_about(house: House, running: Running, ticket_id: str) -> str | None:
    """Return the token of a ticket's newest link that was sent."""
    wanted = (
        "SELECT id, token_sealed FROM invitations WHERE ticket_id = :ticket AND state = 'sent'"
        " ORDER BY id DESC LIMIT 1"
    )
    async with running.databases["surveys"].transaction() as session:
        row = (await session.execute(text(wanted), {"ticket": ticket_id})).one_or_none()
    return None if row is None else token_of(house.here.vaults["surveys"], row.id, row.token_sealed)


def anybody(running: Running) -> Caller:
    return Caller("", running.client, None)
