"""A handler is at fault until it is mended: what it left behind is replayed, with one effect."""

from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
from sqlalchemy import func, select, text

from services.surveys.invitations.tables import invitations
from shared.bus.interface import LADDER, Exchange
from shared.bus.topology import Names
from tests.flows.conftest import Edition
from tests.support.closings import CUSTOMERS, SETTINGS, all_closed, waiting
from tests.support.company import Caller, found_company
from tests.support.patience import becomes, sooner_or_later
from tests.support.processes import command
from tests.support.system import Running

CLOSED = 6
INVITED = CLOSED - 1
"""The first of them is spam."""

WHY = {"reason": "the table is back"}


async def hasten(running: Running) -> None:
    """Let every retry that waits come now: the ladder takes more than an hour."""
    settings = running.processes["run"].settings
    names = Names(settings["CARELOOP_AMQP_PREFIX"])
    connection = await aio_pika.connect(settings["CARELOOP_AMQP_URL"])
    async with connection, connection.channel() as channel:
        requeue = await channel.get_exchange(names.exchange(Exchange.REQUEUE))
        for seconds in LADDER:
            queue = await channel.get_queue(names.delay(seconds), ensure=False)
            while (waits := await queue.get(fail=False)) is not None:
                await requeue.publish(waits, waits.routing_key or "")
                await waits.ack()


async def renamed(running: Running, old: str, new: str) -> None:
    """Rename a table of surveys."""
    async with running.databases["surveys"].transaction() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def invited(running: Running) -> int:
    """Count the invitations that were not suppressed."""
    asked = invitations.c.token_hash.is_not(None)
    async with running.databases["surveys"].transaction() as session:
        statement = select(func.count()).select_from(invitations).where(asked)
        return await session.scalar(statement) or 0


async def put_aside(operator: Caller) -> list[Any]:
    """Return the dead letters of surveys that wait for somebody."""
    return list((await operator.get("/surveys/dead-letters", state="waiting"))["data"])


@pytest.mark.rabbit
@pytest.mark.timeout(600)
async def test_what_a_faulty_handler_left_behind_is_replayed_and_has_its_effect_once(
    in_one_with_broker: Edition, tmp_path: Path
) -> None:
    async with in_one_with_broker(tmp_path, SETTINGS) as running:
        company = await found_company(running)
        customers = [await company.customer(f"客户{n}") for n in range(CUSTOMERS)]
        await renamed(running, "invitations", "mislaid")
        tickets: list[Any] = []
        await all_closed(company, customers, CLOSED, tickets)

        async def all_dead() -> list[Any] | None:
            await hasten(running)
            found = await put_aside(company.operator)
            return found if len(found) == CLOSED else None

        dead = await sooner_or_later(all_dead, patience=120)
        assert {(one["type"], one["reason"]) for one in dead} == {("ticket.closed.v1", "failed")}
        await renamed(running, "mislaid", "invitations")
        by_command, *by_api = dead
        for one in by_api:
            path = f"/surveys/dead-letters/{one['id']}/replay"
            await company.operator.does(path, WHY)
            assert (await company.operator.post(path, WHY)).status_code == httpx.codes.CONFLICT
        done = await command(
            *("dead-letters", "replay", "surveys", by_command["id"], "--reason", WHY["reason"]),
            folder=tmp_path,
            settings=running.processes["run"].settings,
        )
        assert done.code == 0, done.err
        await becomes(lambda: invited(running), INVITED)
        books = {"closed": CLOSED, "invited": INVITED, "suppressed": 1, "balanced": True}

        async def balance() -> dict[str, Any]:
            shown = await company.books()
            return {name: shown[name] for name in books}

        await becomes(balance, books)
        assert await put_aside(company.operator) == []
        await becomes(lambda: waiting(running), (0, len(dead)))  # their rows stay, settled
