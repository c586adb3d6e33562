"""An event that its sender takes back is let in by nobody from the statement on."""

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shared.clock import utcnow
from shared.contracts.restores import EventsVoided
from shared.database import Database
from shared.ids import new_id
from shared.inbox.handlers import Received
from shared.messages.contract import Envelope
from shared.restores.hear import keep_spans, void_among
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.sample_service import sample_service

LAST = UUID(int=(1 << 128) - 1)
WAITING = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database()))"
)


def envelope(sender: str, epoch: int, data: dict[str, Any] | None = None) -> Envelope:
    return Envelope(
        id=new_id(),
        source=f"careloop/{sender}",
        type="something.said",
        subject=new_id(),
        time=utcnow(),
        dataschema="something.said.v1",
        sequence=1,
        epoch=epoch,
        origin="live",
        correlationid="test",
        data=data or {},
    )


async def take_back(database: Database, said: EventsVoided) -> None:
    async with database.transaction() as session:
        statement = Received(envelope("tickets", said.before_epoch), said)
        await keep_spans(session, [statement])


async def test_what_is_taken_back_is_passed_over_and_nothing_else(databases: Databases) -> None:
    database = await databases.open(sample_service())
    before, first = envelope("tickets", 1), new_id()
    void, kept, others = (envelope(name, 1) for name in ("tickets", "tickets", "surveys"))
    newer = envelope("tickets", 2)
    heard = [before, void, kept, others, newer]
    async with database.transaction() as session:
        assert await void_among(session, heard) == set()

    said = EventsVoided(service="tickets", before_epoch=2, first=first, last=LAST, kept=(kept.id,))
    await take_back(database, said)

    async with database.transaction() as session:
        assert await void_among(session, heard) == {void.id}


async def test_who_takes_back_waits_for_those_who_have_looked(databases: Databases) -> None:
    database = await databases.open(sample_service())
    said = EventsVoided(service="tickets", before_epoch=2, first=new_id(), last=LAST, kept=())

    async def waits() -> bool:
        async with database.transaction() as session:
            return bool(await session.scalar(WAITING))

    async with database.transaction() as session:
        assert await void_among(session, [envelope("tickets", 1)]) == set()
        taking = asyncio.create_task(take_back(database, said))
        await until(waits)
        assert not taking.done()
    await taking
    async with database.transaction() as session:
        assert len(await void_among(session, [envelope("tickets", 1)])) == 1
