"""What a transaction says is said when it commits, at least once, and not before."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text, update

from shared.bus.interface import BusUnavailableError, Exchange
from shared.correlation import Cause
from shared.crypto.vault import UnreadableError
from shared.database import Database
from shared.ids import new_id
from shared.messages.contract import Envelope, Origin
from shared.outbox import relay
from shared.outbox.emit import Saying, emit, send
from shared.outbox.relay import LEASE, WINDOW, relay_due, relay_once, run_relay
from shared.outbox.tables import outbox
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.sample_service import (
    NOON,
    Counted,
    ShelfBus,
    SlowBus,
    Whispered,
    WhisperedElsewhere,
    sample_service,
    sample_vault,
    saying,
    tallies,
)


@pytest.fixture
async def database(databases: Databases) -> Database:
    return await databases.open(sample_service())


@pytest.fixture
def bus() -> ShelfBus:
    return ShelfBus()


def counted() -> Counted:
    return Counted(tally_id=new_id(), amount=1)


async def say(database: Database, *sayings: Saying) -> None:
    async with database.transaction() as session:
        await emit(session, *sayings)


async def waiting(database: Database) -> int:
    async with database.transaction() as session:
        statement = select(func.count()).where(outbox.c.published_at.is_(None))
        return int(await session.scalar(statement) or 0)


async def age_leases(database: Database) -> None:
    """Let the time of a lease pass."""
    async with database.transaction() as session:
        await session.execute(update(outbox).values(due_at=outbox.c.due_at - LEASE))


@asynccontextmanager
async def relaying(database: Database, bus: ShelfBus) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(run_relay(database, bus, service="sample"))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class CrashError(Exception):
    pass


async def test_what_is_rolled_back_is_never_said(database: Database, bus: ShelfBus) -> None:
    tally_id = new_id()
    with suppress(CrashError):
        async with database.transaction() as session:
            await session.execute(insert(tallies).values(id=tally_id, amount=1))
            await emit(session, saying(counted()))
            raise CrashError
    assert await relay_once(database, bus, service="sample") == 0
    assert bus.published == []
    assert not database.emitted.is_set()


async def test_a_row_is_not_relayed_before_its_transaction_commits(
    database: Database, bus: ShelfBus
) -> None:
    async with database.transaction() as session:
        await emit(session, saying(counted()))
        assert await relay_once(database, bus, service="sample") == 0
    assert await relay_once(database, bus, service="sample") == 1


async def test_an_event_travels_as_a_cloud_event_with_its_cause(
    database: Database, bus: ShelfBus
) -> None:
    data = Counted(tally_id=new_id(), amount=3)
    subject, causation = new_id(), new_id()
    cause = Cause("c0ffee", causation, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    await say(database, Saying(data, subject, 7, NOON, Origin.IMPORT, cause))
    assert await relay_once(database, bus, service="sample") == 1
    [message] = bus.published
    assert (message.exchange, message.key) == (Exchange.EVENTS, "sample.counted.v1")
    assert (message.type, message.sender) == ("sample.counted.v1", "sample")
    written = json.loads(message.body)
    assert UUID(written.pop("id")) == message.id
    assert written == {
        "specversion": "1.0",
        "source": "careloop/sample",
        "type": "sample.counted",
        "subject": str(subject),
        "time": "2026-11-25T12:00:00+00:00",
        "datacontenttype": "application/json",
        "dataschema": "sample.counted.v1",
        "sequence": 7,
        "epoch": 1,
        "origin": "import",
        "correlationid": "c0ffee",
        "causationid": str(causation),
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "data": {"tally_id": str(data.tally_id), "amount": 3, "mood": "calm"},
    }
    assert Envelope.model_validate_json(message.body).id == message.id


async def test_what_was_said_is_not_said_again(database: Database, bus: ShelfBus) -> None:
    await say(database, *(saying(counted()) for _ in range(3)))
    assert await relay_once(database, bus, service="sample") == 3
    await age_leases(database)
    assert await relay_once(database, bus, service="sample") == 0
    assert len(bus.published) == 3


async def test_a_letter_is_sealed_on_its_way_and_blank_once_it_is_delivered(
    database: Database, bus: ShelfBus
) -> None:
    words = "My number is 13800138000"
    async with database.transaction() as session:
        letter = Whispered(tally_id=new_id(), words=words)
        await send(session, sample_vault(), saying(letter))
        await emit(session, saying(counted()))
        kept = (await session.execute(select(outbox.c.data))).scalars().all()
    assert words not in str(kept)
    assert await relay_once(database, bus, service="sample") == 2
    sent = {message.exchange: message for message in bus.published}
    message = sent[Exchange.LETTERS]
    assert message.key == "sample"
    assert words.encode() not in message.body
    sealed = json.loads(message.body)["data"]
    assert json.loads(sample_vault().open_letter("sample", sealed))["words"] == words
    with pytest.raises(UnreadableError):
        sample_vault("other").open_letter("other", sealed)
    async with database.transaction() as session:
        rows = await session.execute(select(outbox.c.recipient, outbox.c.data.is_(None)))
        assert sorted(map(tuple, rows), key=str) == [("sample", True), (None, False)]


async def test_a_letter_that_was_not_delivered_keeps_its_body(
    database: Database, bus: ShelfBus
) -> None:
    async with database.transaction() as session:
        letter = WhisperedElsewhere(tally_id=new_id(), words="…")
        await send(session, sample_vault(), saying(letter))
    bus.away = True
    with pytest.raises(BusUnavailableError):
        await relay_once(database, bus, service="sample")
    bus.away = False
    assert await relay_once(database, bus, service="sample") == 1
    assert bus.published[0].key == "other"
    assert set(json.loads(bus.published[0].body)["data"]) == {"alg", "kid", "sealed"}


async def test_events_and_letters_cannot_be_mixed_up(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(TypeError, match="send it as a letter"):
            await emit(session, saying(Whispered(tally_id=new_id(), words="…")))
        with pytest.raises(TypeError, match="emit it as an event"):
            await send(session, sample_vault(), saying(counted()))
    assert await waiting(database) == 0


async def test_a_bus_that_is_away_loses_nothing_and_delays_nothing(
    database: Database, bus: ShelfBus
) -> None:
    await say(database, saying(counted()))
    bus.away = True
    with pytest.raises(BusUnavailableError):
        await relay_once(database, bus, service="sample")
    bus.away = False
    assert await relay_once(database, bus, service="sample") == 1


async def test_what_the_bus_did_not_take_comes_again_after_its_lease(
    database: Database, bus: ShelfBus
) -> None:
    await say(database, saying(counted()), saying(counted()))
    async with database.transaction() as session:
        refused = await session.scalar(select(outbox.c.id).limit(1))
    bus.refused = {refused} if refused else set()
    assert await relay_once(database, bus, service="sample") == 1
    bus.refused = set()
    assert await relay_once(database, bus, service="sample") == 0
    await age_leases(database)
    assert await relay_once(database, bus, service="sample") == 1
    assert {message.id for message in bus.published} >= {refused}
    assert len(bus.published) == 2


async def test_a_relay_that_dies_before_it_marks_says_it_twice_rather_than_never(
    database: Database, bus: ShelfBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(database, saying(counted()))

    async def die(*_arguments: object) -> None:
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr(relay, "_mark", die)
        with pytest.raises(CrashError):
            await relay_once(database, bus, service="sample")
    assert await relay_once(database, bus, service="sample") == 0
    await age_leases(database)
    assert await relay_once(database, bus, service="sample") == 1
    assert [message.id for message in bus.published] == [bus.published[0].id] * 2


async def test_two_relays_share_the_work_and_say_nothing_twice(database: Database) -> None:
    await say(database, *(saying(counted()) for _ in range(WINDOW + 100)))
    first, second, late = SlowBus(), SlowBus(), ShelfBus()
    running = [
        asyncio.create_task(relay_once(database, bus, service="sample")) for bus in (first, second)
    ]
    await until(lambda: first.calls + second.calls == 2)
    assert await relay_once(database, late, service="sample") == 0
    first.go.set()
    second.go.set()
    assert sorted(await asyncio.gather(*running)) == [100, WINDOW]
    said = [message.id for bus in (first, second) for message in bus.published]
    assert len(said) == len(set(said)) == WINDOW + 100
    assert await waiting(database) == 0


async def two_windows_under_way(database: Database, bus: SlowBus) -> "asyncio.Task[int]":
    """Relay an outbox until one window is said, and two are on their way."""
    relaying_all = asyncio.create_task(relay_due(database, bus, service="sample"))
    await until(lambda: bus.calls == 1)
    bus.go.set()
    bus.go.clear()
    await until(lambda: bus.calls == 3)
    return relaying_all


async def test_of_a_long_outbox_two_windows_are_on_their_way_at_once(database: Database) -> None:
    await say(database, *(saying(counted()) for _ in range(3 * WINDOW + 1)))
    bus = SlowBus()
    relaying_all = await two_windows_under_way(database, bus)
    bus.go.set()
    assert await relaying_all == 3 * WINDOW + 1
    assert len({message.id for message in bus.published}) == len(bus.published) == 3 * WINDOW + 1
    assert await waiting(database) == 0


async def test_of_two_windows_what_the_bus_did_not_get_is_due_at_once(database: Database) -> None:
    await say(database, *(saying(counted()) for _ in range(3 * WINDOW)))
    bus = SlowBus()
    relaying_all = await two_windows_under_way(database, bus)
    bus.away = True
    bus.go.set()
    with pytest.raises(BusUnavailableError):
        await relaying_all
    assert await waiting(database) == 2 * WINDOW
    assert await relay_due(database, ShelfBus(), service="sample") == 2 * WINDOW


async def test_a_relay_that_is_stopped_gives_back_what_it_had_taken(database: Database) -> None:
    await say(database, saying(counted()))
    stuck = SlowBus()
    async with relaying(database, stuck):
        await until(lambda: stuck.calls == 1)
    bus = ShelfBus()
    assert await relay_once(database, bus, service="sample") == 1


async def test_a_commit_wakes_the_relay_and_a_rollback_does_not(
    database: Database, bus: ShelfBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "POLL_SECONDS", 3600.0)
    async with relaying(database, bus):
        await until(lambda: database.emitted.is_set() is False)
        with suppress(CrashError):
            async with database.transaction() as session:
                await emit(session, saying(counted()))
                raise CrashError
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))
        assert not database.emitted.is_set()
        await say(database, saying(counted()))

        async def all_said() -> bool:
            return await waiting(database) == 0

        await until(all_said)
    assert len(bus.published) == 1


async def test_a_relay_drains_what_is_longer_than_one_window(
    database: Database, bus: ShelfBus
) -> None:
    await say(database, *(saying(counted()) for _ in range(2 * WINDOW + 1)))
    async with relaying(database, bus):
        await until(lambda: len(bus.published) == 2 * WINDOW + 1)


async def test_commits_do_not_hurry_a_relay_whose_bus_is_away(
    database: Database, bus: ShelfBus
) -> None:
    bus.away = True
    await say(database, saying(counted()))
    async with relaying(database, bus):
        await until(lambda: bus.calls == 1)
        for _ in range(20):
            await say(database, saying(counted()))
        assert bus.calls == 1
        bus.away = False
        await until(lambda: len(bus.published) == 21)


async def test_the_oldest_are_said_first(database: Database, bus: ShelfBus) -> None:
    for _ in range(3):
        await say(database, saying(counted()))
    async with database.transaction() as session:
        ids = (await session.execute(select(outbox.c.id).order_by(outbox.c.due_at))).scalars().all()
        await session.execute(
            update(outbox)
            .where(outbox.c.id == ids[-1])
            .values(due_at=func.now() - timedelta(hours=1))
        )
    claimed = await relay._claim(database)
    assert {row.id for row in claimed} == set(ids)
    assert all(row.attempts == 1 for row in claimed)
    assert await relay._claim(database) == []
