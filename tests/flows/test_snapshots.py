"""A service loses its database and is filled again by snapshots, while work goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import URL, Table, select, text

from services.feedback.duties.tables import category_copy
from services.feedback.items.tables import customer_grades
from services.integrations.contacts.queries import contacts_of
from services.tickets.categories.tables import categories
from services.tickets.customers.queries import customers_after
from services.tickets.customers.rules import ContactKind
from services.tickets.customers.tables import customers
from shared.auth.directory import org_unit_copy, staff_copy
from shared.contracts.integrations import NotificationRequest
from shared.crypto.vault import KEYS_FILE, read_vault
from shared.database import Database
from shared.outbox.tables import outbox
from tests.flows.conftest import Edition
from tests.support.company import Caller, Company, found_company, somebody
from tests.support.patience import becomes, sooner_or_later
from tests.support.processes import command
from tests.support.system import Running

EMAIL, PHONE = ContactKind.EMAIL, ContactKind.PHONE

LOST = ("feedback", "integrations")
FACTS = ("org_units", "staff", "categories")


@pytest.fixture
async def company(edition: Edition, tmp_path: Path) -> AsyncIterator[Company]:
    """Run an edition in which people and customers are known everywhere."""
    async with edition(tmp_path, {}) as running:
        yield await found_company(running)


@pytest.mark.timeout(400)  # ten processes start, some twice
async def test_a_service_with_a_new_database_is_filled_while_work_goes_on_and_ends_equal(
    company: Company, tmp_path: Path
) -> None:
    running, admin = company.running, await somebody(company.running, "admin")
    for number in range(5):
        await company.customer(f"客户{number}", f"one{number}@example.com")
    await becomes(lambda: differences(company, tmp_path), {})
    asked = await notices_asked(company)
    for service in LOST:
        await lose_database(running, service)
    missing = await differences(company, tmp_path)
    assert {"staff of feedback", "units of feedback", "contacts"} <= missing.keys()

    async with work_goes_on(company, admin):
        await snapshot(running, "customers", "--to", "integrations")
        for kind in FACTS:
            for service in LOST:
                await ask(company, "tickets", {"kind": kind, "to": service})
        events = {"kind": "events", "to": "feedback", "types": ["customer.changed"]}
        await ask(company, "reporting", events)

    await becomes(lambda: differences(company, tmp_path), {})
    assert await notices_asked(company) == asked
    assert await dead_letters(company) == 0
    await is_refused(company)


async def snapshot(running: Running, *arguments: str) -> None:
    """Let an operator give the command."""
    process = next(iter(running.processes.values()))
    done = await command("snapshot", *arguments, folder=process.folder, settings=process.settings)
    assert done.code == 0, done.err


async def ask(company: Company, service: str, body: dict[str, Any]) -> None:
    """Let an operator ask by HTTP, and return when all of it was handed over."""
    asked = await company.operator.does(f"/{service}/snapshots", body)

    async def done() -> bool | None:
        shown = await company.operator.get(f"/{service}/snapshots/{asked['id']}")
        return shown["state"] == "done" or None

    await sooner_or_later(done)


async def is_refused(company: Company) -> None:
    """See that a kind and a service that are none, and other roles, are refused."""
    path, body = "/tickets/snapshots", {"kind": "staff", "to": "feedback"}
    kind = await company.operator.post(path, body | {"kind": "events"})
    service = await company.operator.post(path, body | {"to": "billing"})
    role = await company.agent.post(path, body)
    found = [(one.status_code, one.json()["code"]) for one in (kind, service, role)]
    assert found == [
        (422, "unknown_snapshot_kind"),
        (422, "unknown_service"),
        (403, "not_allowed"),
    ]


@asynccontextmanager
async def work_goes_on(company: Company, admin: Caller) -> AsyncIterator[None]:
    """Let customers come and change, and people be hired, while the block runs."""
    over = asyncio.Event()

    async def work() -> None:
        number = 0
        while not over.is_set():
            number += 1
            body = {"name": f"新客户{number}", "phone": f"1390000{number:04}"}
            added = await company.agent.does("/customers", body)
            change = {"grade": "high_value", "version": added["version"]}
            await company.agent.does(f"/customers/{added['id']}/update", change)
            await admin.does("/staff", {"name": f"新人{number}", "roles": ["agent"]})

    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        yield
        over.set()


async def differences(company: Company, folder: Path) -> dict[str, Any]:
    """Return which copies are not what their owner has, with both sides."""
    databases = company.running.databases
    owner = databases["tickets"]
    grades = ("grade", "sequence")
    pairs: dict[str, tuple[Any, Any]] = {
        "grades": (
            await rows(owner, customers, "id", *grades),
            await rows(databases["feedback"], customer_grades, "customer_id", *grades),
        ),
        "categories": (
            await rows(owner, categories, "id", "code", "active", "sequence"),
            await rows(
                databases["feedback"], category_copy, "category_id", "code", "active", "sequence"
            ),
        ),
        "contacts": (
            await reachable(owner, folder),
            await contacts(databases["integrations"], folder),
        ),
    }
    for service in LOST:
        for name, table in (("staff", staff_copy), ("units", org_unit_copy)):
            every = [column.name for column in table.columns]
            pairs[f"{name} of {service}"] = (
                await rows(owner, table, *every),
                await rows(databases[service], table, *every),
            )
    return {name: both for name, both in pairs.items() if both[0] != both[1]}


async def rows(database: Database, table: Table, *columns: str) -> list[Any]:
    """Return some columns of a table, in one order."""
    async with database.transaction() as session:
        found = await session.execute(select(*(table.c[name] for name in columns)))
        return sorted((tuple(row) for row in found), key=str)


async def reachable(database: Database, folder: Path) -> dict[Any, Any]:
    """Return by customer where he says that he can be reached."""
    vault = read_vault(keys_in(folder), "tickets", recipients=())
    async with database.transaction() as session:
        known = await customers_after(session, vault, None, limit=10_000)
    return {
        one.id: (one.name, *(one.contacts.get(kind) for kind in (EMAIL, PHONE))) for one in known
    }


async def contacts(database: Database, folder: Path) -> dict[Any, Any]:
    """Return by customer where who writes to him believes that he can be reached."""
    vault = read_vault(keys_in(folder), "integrations", recipients=())
    async with database.transaction() as session:
        ids = list(await session.scalars(text("SELECT customer_id FROM contacts")))
        found = await contacts_of(session, vault, ids)
    return {one: (known.name, known.email, known.phone) for one, known in found.items()}


def keys_in(folder: Path) -> Path:
    own = folder / "secrets" / KEYS_FILE
    return own if own.exists() else folder / ".data/secrets" / KEYS_FILE


async def notices_asked(company: Company) -> int:
    """Count what anybody was asked to be written to."""
    wanted = select(outbox.c.id).where(outbox.c.type == NotificationRequest.TYPE)
    found = 0
    for database in company.running.databases.values():
        async with database.transaction() as session:
            found += len((await session.scalars(wanted)).all())
    return found


async def dead_letters(company: Company) -> int:
    """Count what could not be handled anywhere."""
    found = 0
    for database in company.running.databases.values():
        async with database.transaction() as session:
            found += await session.scalar(text("SELECT count(*) FROM dead_letter")) or 0
    return found


async def lose_database(running: Running, service: str) -> None:
    """Drop a service's database, and start the service on an empty one."""
    url = running.databases[service].engine.url
    for database in running.databases.values():  # PostgreSQL may end, too
        await database.dispose()
    names = [name for name in running.processes if name == "run" or name.startswith(service)]
    if names == ["run"]:  # its PostgreSQL ends with it, and it makes what is missing at its start
        await statements(url, f'DROP DATABASE "{url.database}" WITH (FORCE)')
    for name in names:
        await running.processes[name].end()
    if names != ["run"]:
        made = f'CREATE DATABASE "{url.database}" OWNER "{url.username}"'
        await statements(url, f'DROP DATABASE "{url.database}" WITH (FORCE)', made)
        one = running.processes[names[0]]
        done = await command("migrate", service, folder=one.folder, settings=one.settings)
        assert done.code == 0, done.err
    for name in names:
        running.processes[name].start()
    await running.ready(*names)


async def statements(url: URL, *given: str) -> None:
    """Run statements as the administrator of the server that a database lies on."""
    host, port = str(url.query["host"]), int(str(url.query["port"]))
    connection = await asyncpg.connect(host=host, port=port, user="postgres", database="postgres")
    try:
        for one in given:
            await connection.execute(one)
    finally:
        await connection.close()
