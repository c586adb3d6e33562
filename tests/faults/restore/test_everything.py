"""Everything is restored onto empty databases, from a backup that was taken while work went on."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from careloop.backup.manifest import read_manifest
from standalone.compose import NAMES
from tests.faults.restore.day import agrees, begun, goes_on
from tests.faults.restore.house import PATIENCE_SECONDS, House, settled
from tests.support.patience import sooner_or_later
from tests.support.system import Running

pytestmark = pytest.mark.timeout(1200)  # everything in one process, beside whatever else runs


@pytest.mark.feature("N-21")
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
            await sooner_or_later(
                _true_when(lambda: len(day.closed) > 2), patience=PATIENCE_SECONDS
            )
            await house.save(tmp_path / "backup")
            over.set()
    assert read_manifest(tmp_path / "backup").seconds > 0
    other = House(house.server, house.common.secrets)
    await other.build()
    try:
        await other.set_back(tmp_path / "backup", *NAMES, force=False)
        await _send_at_once(other)
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


async def _send_at_once(house: House) -> None:
    """Let a notice that was on its way be sent now, not after its ten minutes."""
    due = text("UPDATE notifications SET due_at = now() WHERE state = 'sending'")
    async with house.here.database("integrations") as database, database.transaction() as session:
        await session.execute(due)


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
        return (
            await session.scalar(text("SELECT count(*) FROM tickets WHERE kind = 'complaint'")) or 0
        )


async def _in_surveys(running: Running) -> dict[str, int]:
    wanted = (
        "SELECT ticket_id, satisfaction FROM responses"
        " JOIN invitations ON invitations.id = responses.invitation_id"
    )
    async with running.databases["surveys"].transaction() as session:
        return {str(one): score for one, score in await session.execute(text(wanted))}
