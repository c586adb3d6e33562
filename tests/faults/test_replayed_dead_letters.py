"""A handler is at fault until it is mended: what it left behind is replayed, with one effect."""

from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
from sqlalchemy import func, select, text

from services.surveys.invitations.tables import invitations
from tests.faults.closings import CUSTOMERS, SETTINGS, all_closed, waiting
from tests.flows.conftest import Edition
from tests.support.company import Caller, becomes, found_company, sooner_or_later
from tests.support.processes import command
from tests.support.system import Running

CLOSED = 6
INVITED = CLOSED - 1
"""The first of them is spam."""


async def hasten(running: Running) -> None:
    """Let every retry that waits come now: the ladder takes more than an hour."""
    assert running.amqp_url is not None
    connection = await aio_pika.connect(running.amqp_url)
    async with connection, connection.channel() as channel:
        for name in running.queues:
            if ".delay." not in name:
                continue
            queue = await channel.get_queue(name, ensure=False)
            requeue = await channel.get_exchange(f"{name.partition('.')[0]}.requeue")
            while (waits := await queue.get(fail=False)) is not None:
                await requeue.publish(waits, waits.routing_key or "")
                await waits.ack()


async def renamed(running: Running, old: str, new: str) -> None:
    """Rename a table of surveys."""
    async with running.databases["surveys"].transaction() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def invited(running: Running) -> int:
    async with running.databases["surveys"].transaction() as session:
        return await session.scalar(select(func.count()).select_from(invitations)) or 0


async def put_aside(operator: Caller) -> list[Any] | None:
    """Return the dead letters of surveys as the API lists them, once the operator is known."""
    headers = {"Authorization": f"Bearer {operator.token}"}
    answer = await operator.client.get(
        "/api/v1/surveys/dead-letters", params={"state": "waiting"}, headers=headers
    )
    return list(answer.json()["data"]) if answer.is_success else None


@pytest.mark.rabbit
@pytest.mark.timeout(600)
async def test_what_a_faulty_handler_left_behind_is_replayed_and_has_its_effect_once(
    processes: Edition, tmp_path: Path
) -> None:
    async with processes(tmp_path, SETTINGS) as running:
        company = await found_company(running)
        customers = [await company.customer(f"客户{n}") for n in range(CUSTOMERS)]
        await renamed(running, "invitations", "mislaid")
        tickets: list[Any] = []
        await all_closed(company, customers, CLOSED, tickets)

        async def all_dead() -> list[Any] | None:
            await hasten(running)
            found = await put_aside(company.operator)
            closings = [one for one in found or [] if one["type"] == "ticket.closed.v1"]
            return found if len(closings) == CLOSED else None

        dead = await sooner_or_later(all_dead, patience=120)
        assert {one["reason"] for one in dead} == {"failed"}
        await renamed(running, "mislaid", "invitations")

        why = {"reason": "the table is back"}
        by_command, *by_api = dead
        for one in by_api:
            path = f"/surveys/dead-letters/{one['id']}/replay"
            await company.operator.does(path, why)
            assert (await company.operator.post(path, why)).status_code == httpx.codes.CONFLICT
        done = await command(
            *("dead-letters", "replay", "surveys", by_command["id"], "--reason", why["reason"]),
            folder=tmp_path,
            settings=running.processes["surveys-worker"].settings,
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
