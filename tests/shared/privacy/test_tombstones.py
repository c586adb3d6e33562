"""Who writes about a customer and who erases him do not miss each other."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.database import Database
from shared.errors import ConflictError
from shared.ids import new_id
from shared.privacy.tombstones import erased_among, remember_erased, require_not_erased
from tests.support.databases import Databases
from tests.support.patience import sooner_or_later
from tests.support.sample_service import NOON, sample_service


async def erase(database: Database, customer_id: UUID) -> bool:
    """Erase somebody in a transaction of its own."""
    async with database.transaction() as session:
        return await remember_erased(session, customer_id, request_id=new_id(), now=NOON)


async def somebody_waits(database: Database) -> None:
    """Return when a transaction waits for another one's lock."""
    waiting = text("SELECT true FROM pg_locks WHERE NOT granted AND locktype = 'advisory' LIMIT 1")

    async def look() -> bool | None:
        async with database.transaction() as session:
            return bool(await session.scalar(waiting)) or None

    await sooner_or_later(look)


async def test_who_erases_waits_for_who_writes_and_finds_what_he_wrote(
    databases: Databases,
) -> None:
    database, customer_id = await databases.open(sample_service()), new_id()
    async with database.transaction() as writer:
        await require_not_erased(writer, customer_id)
        erasing = asyncio.create_task(erase(database, customer_id))
        await somebody_waits(database)
        assert await erased_among(writer, [customer_id]) == set()
    assert await erasing
    assert not await erase(database, customer_id)


async def test_who_writes_waits_for_who_erases_and_is_refused(databases: Databases) -> None:
    database, customer_id, other = await databases.open(sample_service()), new_id(), new_id()

    async def write() -> None:
        async with database.transaction() as session:
            await require_not_erased(session, customer_id)

    async with database.transaction() as eraser:
        await remember_erased(eraser, customer_id, request_id=new_id(), now=NOON)
        writing = asyncio.create_task(write())
        await somebody_waits(database)
    with pytest.raises(ConflictError):
        await writing
    async with database.transaction() as session:
        assert await erased_among(session, [customer_id, other, None]) == {customer_id}
