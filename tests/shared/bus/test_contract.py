"""What both buses promise, in the same words: who gets what."""

import asyncio

from shared.bus.interface import (
    Delivery,
)
from tests.shared.bus.conftest import MakeWorld
from tests.shared.bus.probe import Ear, event, letter
from tests.shared.bus.worlds import (
    CLOSED,
    DEAD,
    EVENTS,
    LETTERS,
    NOBODY_HEARS,
    REOPENED,
    left_over,
    ready,
)
from tests.support.patience import until


async def test_an_event_reaches_every_service_that_names_it_and_no_other(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    surveys, reporting = Ear(), Ear()
    await world.listen("surveys", surveys)
    await world.listen("reporting", reporting)
    await ready(world, "surveys", "reporting")
    closed, reopened = event(CLOSED), event(REOPENED)

    assert await world.bus("tickets").publish([closed, reopened]) == {closed.id, reopened.id}

    await until(lambda: len(reporting.heard) == 2 and len(surveys.heard) == 1)
    assert surveys.heard == [Delivery(closed, attempt=0, redelivered=False)]
    assert {delivery.message for delivery in reporting.heard} == {closed, reopened}


async def test_a_stopped_service_misses_nothing(make_world: MakeWorld) -> None:
    world = await make_world()
    for kind in (EVENTS, LETTERS):
        subscription = await world.listen("surveys", Ear(), kind)
        await ready(world, "surveys")
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
    await ready(world, *ears)
    to_integrations, to_surveys = letter("integrations"), letter("surveys")

    await world.bus("tickets").publish([to_integrations, to_surveys])

    await until(lambda: bool(ears["integrations"].heard and ears["surveys"].heard))
    assert ears["integrations"].heard == [Delivery(to_integrations, 0, redelivered=False)]
    assert ears["surveys"].ids == [to_surveys.id]
    assert ears["reporting"].heard == []


async def test_what_nobody_has_bound_is_accepted_and_kept(make_world: MakeWorld) -> None:
    world = await make_world()
    await world.listen("surveys", Ear())
    await ready(world, "surveys")
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
    await ready(world, "surveys")
    twice, once = event(), event()

    await world.bus("tickets").publish([twice, twice, once])

    await until(lambda: {twice.id, once.id} <= set(ear.ids))
    await subscription.stop()
    assert ear.ids.count(once.id) == 1
    assert await left_over(world) == []


async def test_what_its_sender_may_not_say_is_refused_and_kept_as_foreign(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    ear, dead = Ear(), Ear()
    await world.listen("surveys", ear)
    await world.listen("surveys", dead, DEAD)
    await ready(world, "surveys")
    forged, honest = event(sender="reporting"), event(sender="tickets")

    await world.bus("reporting").publish([forged])
    await world.bus("tickets").publish([honest])

    await until(lambda: bool(dead.heard and ear.heard))
    assert ear.ids == [honest.id]
    assert [(d.message.id, d.foreign) for d in dead.heard] == [(forged.id, True)]
