"""From the edition in one process to servers: the books go on, and what waited is delivered."""

from pathlib import Path

import pytest
from sqlalchemy import text

from careloop.backup.connections import connected
from shared.host import migrate_part
from standalone.compose import NAMES, PARTS
from tests.faults.restore.day import agrees, begun, goes_on
from tests.faults.restore.house import House, settled
from tests.support.databases import Server
from tests.support.patience import becomes
from tests.support.rabbitmq import RabbitNode

pytestmark = [
    pytest.mark.rabbit,
    pytest.mark.timeout(1200),  # everything in one process, beside whatever else runs
]

LETTERS = "SELECT count(*) FROM pending_message WHERE type = 'notification.request.v1'"
NOTICES = "SELECT count(*) FROM notifications"


async def counted(house: House, statement: str) -> int:
    async with house.here.database("integrations") as database, database.transaction() as session:
        return await session.scalar(text(statement)) or 0


async def test_the_small_edition_moves_to_servers_and_delivers_there_what_waited(
    house: House, server15: Server, rabbit: RabbitNode, tmp_path: Path
) -> None:
    integrations = house.here.services["integrations"].url(house.common)
    async with connected(integrations) as holder, house.open() as running:
        day = await begun(house, running)
        await day.plays(1)
        late = await day.files()
        await day.solves(late)
        await settled(running)
        notices = await counted(house, NOTICES)
        await holder.execute("BEGIN")
        await holder.execute("LOCK TABLE notifications IN EXCLUSIVE MODE")  # no notice goes out
        await day.confirms(late)
        await becomes(lambda: counted(house, LETTERS), 1)
    assert await counted(house, LETTERS) == 1
    await house.save(tmp_path / "backup")

    large = House(server15, house.common.secrets, amqp_url=rabbit.url)
    await large.build()
    try:
        await large.set_back(tmp_path / "backup", *NAMES, force=False)
        for part in PARTS.values():
            await migrate_part(part, large.common)
        assert await counted(large, "SELECT count(*) FROM pending_message") == 0
        assert await counted(large, NOTICES) == notices
        async with large.open() as running:
            await goes_on(day, running)
            day.house = large
            await agrees(day, filed=2)
            assert await counted(large, NOTICES) == notices + 1
            await day.answers(late, 2)
            await day.plays(4)
            await agrees(day, filed=3)
    finally:
        await large.end()
