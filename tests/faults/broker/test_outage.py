"""The broker takes nothing, or is away for ten minutes: customers notice nothing, all is said."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from services.surveys.invitations.tables import invitations
from shared.database import Database
from shared.ids import new_id
from shared.inbox.tables import inbox
from shared.outbox.tables import outbox
from tests.faults.closings import CUSTOMERS, SETTINGS, all_closed, waiting
from tests.faults.conftest import Note
from tests.flows.conftest import Edition
from tests.support.company import Caller, becomes, found_company
from tests.support.rabbitmq import RabbitNode
from tests.support.system import Running

pytestmark = [pytest.mark.rabbit, pytest.mark.timeout(600)]

PATIENCE_SECONDS = 300.0

MISSED = 30_000
"""Ten minutes with 50 events a second."""

REPEATED = "staff.changed"
"""An event that every service hears and that changes nothing when it is said again."""

SLOWER = 25
"""A request may take so many times longer while the outbox drains: two relays, five consumers and
PostgreSQL share two cores with it. One that is starved waits for the end."""


async def test_a_broker_without_space_stops_no_customer_and_no_consumer(
    processes: Edition, rabbit: RabbitNode, tmp_path: Path, note: Note
) -> None:
    async with processes(tmp_path, SETTINGS) as running:
        company = await found_company(running)
        customers = [await company.customer(f"客户{n}") for n in range(CUSTOMERS)]
        tickets: list[Any] = []
        await running.processes["surveys-worker"].end()
        await all_closed(company, customers, 12, tickets)
        await becomes(lambda: unsaid(running.databases["tickets"]), 0)

        await asyncio.to_thread(rabbit.ctl, "set_disk_free_limit", "1000000GB")
        try:
            running.processes["surveys-worker"].start()
            await running.ready("surveys-worker")
            await becomes(lambda: invited(running), 11)  # one of them is spam
            assert await unsaid(running.databases["surveys"]) > 0
            begun = time.monotonic()
            await all_closed(company, customers, 12, tickets)
            note(f"48 requests in {time.monotonic() - begun:.1f} s while nothing could be said")
            assert await unsaid(running.databases["tickets"]) >= 12
        finally:
            await asyncio.to_thread(rabbit.ctl, "set_disk_free_limit", "50MB")
        await becomes(lambda: waiting(running), (0, 0), patience=PATIENCE_SECONDS)
        await becomes(lambda: invited(running), 22)


async def test_ten_minutes_without_a_broker_are_made_up_beside_the_customers(
    processes: Edition, rabbit: RabbitNode, tmp_path: Path, note: Note
) -> None:
    async with processes(tmp_path, SETTINGS) as running:
        company = await found_company(running)
        customer = await company.customer("客户")
        tickets: list[Any] = []
        await all_closed(company, [customer], 5, tickets)
        await becomes(lambda: waiting(running), (0, 0))
        heard = await heard_of(running)
        calm = [await filed(customer) for _ in range(40)]

        await rabbit.stop()
        await say_again(running.databases["tickets"], MISSED)
        away = [await filed(customer) for _ in range(20)]
        begun = time.monotonic()
        await rabbit.start()
        back = time.monotonic()
        draining = asyncio.create_task(drained(running.databases["tickets"]))
        busy = [await filed(customer)]
        while not draining.done():
            busy.append(await filed(customer))
        said = await draining - back
        wanted = {name: count + MISSED for name, count in heard.items()}
        await becomes(lambda: heard_of(running), wanted, patience=PATIENCE_SECONDS)
        note(
            f"{MISSED} events said in {said:.0f} s ({MISSED / said:.0f}/s) and heard by all in "
            f"{time.monotonic() - back:.0f} s; the broker's start took {back - begun:.0f} s"
        )
        note(
            "median of a request in ms: "
            f"{median(calm)} before, {median(away)} without broker, {median(busy)} while it drains"
        )
        assert median(busy) <= SLOWER * median(calm)
        await becomes(lambda: waiting(running), (0, 0), patience=PATIENCE_SECONDS)


async def filed(customer: Caller) -> float:
    """File a complaint; return the seconds that it took."""
    begun = time.monotonic()
    await customer.does(
        "/my/tickets", {"kind": "complaint", "subject": "漏气", "description": "厨房"}
    )
    return time.monotonic() - begun


def median(seconds: Sequence[float]) -> float:
    """Return the median in milliseconds."""
    return round(1000 * statistics.median(seconds), 1)


async def unsaid(database: Database) -> int:
    """Count what waits in an outbox."""
    async with database.transaction() as session:
        statement = select(func.count()).where(outbox.c.published_at.is_(None))
        return await session.scalar(statement) or 0


async def drained(database: Database) -> float:
    """Return the moment at which an outbox holds no more than what comes all the time."""
    while await unsaid(database) > 100:
        await asyncio.sleep(0.2)
    return time.monotonic()


async def invited(running: Running) -> int:
    """Count the invitations."""
    async with running.databases["surveys"].transaction() as session:
        return await session.scalar(select(func.count()).select_from(invitations)) or 0


async def heard_of(running: Running) -> dict[str, int]:
    """Count how often each service has handled the repeated event."""
    statement = select(func.count()).where(inbox.c.type.startswith(REPEATED))
    found = {}
    for name in ("surveys", "feedback", "integrations"):
        async with running.databases[name].transaction() as session:
            found[name] = await session.scalar(statement) or 0
    return found


async def say_again(database: Database, times: int) -> None:
    """Put an event into the outbox again and again, each time as one of its own."""
    async with database.transaction() as session:
        said = (await session.execute(select(outbox).where(outbox.c.type == REPEATED))).first()
        assert said is not None
        again = {"id": None, "subject": None, "due_at": None, "published_at": None}
        kept = {name: value for name, value in said._asdict().items() if name not in again}
        rows = [kept | {"id": new_id(), "subject": new_id(), "attempts": 0} for _ in range(times)]
        await session.execute(insert(outbox), rows)
