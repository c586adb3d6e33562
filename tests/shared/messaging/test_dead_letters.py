"""What could not be handled waits for a person, who replays or discards it for a reason."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from shared.bus.interface import LADDER, BusUnavailableError, Delivery, Exchange, Message
from shared.database import Database, Session
from shared.dead_letters.keep import (
    DETAIL_LENGTH,
    DeadLetterState,
    Failure,
    Reason,
    keep_dead_letters,
)
from shared.dead_letters.settle import (
    DeadLetter,
    ask_for_replay,
    dead_letter_page,
    discard,
    hand_over_replays,
)
from shared.dead_letters.tables import dead_letters
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.ids import new_id
from shared.inbox.handlers import Received, on
from shared.inbox.receive import receive_dead, receive_into
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.sample_service import (
    DEAD,
    EVENTS,
    NOON,
    Counted,
    ShelfBus,
    SlowBus,
    count,
    counted,
    deliver,
    message_of,
    sample_inbox,
    sample_service,
    tally,
)

OPERATOR = UUID("01989c3a-0000-7c41-9e50-5b1f0d6a0042")
TOP = len(LADDER)


@pytest.fixture
async def database(databases: Databases) -> Database:
    return await databases.open(sample_service())


@pytest.fixture
def bus() -> ShelfBus:
    return ShelfBus()


async def page(database: Database, state: DeadLetterState | None = None) -> list[DeadLetter]:
    async with database.transaction() as session:
        return await dead_letter_page(session, state=state, before=None, limit=50)


async def replay(database: Database, dead_letter_id: UUID, reason: str = "mended") -> DeadLetter:
    async with database.transaction() as session:
        return await ask_for_replay(session, dead_letter_id, by=OPERATOR, reason=reason, now=NOON)


async def give_up(database: Database, dead_letter_id: UUID, reason: str) -> DeadLetter:
    async with database.transaction() as session:
        return await discard(session, dead_letter_id, by=OPERATOR, reason=reason, now=NOON)


async def dead(database: Database, message: Message) -> DeadLetter:
    """Let a message fail to the end and return what then waits."""
    inbox = sample_inbox(database)
    assert await receive_into(inbox, EVENTS)(deliver(message, attempt=TOP)) == {}
    return next(one for one in await page(database) if one.message_id == message.id)


async def test_the_list_shows_the_envelope_and_never_the_body(database: Database) -> None:
    tally_id = new_id()
    message = counted(tally_id, mood="angry")
    one = await dead(database, message)
    assert (one.message_id, one.type, one.sender) == (message.id, "sample.counted.v1", "sample")
    assert (one.queue, one.state, one.reason) == ("sample.events", "waiting", "failed")
    assert one.failures == 1
    assert str(tally_id) not in repr(one)
    assert not hasattr(one, "body")


async def test_what_is_replayed_once_has_its_effect_once(database: Database, bus: ShelfBus) -> None:
    healthy = False

    async def recover(session: Session, received: Sequence[Received[Counted]]) -> None:
        if not healthy:
            raise RuntimeError("not yet")
        await count(session, received)

    inbox = sample_inbox(database, on(Counted, recover))
    tally_id = new_id()
    message = counted(tally_id)
    await receive_into(inbox, EVENTS)(deliver(message, attempt=TOP))
    [waiting] = await page(database)
    asked = await replay(database, waiting.id)
    assert (asked.state, asked.settled_because) == (DeadLetterState.REPLAYING, "mended")
    healthy = True
    assert await hand_over_replays(database, bus) == 1
    assert await hand_over_replays(database, bus) == 0
    [again] = bus.published
    assert (again.exchange, again.key) == (Exchange.REQUEUE, "sample.events")
    assert (again.id, again.type, again.sender) == (message.id, message.type, message.sender)
    assert again.body == message.body
    receive = receive_into(inbox, EVENTS)
    assert await receive(deliver(again)) == {}
    assert await receive(deliver(again)) == {}
    assert await tally(database, tally_id) == 1
    assert [one.state for one in await page(database)] == [DeadLetterState.REPLAYED]
    with pytest.raises(ConflictError):
        await replay(database, waiting.id)


async def test_a_replay_while_the_bus_is_away_is_handed_over_later(
    database: Database, bus: ShelfBus
) -> None:
    one = await dead(database, counted(new_id(), mood="angry"))
    await replay(database, one.id)
    bus.away = True
    with pytest.raises(BusUnavailableError):
        await hand_over_replays(database, bus)
    bus.away = False
    bus.refused = {one.message_id}
    assert await hand_over_replays(database, bus) == 0
    bus.refused = set()
    assert await hand_over_replays(database, bus) == 1


async def test_what_fails_again_after_its_replay_waits_again(
    database: Database, bus: ShelfBus
) -> None:
    message = counted(new_id(), mood="angry")
    one = await dead(database, message)
    await replay(database, one.id)
    await hand_over_replays(database, bus)
    again = await dead(database, bus.published[0])
    assert (again.id, again.state, again.failures) == (one.id, DeadLetterState.WAITING, 2)
    assert (again.settled_at, again.settled_because) == (None, None)
    assert (await replay(database, one.id)).state is DeadLetterState.REPLAYING


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
async def test_nothing_is_settled_without_a_reason(database: Database, reason: str) -> None:
    one = await dead(database, counted(new_id(), mood="angry"))
    for settle in (replay, give_up):
        with pytest.raises(InvalidError) as refused:
            await settle(database, one.id, reason)
        assert refused.value.code == "reason_missing"
    assert [row.state for row in await page(database)] == [DeadLetterState.WAITING]


async def test_what_is_discarded_stays_discarded_and_says_why(
    database: Database, bus: ShelfBus
) -> None:
    one = await dead(database, counted(new_id(), mood="angry"))
    given_up = await give_up(database, one.id, "a test order")
    assert (given_up.state, given_up.settled_because) == ("discarded", "a test order")
    with pytest.raises(ConflictError):
        await replay(database, one.id)
    with pytest.raises(ConflictError):
        await give_up(database, one.id, "again")
    assert await hand_over_replays(database, bus) == 0
    with pytest.raises(NotFoundError):
        await give_up(database, new_id(), "a guess")


async def test_a_parked_message_can_be_replayed_by_newer_code(
    database: Database, bus: ShelfBus
) -> None:
    message = message_of({"anything": "else"}, key="sample.counted.v2")
    await receive_into(sample_inbox(database), EVENTS)(deliver(message))
    [parked] = await page(database, DeadLetterState.PARKED)
    await replay(database, parked.id)
    assert await hand_over_replays(database, bus) == 1


async def test_of_two_people_one_decides(database: Database) -> None:
    one = await dead(database, counted(new_id(), mood="angry"))
    decided = await asyncio.gather(
        replay(database, one.id),
        give_up(database, one.id, "a test order"),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, ConflictError) for outcome in decided) == 1
    assert sum(isinstance(outcome, DeadLetter) for outcome in decided) == 1


async def test_two_workers_hand_a_replay_over_once(database: Database) -> None:
    one = await dead(database, counted(new_id(), mood="angry"))
    await replay(database, one.id)
    slow, quick = SlowBus(), ShelfBus()
    first = asyncio.create_task(hand_over_replays(database, slow))
    await until(lambda: slow.calls == 1)
    assert await hand_over_replays(database, quick) == 0
    slow.go.set()
    assert await first == 1
    assert await hand_over_replays(database, quick) == 0


async def test_what_died_on_its_way_is_kept_under_the_queue_where_it_died(
    database: Database,
) -> None:
    crashed, foreign = counted(new_id()), counted(new_id())
    deliveries = [
        Delivery(died_in(crashed, "sample.events"), 0, redelivered=False),
        Delivery(died_in(foreign, "sample.letters"), 0, redelivered=False, foreign=True),
    ]
    assert await receive_dead(sample_inbox(database), DEAD)([*deliveries, deliveries[0]]) == {}
    kept = {one.message_id: (one.queue, one.reason) for one in await page(database)}
    assert kept == {
        crashed.id: ("sample.events", "crashed"),
        foreign.id: ("sample.letters", "foreign"),
    }


def died_in(message: Message, queue: str) -> Message:
    return Message(message.id, message.type, message.sender, Exchange.REQUEUE, queue, message.body)


async def test_a_strangers_nonsense_can_be_written_down(database: Database) -> None:
    nonsense = Message(new_id(), "ty\x00pe" * 300, "\x00", Exchange.EVENTS, "", b"\x00\xff")
    async with database.transaction() as session:
        failure = Failure(nonsense, "sample.events", Reason.POISON, "\x00" + "x" * 2000)
        await keep_dead_letters(session, [failure], now=NOON)
    [one] = await page(database)
    assert (one.type[:4], one.sender, len(one.detail)) == ("type", "", DETAIL_LENGTH)
    async with database.transaction() as session:
        assert await session.scalar(select(dead_letters.c.body)) == b"\x00\xff"


async def test_pages_follow_each_other_without_gap_or_double(database: Database) -> None:
    async with database.transaction() as session:
        for minute in (0, 1, 1, 1, 2):
            failure = Failure(counted(new_id()), "sample.events", Reason.FAILED, "…")
            await keep_dead_letters(session, [failure], now=NOON + timedelta(minutes=minute))
    seen: list[DeadLetter] = []
    before: tuple[datetime, UUID] | None = None
    while True:
        async with database.transaction() as session:
            rows = await dead_letter_page(session, state=None, before=before, limit=2)
        if not rows:
            break
        seen += rows
        before = (rows[-1].last_failed_at, rows[-1].id)
    assert len(seen) == len({one.id for one in seen}) == 5
    assert [one.last_failed_at.minute for one in seen] == [2, 1, 1, 1, 0]
