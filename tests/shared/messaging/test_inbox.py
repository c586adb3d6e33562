"""Every message has its effect once, and one that fails holds up nobody else."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update

from shared.bus.interface import LADDER, ConsumerPausedError, Delivery, Message
from shared.database import Database, Session
from shared.dead_letters.tables import dead_letters
from shared.ids import new_id
from shared.inbox.handlers import Anything, Handler, Received, on
from shared.inbox.receive import AT_ONCE, receive_into
from shared.inbox.tables import inbox
from shared.outbox.emit import emit
from shared.outbox.tables import outbox
from tests.support.databases import Databases
from tests.support.sample_service import (
    EVENTS,
    LETTERS,
    Counted,
    count,
    counted,
    deliver,
    message_of,
    sample_inbox,
    sample_service,
    sample_vault,
    saying,
    tallies,
    tally,
)


@pytest.fixture
async def database(databases: Databases) -> Database:
    return await databases.open(sample_service())


async def put_aside(database: Database) -> list[tuple[UUID, str, str]]:
    """Return what waits for a person: message, state, reason."""
    async with database.transaction() as session:
        rows = await session.execute(
            select(dead_letters.c.message_id, dead_letters.c.state, dead_letters.c.reason)
        )
        return [(row.message_id, row.state, row.reason) for row in rows]


async def handled(database: Database) -> int:
    async with database.transaction() as session:
        return int(await session.scalar(select(func.count()).select_from(inbox)) or 0)


async def test_a_message_twice_in_one_batch_has_one_effect(database: Database) -> None:
    tally_id = new_id()
    message = counted(tally_id)
    receive = receive_into(sample_inbox(database), EVENTS)
    assert await receive(deliver(message, counted(tally_id), message)) == {}
    assert await tally(database, tally_id) == 2


async def test_a_message_in_two_batches_has_one_effect(database: Database) -> None:
    tally_id = new_id()
    first, second, third = (counted(tally_id) for _ in range(3))
    receive = receive_into(sample_inbox(database), EVENTS)
    await receive(deliver(first, second))
    await receive(deliver(second, third, first))
    assert await tally(database, tally_id) == 3


async def test_two_consumers_with_the_same_messages_have_one_effect(
    databases: Databases,
) -> None:
    url = await databases.url(sample_service())
    first, second = databases.connect(url), databases.connect(url)
    tally_id = new_id()
    messages = [counted(tally_id) for _ in range(50)]
    both = [
        receive_into(sample_inbox(first), EVENTS)(deliver(*messages)),
        receive_into(sample_inbox(second), EVENTS)(deliver(*reversed(messages))),
    ]
    assert await asyncio.gather(*both) == [{}, {}]
    assert await tally(first, tally_id) == 50


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(st.lists(st.integers(0, 7), max_size=8), max_size=6))
async def test_the_end_does_not_depend_on_order_repetition_or_batches(
    database: Database, batches: list[list[int]]
) -> None:
    tally_id = new_id()
    messages = [counted(tally_id, amount=10**number) for number in range(8)]
    receive = receive_into(sample_inbox(database), EVENTS)
    for batch in batches:
        assert await receive(deliver(*(messages[number] for number in batch))) == {}
    once = {number for batch in batches for number in batch}
    expected = int("".join("1" if number in once else "0" for number in reversed(range(8))))
    assert await tally(database, tally_id) == (expected or None)


async def test_one_that_fails_is_found_by_halving_and_climbs_alone(database: Database) -> None:
    good, bad = new_id(), new_id()
    messages = [counted(good) for _ in range(20)]
    angry = counted(bad, mood="angry")
    receive = receive_into(sample_inbox(database), EVENTS)
    assert await receive(deliver(*messages[:11], angry, *messages[11:])) == {angry.id: 10}
    assert await tally(database, good) == 20
    assert await tally(database, bad) is None
    assert await handled(database) == 20


async def test_a_message_climbs_the_whole_ladder_before_it_waits_for_a_person(
    database: Database,
) -> None:
    angry = counted(new_id(), mood="angry")
    receive = receive_into(sample_inbox(database), EVENTS)
    climbed = [await receive(deliver(angry, attempt=attempt)) for attempt in range(len(LADDER) + 1)]
    assert climbed == [{angry.id: 10}, {angry.id: 60}, {angry.id: 600}, {angry.id: 3600}, {}]
    assert await put_aside(database) == [(angry.id, "waiting", "failed")]
    async with database.transaction() as session:
        detail = str(await session.scalar(select(dead_letters.c.detail)))
    assert detail.startswith("RuntimeError in count, sample_service.py:")
    assert "secret" not in detail


@pytest.mark.timeout(30)
async def test_a_handler_that_hangs_leaves_nothing_and_holds_up_nobody_else(
    database: Database,
) -> None:
    good, bad = new_id(), new_id()
    messages = [counted(good) for _ in range(5)]
    stuck = counted(bad)

    async def waits_for_ever(session: Session, received: Sequence[Received[Counted]]) -> None:
        await count(session, received)
        if any(item.envelope.id == stuck.id for item in received):
            await asyncio.Event().wait()

    box = replace(sample_inbox(database, on(Counted, waits_for_ever)), deadline_seconds=0.2)
    receive = receive_into(box, EVENTS)
    assert await receive(deliver(*messages, stuck)) == {stuck.id: LADDER[0]}
    assert (await tally(database, good), await tally(database, bad)) == (5, None)
    assert await receive(deliver(stuck, attempt=len(LADDER))) == {}
    assert await put_aside(database) == [(stuck.id, "waiting", "failed")]
    async with database.transaction() as session:
        detail = str(await session.scalar(select(dead_letters.c.detail)))
    assert detail.startswith("HandlerHangsError in waits_for_ever, test_inbox.py:")


async def test_what_a_failed_handler_wrote_or_said_is_undone(database: Database) -> None:
    async def talk(session: Session, received: Sequence[Received[Counted]]) -> None:
        await emit(session, saying(received[0].data))
        await count(session, received)

    receive = receive_into(sample_inbox(database, on(Counted, talk)), EVENTS)
    calm, angry = counted(new_id()), counted(new_id(), mood="angry")
    await receive(deliver(calm, angry))
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(outbox)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"not json at all",
        b"\xff\xfe",
        b"{}",
        b'{"specversion":"9.9"}',
        b'{"specversion":"1.0","id":"\\ud800"}',
        b"[" * 100_000,
    ],
    ids=["no json", "no utf-8", "empty", "other version", "surrogate", "deep"],
)
async def test_what_cannot_be_read_is_put_aside_at_once_and_the_rest_goes_on(
    database: Database, body: bytes
) -> None:
    tally_id = new_id()
    readable = counted(tally_id)
    broken = Message(
        new_id(), readable.type, readable.sender, readable.exchange, readable.key, body
    )
    receive = receive_into(sample_inbox(database), EVENTS)
    assert await receive(deliver(broken, readable)) == {}
    assert await tally(database, tally_id) == 1
    assert await put_aside(database) == [(broken.id, "waiting", "poison")]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"tally_id": "x", "amount": 1},
        {"tally_id": str(UUID(int=1)), "amount": "many"},
        {"tally_id": str(UUID(int=1)), "amount": float("nan")},
        {"tally_id": str(UUID(int=1)), "amount": 1, "mood": "Not A Code"},
    ],
)
async def test_data_that_its_contract_does_not_know_are_put_aside_at_once(
    database: Database, data: dict[str, object]
) -> None:
    message = message_of(data)
    assert await receive_into(sample_inbox(database), EVENTS)(deliver(message)) == {}
    assert await put_aside(database) == [(message.id, "waiting", "poison")]


@pytest.mark.parametrize(
    "envelope",
    [
        {"id": str(UUID(int=7))},
        {"dataschema": "sample.whispered.v1", "type": "sample.whispered"},
        {"type": "sample.whispered"},
        {"source": "careloop/tickets"},
    ],
)
async def test_a_body_that_says_otherwise_than_its_transport_is_put_aside(
    database: Database, envelope: dict[str, str]
) -> None:
    message = message_of({"tally_id": str(new_id()), "amount": 1}, envelope=envelope)
    await receive_into(sample_inbox(database), EVENTS)(deliver(message))
    assert await put_aside(database) == [(message.id, "waiting", "poison")]
    assert await handled(database) == 0


@pytest.mark.parametrize(
    ("key", "state", "reason"),
    [
        ("sample.counted.v2", "parked", "unknown_version"),
        ("sample.counted.v12", "parked", "unknown_version"),
        ("sample.counted.v0", "waiting", "poison"),
        ("sample.counted.vx", "waiting", "poison"),
        ("sample.invented.v1", "waiting", "poison"),
    ],
)
async def test_a_newer_version_waits_for_newer_code_and_a_stranger_for_a_person(
    database: Database, key: str, state: str, reason: str
) -> None:
    message = message_of({"anything": "else"}, key=key)
    assert await receive_into(sample_inbox(database), EVENTS)(deliver(message)) == {}
    assert await put_aside(database) == [(message.id, state, reason)]


def whispered(sealed_for: str, words: str) -> Message:
    content = json.dumps({"tally_id": str(new_id()), "words": words}).encode()
    sealed = sample_vault().seal_letter(sealed_for, content)
    return message_of(sealed, key="sample.whispered.v1")


async def test_a_letter_is_opened_by_whom_it_is_for(database: Database) -> None:
    receive = receive_into(sample_inbox(database), LETTERS)
    assert await receive(deliver(whispered("sample", "four"))) == {}
    async with database.transaction() as session:
        assert await session.scalar(select(tallies.c.amount)) == 4


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"sealed": "%%%"},
        {"sealed": ""},
        {"kid": "another"},
        {"alg": "none"},
        {"sealed": None},
    ],
)
async def test_a_letter_that_cannot_be_opened_tells_nobody_anything(
    database: Database, broken: dict[str, str]
) -> None:
    foreign = whispered("other", "call 13800138000")
    data = json.loads(foreign.body)["data"] | broken
    message = message_of(data, key="sample.whispered.v1")
    assert await receive_into(sample_inbox(database), LETTERS)(deliver(message)) == {}
    assert await put_aside(database) == [(message.id, "waiting", "unreadable_letter")]
    async with database.transaction() as session:
        everything = str((await session.execute(select(dead_letters))).all())
    assert "13800138000" not in everything


async def test_what_is_wrong_in_a_letter_is_told_without_its_words(database: Database) -> None:
    content = json.dumps({"tally_id": "13800138000", "words": 13800138000}).encode()
    message = message_of(sample_vault().seal_letter("sample", content), key="sample.whispered.v1")
    await receive_into(sample_inbox(database), LETTERS)(deliver(message))
    async with database.transaction() as session:
        detail = await session.scalar(select(dead_letters.c.detail))
    assert detail == "tally_id: uuid_parsing; words: string_type"


async def test_a_database_that_is_away_pauses_the_consumer(databases: Databases) -> None:
    url = await databases.empty()
    nowhere = databases.connect(url.replace("careloop-", "nowhere-"))
    missing = databases.connect(url.replace("/empty_", "/gone_"))
    for database in (nowhere, missing):
        receive = receive_into(sample_inbox(database), EVENTS)
        for messages in ([counted(new_id())], [message_of({})]):
            with pytest.raises(ConsumerPausedError, match="database of sample"):
                await receive(deliver(*messages))


@pytest.mark.parametrize(
    "trouble",
    [
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "SET LOCAL transaction_read_only = on",
        "SET LOCAL statement_timeout = 1",
        "DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$",
    ],
    ids=["restart", "fail-over", "too slow", "disk full"],
)
async def test_trouble_of_the_database_is_not_counted_against_the_message(
    database: Database, trouble: str
) -> None:
    troubled = True

    async def unlucky(session: Session, received: Sequence[Received[Counted]]) -> None:
        if troubled:
            await session.execute(text(trouble))
            await session.execute(text("SELECT pg_sleep(0.05)"))
        await count(session, received)

    receive = receive_into(sample_inbox(database, on(Counted, unlucky)), EVENTS)
    tally_id = new_id()
    deliveries = deliver(counted(tally_id), counted(tally_id))
    with pytest.raises(ConsumerPausedError):
        await receive(deliveries)
    troubled = False
    assert await receive(deliveries) == {}
    assert await tally(database, tally_id) == 2
    assert await put_aside(database) == []


async def test_a_number_that_fits_no_column_climbs_and_pauses_nobody(database: Database) -> None:
    tally_id = new_id()
    huge, small = counted(new_id(), amount=2**40), counted(tally_id)
    receive = receive_into(sample_inbox(database), EVENTS)
    assert await receive(deliver(huge, small)) == {huge.id: LADDER[0]}
    assert await tally(database, tally_id) == 1


async def test_batches_that_lock_each_other_out_both_pass(databases: Databases) -> None:
    url = await databases.url(sample_service())
    replicas = [databases.connect(url) for _ in range(2)]
    rows = [new_id(), new_id()]
    await receive_into(sample_inbox(replicas[0]), EVENTS)(deliver(*(counted(row) for row in rows)))
    both_hold_one = asyncio.Barrier(2)
    runs = 0

    async def cross(session: Session, received: Sequence[Received[Counted]]) -> None:
        nonlocal runs
        runs += 1
        first_time = runs <= 2
        order = rows if received[0].data.tally_id == rows[0] else rows[::-1]
        for row in order:
            grown = update(tallies).where(tallies.c.id == row).values(amount=tallies.c.amount + 1)
            await session.execute(grown)
            if first_time and row == order[0]:
                await both_hold_one.wait()

    box = [sample_inbox(replica, on(Counted, cross)) for replica in replicas]
    answers = await asyncio.gather(
        *(receive_into(box[n], EVENTS)(deliver(counted(rows[n]))) for n in range(2))
    )
    assert answers == [{}, {}]
    assert runs == 3
    assert [await tally(replicas[0], row) for row in rows] == [3, 3]


async def test_a_conflict_without_end_is_the_ladders(database: Database) -> None:
    tried = 0

    async def lose(session: Session, _received: Sequence[Received[Counted]]) -> None:
        nonlocal tried
        tried += 1
        await session.execute(
            text("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$")
        )

    message = counted(new_id())
    receive = receive_into(sample_inbox(database, on(Counted, lose)), EVENTS)
    assert await receive(deliver(message)) == {message.id: LADDER[0]}
    assert tried == AT_ONCE + 1


async def test_an_effect_and_its_claim_are_one_transaction(database: Database) -> None:
    """Whoever dies between the two must leave neither."""
    tally_id = new_id()
    message = counted(tally_id)

    async def look(session: Session, received: Sequence[Received[Counted]]) -> None:
        await count(session, received)
        assert await handled(database) == 0
        assert await tally(database, tally_id) is None

    assert (
        await receive_into(sample_inbox(database, on(Counted, look)), EVENTS)(deliver(message))
        == {}
    )
    assert (await handled(database), await tally(database, tally_id)) == (1, 1)


async def test_a_handler_gets_its_whole_share_and_knows_the_cause(database: Database) -> None:
    shares: list[list[Received[Counted]]] = []

    async def keep(_session: Session, received: Sequence[Received[Counted]]) -> None:
        shares.append(list(received))

    messages = [counted(new_id()) for _ in range(5)]
    await receive_into(sample_inbox(database, on(Counted, keep)), EVENTS)(deliver(*messages))
    [share] = shares
    assert {item.envelope.id for item in share} == {message.id for message in messages}
    assert {item.cause.causation_id for item in share} == {message.id for message in messages}
    assert {item.cause.correlation_id for item in share} == {"c0ffee"}


async def test_types_that_one_function_handles_come_together(database: Database) -> None:
    shares: list[list[UUID]] = []

    async def keep(_session: Session, received: Sequence[Received[Any]]) -> None:
        shares.append([item.envelope.id for item in received])

    box = sample_inbox(database, on(Counted, keep), Handler(Anything, keep, keeps_ids=True))
    messages = [counted(new_id()), message_of({}, key="sample.invented.v1"), counted(new_id())]
    assert await receive_into(box, EVENTS)(deliver(*messages)) == {}
    [share] = shares
    assert sorted(share) == sorted(message.id for message in messages)


async def test_each_function_that_handles_a_type_gets_it(database: Database) -> None:
    shares: dict[str, int] = {}

    async def first(_session: Session, received: Sequence[Received[Any]]) -> None:
        shares["first"] = len(received)

    async def second(_session: Session, received: Sequence[Received[Any]]) -> None:
        shares["second"] = len(received)

    box = sample_inbox(database, on(Counted, first), on(Counted, second))
    assert await receive_into(box, EVENTS)(deliver(counted(new_id()), counted(new_id()))) == {}
    assert shares == {"first": 2, "second": 2}


async def test_an_empty_batch_is_nothing(database: Database) -> None:
    nothing: list[Delivery] = []
    assert await receive_into(sample_inbox(database), EVENTS)(nothing) == {}


async def test_who_hears_everything_hears_what_nobody_knows_and_remembers_himself(
    database: Database,
) -> None:
    heard: list[Received[Anything]] = []

    async def keep(_session: Session, received: Sequence[Received[Anything]]) -> None:
        heard.extend(received)

    box = sample_inbox(database, Handler(Anything, keep, keeps_ids=True))
    known, newer = counted(new_id()), message_of({"any": "thing"}, key="sample.counted.v7")
    stranger = message_of({}, key="sample.invented.v1")
    receive = receive_into(box, EVENTS)
    assert await receive(deliver(known, newer, stranger)) == {}
    assert await receive(deliver(known)) == {}
    ids = [item.envelope.id for item in heard]
    assert sorted(ids) == sorted([known.id, known.id, newer.id, stranger.id])
    assert (await handled(database), await put_aside(database)) == (0, [])
    assert {"any": "thing"} in [item.envelope.data for item in heard]
