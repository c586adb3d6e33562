"""One service is set back to an older backup while the others know more; then all agree again."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from careloop.backup.manifest import read_manifest
from standalone.compose import NAMES
from tests.faults.restore.day import agrees, begun, goes_on
from tests.faults.restore.house import (
    House,
    settled,
)
from tests.support.company import sooner_or_later
from tests.support.system import Running

pytestmark = pytest.mark.timeout(1200)  # everything in one process, beside whatever else runs


async def test_tickets_are_set_back_and_what_followed_from_what_they_forgot_is_undone(
    house: House, tmp_path: Path
) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        late = await day.files()
        leaves = await day.company.customer("李先生", "li@example.com")
        await day.solves(late)
        await settled(running)
        await house.save(tmp_path / "backup")
        await day.confirms(late)
        old_link = await day.answers(late, 1)
        forgotten = await day.plays(2)
        erase = {"type": "erase", "customer_id": leaves.id, "reason": "customer_asked"}
        await day.company.manager.does("/privacy/requests", erase)
        await agrees(day, filed=3)
        assert await erased_in_tickets(running) == [leaves.id]
    await house.set_back(tmp_path / "backup", "tickets")
    async with house.open() as running:
        await goes_on(day, running)
        for ticket in (late, forgotten):
            day.closed.remove(ticket)
            del day.scores[ticket]
        await agrees(day, filed=2)
        assert await erased_in_tickets(running) == [leaves.id]
        gone = await running.client.get(f"/api/v1/public/surveys/{old_link}")
        assert gone.status_code == 404
        await day.confirms(late)
        await day.answers(late, 4)
        await day.plays(3)
        await agrees(day, filed=3)


async def test_surveys_are_set_back_and_ask_again(house: House, tmp_path: Path) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        await settled(running)
        await house.save(tmp_path / "backup")
        again = await day.plays(1)
        await agrees(day, filed=2)
    await house.set_back(tmp_path / "backup", "surveys")
    async with house.open() as running:
        await goes_on(day, running)
        del day.scores[again]
        await agrees(day, filed=2)
        await day.answers(again, 2)
        await day.plays(5)
        await agrees(day, filed=3)


@pytest.mark.parametrize("service", ["reporting", "feedback", "integrations"])
async def test_who_only_listens_is_set_back_and_hears_what_he_missed(
    house: House, tmp_path: Path, service: str
) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        await settled(running)
        await house.save(tmp_path / "backup")
        await day.plays(2)
        await settled(running)
    await house.set_back(tmp_path / "backup", service)
    async with house.open() as running:
        await goes_on(day, running)
        await agrees(day, filed=2)
        await day.plays(1)
        await agrees(day, filed=3)


async def test_everything_is_restored_onto_empty_databases_as_of_one_moment(
    house: House, tmp_path: Path
) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(1)
        over = asyncio.Event()

        async def work() -> None:
            while not over.is_set():
                await day.plays(4)

        async with asyncio.TaskGroup() as group:
            group.create_task(work())
            await sooner_or_later(_true_when(lambda: len(day.closed) > 2))
            await house.save(tmp_path / "backup")
            over.set()
    assert read_manifest(tmp_path / "backup").seconds > 0
    other = House(house.server, house.common.secrets)
    await other.build()
    try:
        await other.set_back(tmp_path / "backup", *NAMES, force=False)
        async with other.open() as running:
            day.house = other
            await goes_on(day, running)
            await settled(running)
            day.closed, day.scores = await _in_tickets(running), await _in_surveys(running)
            assert len(day.closed) > 2
            await agrees(day, filed=await _filed(running))
            await day.plays(3)
            await agrees(day, filed=await _filed(running))
    finally:
        await other.end()


async def erased_in_tickets(running: Running) -> list[str]:
    async with running.databases["tickets"].transaction() as session:
        rows = await session.scalars(text("SELECT customer_id FROM erased_customer"))
        return [str(one) for one in rows]


def _true_when(condition: Any) -> Any:
    async def look() -> bool | None:
        return condition() or None

    return look


async def _in_tickets(running: Running) -> list[str]:
    async with running.databases["tickets"].transaction() as session:
        rows = await session.scalars(text("SELECT id FROM tickets WHERE state = 'closed'"))
        return [str(one) for one in rows]


async def _filed(running: Running) -> int:
    async with running.databases["tickets"].transaction() as session:
        return await session.scalar(text("SELECT count(*) FROM tickets")) or 0


async def _in_surveys(running: Running) -> dict[str, int]:
    wanted = (
        "SELECT ticket_id, satisfaction FROM responses"
        " JOIN invitations ON invitations.id = responses.invitation_id"
    )
    async with running.databases["surveys"].transaction() as session:
        return {str(one): score for one, score in await session.execute(text(wanted))}
