"""The broker has no space and takes nothing: customers and consumers go on, all is said later."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from services.surveys.invitations.tables import invitations
from tests.faults.conftest import Note
from tests.flows.conftest import Edition
from tests.support.closings import CUSTOMERS, SETTINGS, all_closed, unsaid, waiting
from tests.support.company import found_company
from tests.support.patience import becomes
from tests.support.rabbitmq import RabbitNode
from tests.support.system import Running

CLOSED = 6

PATIENCE_SECONDS = 120.0
"""A relay whose window failed looks again within seconds, up to its lease of a minute."""


@pytest.mark.rabbit
@pytest.mark.timeout(600)
async def test_a_broker_without_space_stops_no_customer_and_no_consumer(
    in_one_with_broker: Edition, rabbit: RabbitNode, tmp_path: Path, note: Note
) -> None:
    async with in_one_with_broker(tmp_path, SETTINGS) as running:
        company = await found_company(running)
        customers = [await company.customer(f"客户{n}") for n in range(CUSTOMERS)]
        tickets: list[Any] = []
        surveys, asked = running.databases["surveys"], await invited(running)
        async with surveys.transaction() as holding:  # so that closings wait in their queue
            await holding.execute(text("LOCK TABLE invitations IN ACCESS EXCLUSIVE MODE"))
            await all_closed(company, customers, CLOSED, tickets)
            await becomes(lambda: unsaid(running.databases["tickets"]), 0)
            await asyncio.to_thread(rabbit.ctl, "set_disk_free_limit", "1000000GB")
        try:
            await becomes(lambda: invited(running), asked + CLOSED)
            assert await unsaid(surveys) > 0
            begun = time.monotonic()
            await all_closed(company, customers, CLOSED, tickets)
            note(f"24 requests in {time.monotonic() - begun:.1f} s while nothing could be said")
            assert await unsaid(running.databases["tickets"]) >= CLOSED
        finally:
            await asyncio.to_thread(rabbit.ctl, "set_disk_free_limit", "50MB")
        await becomes(lambda: invited(running), asked + 2 * CLOSED)
        await becomes(lambda: waiting(running), (0, 0), patience=PATIENCE_SECONDS)


async def invited(running: Running) -> int:
    """Count the cycles that an invitation, or why there is none, was written for."""
    async with running.databases["surveys"].transaction() as session:
        return await session.scalar(select(func.count()).select_from(invitations)) or 0
