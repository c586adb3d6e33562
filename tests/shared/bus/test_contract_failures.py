"""What both buses promise when a consumer fails: the ladder, the dead, the pause."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.bus.interface import (
    ConsumerPausedError,
    Delivery,
    Exchange,
    Message,
)
from tests.shared.bus.conftest import MakeWorld
from tests.shared.bus.probe import Ear, event
from tests.shared.bus.worlds import (
    CLOSED,
    DEAD,
    LADDER,
    REOPENED,
    left_over,
    ready,
)
from tests.support.patience import until


async def test_a_retried_duplicate_does_not_multiply(make_world: MakeWorld) -> None:
    world = await make_world()
    twice = event()

    def once_more(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        return {d.message.id: LADDER[0] for d in deliveries if d.attempt == 0}

    ear = Ear(once_more)
    subscription = await world.listen("surveys", ear)
    await ready(world, "surveys")
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
    await ready(world, "surveys", "reporting")

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
    await ready(world, "surveys")

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
    await ready(world, "surveys", "reporting")
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
    await ready(world, "surveys", "reporting")
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
    await ready(world, "surveys")
    message = event()

    await world.bus("tickets").publish([message])

    await until(lambda: len(ear.batches) == 3)
    assert ear.batches == [[Delivery(message, 0, redelivered=False)]] * 3
    await subscription.stop()
    assert dead.heard == []
    assert await left_over(world) == []
