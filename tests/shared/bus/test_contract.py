"""What both buses promise, in the same words."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from shared.bus import batches
from shared.bus.interface import (
    Bus,
    BusUnavailableError,
    ConsumerPausedError,
    Delivery,
    Exchange,
    Message,
)
from tests.shared.bus.conftest import MakeWorld
from tests.shared.bus.probe import Ear, event, letter, until
from tests.shared.bus.worlds import (
    CLOSED,
    DEAD,
    EVENTS,
    LADDER,
    LETTERS,
    NOBODY_HEARS,
    REOPENED,
    World,
    all_connected,
)


async def _ready(world: World, *services: str) -> None:
    await until(all_connected(world, services))


async def test_an_event_reaches_every_service_that_names_it_and_no_other(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    surveys, reporting = Ear(), Ear()
    await world.listen("surveys", surveys)
    await world.listen("reporting", reporting)
    await _ready(world, "surveys", "reporting")
    closed, reopened = event(CLOSED), event(REOPENED)

    assert await world.bus("tickets").publish([closed, reopened]) == {closed.id, reopened.id}

    await until(lambda: len(reporting.heard) == 2 and len(surveys.heard) == 1)
    assert surveys.heard == [Delivery(closed, attempt=0, redelivered=False)]
    assert {delivery.message for delivery in reporting.heard} == {closed, reopened}


async def test_a_stopped_service_misses_nothing(make_world: MakeWorld) -> None:
    world = await make_world()
    for kind in (EVENTS, LETTERS):
        subscription = await world.listen("surveys", Ear(), kind)
        await _ready(world, "surveys")
        await subscription.stop()
    closed, for_surveys = event(), letter("surveys")
    await world.bus("tickets").publish([closed, for_surveys])

    world.forget()
    events, letters = Ear(), Ear()
    await world.listen("surveys", events)
    await world.listen("surveys", letters, LETTERS)

    await until(lambda: bool(events.heard and letters.heard))
    assert events.heard == [Delivery(closed, 0, redelivered=False)]
    assert letters.heard == [Delivery(for_surveys, 0, redelivered=False)]


async def test_a_letter_reaches_its_recipient_only(make_world: MakeWorld) -> None:
    world = await make_world()
    ears = {name: Ear() for name in ("surveys", "reporting", "integrations")}
    for name, ear in ears.items():
        await world.listen(name, ear, LETTERS)
    await _ready(world, *ears)
    to_integrations, to_surveys = letter("integrations"), letter("surveys")

    await world.bus("tickets").publish([to_integrations, to_surveys])

    await until(lambda: bool(ears["integrations"].heard and ears["surveys"].heard))
    assert ears["integrations"].heard == [Delivery(to_integrations, 0, redelivered=False)]
    assert ears["surveys"].ids == [to_surveys.id]
    assert ears["reporting"].heard == []


async def test_what_nobody_has_bound_is_accepted_and_kept(make_world: MakeWorld) -> None:
    world = await make_world()
    await world.listen("surveys", Ear())
    await _ready(world, "surveys")
    bus = world.bus("tickets")
    lost = [event(NOBODY_HEARS), letter("nobody")]

    assert await bus.publish(lost) == {message.id for message in lost}

    async with asyncio.timeout(10):
        while await bus.unrouted() != len(lost):
            await asyncio.sleep(0.05)


async def test_a_message_published_twice_at_once_is_handed_over_and_done(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    ear = Ear()
    subscription = await world.listen("surveys", ear)
    await _ready(world, "surveys")
    twice, once = event(), event()

    await world.bus("tickets").publish([twice, twice, once])

    await until(lambda: {twice.id, once.id} <= set(ear.ids))
    await subscription.stop()
    assert ear.ids.count(once.id) == 1
    assert await _left_over(world) == []


async def test_a_retried_duplicate_does_not_multiply(make_world: MakeWorld) -> None:
    world = await make_world()
    twice = event()

    def once_more(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        return {d.message.id: LADDER[0] for d in deliveries if d.attempt == 0}

    ear = Ear(once_more)
    subscription = await world.listen("surveys", ear)
    await _ready(world, "surveys")
    await world.bus("tickets").publish([twice, twice])

    await until(lambda: any(delivery.attempt == 1 for delivery in ear.heard))
    await subscription.stop()
    first = [batch for batch in ear.batches if batch[0].attempt == 0]
    again = [delivery for delivery in ear.heard if delivery.attempt == 1]
    assert len(again) <= len(first)


async def test_a_failing_message_climbs_the_ladder_alone(make_world: MakeWorld) -> None:
    world = await make_world()
    bad, good = event(), event()
    heard_at: list[float] = []

    def fails_twice(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        mine = [delivery for delivery in deliveries if delivery.message.id == bad.id]
        heard_at.extend(asyncio.get_running_loop().time() for _ in mine)
        return {d.message.id: LADDER[d.attempt] for d in mine if d.attempt < len(LADDER)}

    ear, other = Ear(fails_twice), Ear()
    await world.listen("surveys", ear)
    await world.listen("reporting", other)
    await _ready(world, "surveys", "reporting")

    await world.bus("tickets").publish([bad, good])

    await until(lambda: len(heard_at) == 3)
    attempts = [delivery for delivery in ear.heard if delivery.message.id == bad.id]
    assert attempts == [Delivery(bad, attempt, redelivered=False) for attempt in (0, 1, 2)]
    assert heard_at[1] - heard_at[0] >= LADDER[0]
    assert heard_at[2] - heard_at[1] >= LADDER[1]
    assert ear.ids.count(good.id) == 1
    assert sorted(other.ids) == sorted([bad.id, good.id])


async def test_a_message_that_crashes_its_consumer_dies_after_the_limit_and_alone(
    make_world: MakeWorld,
) -> None:
    world = await make_world(delivery_limit=3)
    poison, innocent = event(), [event() for _ in range(5)]
    crashes = 0

    def crash(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        nonlocal crashes
        if any(delivery.message.id == poison.id for delivery in deliveries):
            crashes += 1
            raise RuntimeError("this one again")
        return {}

    ear, dead = Ear(crash), Ear()
    await world.listen("surveys", ear)
    await world.listen("surveys", dead, DEAD)
    await _ready(world, "surveys")

    await world.bus("tickets").publish([innocent[0], poison, *innocent[1:]])

    await until(lambda: bool(dead.heard))
    assert crashes == 3
    died = Message(poison.id, CLOSED, "tickets", Exchange.REQUEUE, "surveys.events", poison.body)
    assert dead.heard == [Delivery(died, 0, redelivered=False)]
    handled = [b for b in ear.batches if all(d.message.id != poison.id for d in b)]
    assert {d.message.id for batch in handled for d in batch} == {m.id for m in innocent}


async def test_a_dead_message_published_as_it_is_comes_to_its_queue_again(
    make_world: MakeWorld,
) -> None:
    world = await make_world(delivery_limit=1)
    broken = True

    def crash(_: Sequence[Delivery]) -> Mapping[UUID, float]:
        if broken:
            raise RuntimeError("not yet repaired")
        return {}

    ear, dead, other = Ear(crash), Ear(), Ear()
    await world.listen("surveys", ear)
    await world.listen("surveys", dead, DEAD)
    await world.listen("reporting", other)
    await _ready(world, "surveys", "reporting")
    message = event()
    await world.bus("tickets").publish([message])
    await until(lambda: bool(dead.heard and other.heard))

    broken = False
    ear.batches.clear()
    await world.bus("surveys").publish([dead.heard[0].message])

    await until(lambda: bool(ear.heard))
    again = dead.heard[0].message
    assert ear.heard == [Delivery(again, 0, redelivered=False)]
    marker = event(REOPENED)
    await world.bus("tickets").publish([marker])
    await until(lambda: marker.id in other.ids)
    assert other.ids == [message.id, marker.id]


async def test_one_failing_consumer_delays_no_other(make_world: MakeWorld) -> None:
    world = await make_world()

    def paused(_: Sequence[Delivery]) -> Mapping[UUID, float]:
        raise ConsumerPausedError("no database")

    other = Ear()
    await world.listen("surveys", Ear(paused))
    await world.listen("reporting", other)
    await _ready(world, "surveys", "reporting")
    messages = [event() for _ in range(300)]

    assert len(await world.bus("tickets").publish(messages)) == len(messages)

    await until(lambda: len(other.ids) == len(messages))
    assert set(other.ids) == {message.id for message in messages}


async def test_a_pause_counts_neither_as_attempt_nor_as_delivery(make_world: MakeWorld) -> None:
    world = await make_world(delivery_limit=1)
    pauses = 0

    def pause_twice(_: Sequence[Delivery]) -> Mapping[UUID, float]:
        nonlocal pauses
        pauses += 1
        if pauses < 3:
            raise ConsumerPausedError("no database")
        return {}

    ear, dead = Ear(pause_twice), Ear()
    subscription = await world.listen("surveys", ear)
    await world.listen("surveys", dead, DEAD)
    await _ready(world, "surveys")
    message = event()

    await world.bus("tickets").publish([message])

    await until(lambda: len(ear.batches) == 3)
    assert ear.batches == [[Delivery(message, 0, redelivered=False)]] * 3
    await subscription.stop()
    assert dead.heard == []
    assert await _left_over(world) == []


async def test_stopping_lets_the_running_batch_end_and_gives_back_the_rest(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    at_work, go_on = asyncio.Event(), asyncio.Event()
    done: list[UUID] = []

    async def slow(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        at_work.set()
        await go_on.wait()
        done.extend(delivery.message.id for delivery in deliveries)
        return {}

    subscription = await world.listen("surveys", slow)
    await _ready(world, "surveys")
    messages = [event() for _ in range(20)]
    await world.bus("tickets").publish(messages[:10])
    await at_work.wait()
    await world.bus("tickets").publish(messages[10:])

    stopping = asyncio.create_task(subscription.stop())
    await asyncio.sleep(0)  # let it begin
    go_on.set()
    await stopping

    assert done
    rest = await _left_over(world)
    assert sorted(done + rest) == sorted(message.id for message in messages)


async def test_a_batch_cut_off_in_the_middle_comes_again_to_the_next_consumer(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "STOP_SECONDS", 0.1)
    world = await make_world()
    begun: list[UUID] = []

    async def never_ends(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        begun.extend(delivery.message.id for delivery in deliveries)
        await asyncio.Event().wait()
        return {}

    subscription = await world.listen("surveys", never_ends)
    await _ready(world, "surveys")
    messages = [event() for _ in range(10)]
    await world.bus("tickets").publish(messages)
    await until(lambda: bool(begun))
    await subscription.stop()

    world.forget()
    ear = Ear()
    await world.listen("surveys", ear)
    await until(lambda: len(ear.ids) == len(messages))
    assert sorted(ear.ids) == sorted(message.id for message in messages)
    again = {delivery.message.id for delivery in ear.heard if delivery.redelivered}
    assert set(begun) <= again


async def test_a_batch_that_went_wrong_while_settling_is_not_lost(make_world: MakeWorld) -> None:
    world = await make_world()
    broken = asyncio.Event()

    async def gone_meanwhile(_: Sequence[Delivery]) -> Mapping[UUID, float]:
        await world.break_down()
        broken.set()
        return {}

    subscription = await world.listen("surveys", gone_meanwhile)
    await _ready(world, "surveys")
    message = event()
    await world.bus("tickets").publish([message])
    await broken.wait()
    await subscription.stop()
    await world.recover()

    assert await _left_over(world) == [message.id]


async def test_a_bus_that_was_gone_comes_back_by_itself_and_loses_nothing(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    ear = Ear()
    await world.listen("surveys", ear)
    await world.listen("reporting", Ear())
    await _ready(world, "surveys", "reporting")
    bus = world.bus("tickets")
    confirmed = await bus.publish([event() for _ in range(50)])

    await world.break_down()
    with pytest.raises(BusUnavailableError):
        await bus.publish([event()])
    await until(lambda: not world.bus("surveys").connected())
    await world.recover()

    confirmed |= await _persist(bus, [event() for _ in range(50)])
    await until(lambda: confirmed <= set(ear.ids))
    assert len(confirmed) == 100
    await _ready(world, "surveys", "reporting")


async def test_a_consumer_that_starts_before_its_bus_waits_for_it(make_world: MakeWorld) -> None:
    world = await make_world()
    await world.break_down()
    ear = Ear()
    await world.listen("reporting", ear)
    await world.listen("surveys", Ear())
    assert not world.bus("reporting").connected()

    await world.recover()
    await _ready(world, "reporting", "surveys")
    message = event(REOPENED)
    await _persist(world.bus("tickets"), [message])

    await until(lambda: message.id in ear.ids)


async def test_what_its_sender_may_not_say_is_refused_and_kept_as_foreign(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    ear, dead = Ear(), Ear()
    await world.listen("surveys", ear)
    await world.listen("surveys", dead, DEAD)
    await _ready(world, "surveys")
    forged, honest = event(sender="reporting"), event(sender="tickets")

    await world.bus("reporting").publish([forged])
    await world.bus("tickets").publish([honest])

    await until(lambda: bool(dead.heard and ear.heard))
    assert ear.ids == [honest.id]
    assert [(d.message.id, d.foreign) for d in dead.heard] == [(forged.id, True)]


async def _persist(bus: Bus, messages: Sequence[Message]) -> set[UUID]:
    """Publish until the bus has all of it, as the relay does."""
    waiting = {message.id: message for message in messages}
    confirmed: set[UUID] = set()
    async with asyncio.timeout(30):
        while waiting:
            try:
                accepted = await bus.publish(list(waiting.values()))
            except BusUnavailableError:
                await asyncio.sleep(0.1)
                continue
            confirmed |= accepted
            waiting = {i: message for i, message in waiting.items() if i not in accepted}
    return confirmed


async def _left_over(world: World) -> list[UUID]:
    """Return what the next process still finds in the events of surveys."""
    world.forget()
    ear, marker = Ear(), event()
    await world.listen("surveys", ear)
    await _ready(world, "surveys")
    await _persist(world.bus("tickets"), [marker])
    await until(lambda: marker.id in ear.ids)
    return [message_id for message_id in ear.ids if message_id != marker.id]
