"""What both buses promise when a consumer is stopped or the ground gives way."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from shared.bus import batches
from shared.bus.interface import (
    BusUnavailableError,
    Delivery,
)
from tests.shared.bus.conftest import MakeWorld
from tests.shared.bus.probe import Ear, event
from tests.shared.bus.worlds import (
    REOPENED,
    left_over,
    persist,
    ready,
)
from tests.support.patience import until


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
    await ready(world, "surveys")
    messages = [event() for _ in range(20)]
    await world.bus("tickets").publish(messages[:10])
    await at_work.wait()
    await world.bus("tickets").publish(messages[10:])

    stopping = asyncio.create_task(subscription.stop())
    await asyncio.sleep(0)  # let it begin
    go_on.set()
    await stopping

    assert done
    rest = await left_over(world)
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
    await ready(world, "surveys")
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
    await ready(world, "surveys")
    message = event()
    await world.bus("tickets").publish([message])
    await broken.wait()
    await subscription.stop()
    await world.recover()

    assert await left_over(world) == [message.id]


async def test_a_bus_that_was_gone_comes_back_by_itself_and_loses_nothing(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    ear = Ear()
    await world.listen("surveys", ear)
    await world.listen("reporting", Ear())
    await ready(world, "surveys", "reporting")
    bus = world.bus("tickets")
    confirmed = await bus.publish([event() for _ in range(50)])

    await world.break_down()
    with pytest.raises(BusUnavailableError):
        await bus.publish([event()])
    await until(lambda: not world.bus("surveys").connected())
    await world.recover()

    confirmed |= await persist(bus, [event() for _ in range(50)])
    await until(lambda: confirmed <= set(ear.ids))
    assert len(confirmed) == 100
    await ready(world, "surveys", "reporting")


async def test_a_consumer_that_starts_before_its_bus_waits_for_it(make_world: MakeWorld) -> None:
    world = await make_world()
    await world.break_down()
    ear = Ear()
    await world.listen("reporting", ear)
    await world.listen("surveys", Ear())
    assert not world.bus("reporting").connected()

    await world.recover()
    await ready(world, "reporting", "surveys")
    message = event(REOPENED)
    await persist(world.bus("tickets"), [message])

    await until(lambda: message.id in ear.ids)
