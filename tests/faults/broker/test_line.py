"""The line to the broker freezes or is slow, or the broker dies: nothing hangs, nothing is lost."""

import time

import pytest

from shared.bus.interface import BusUnavailableError
from shared.bus.rabbit import publisher
from shared.bus.rabbit.line import CLOSE_SECONDS
from tests.faults.broker.conftest import OpenWorkshop
from tests.faults.broker.workshop import Workshop, sample_bus
from tests.faults.conftest import Note
from tests.support.patience import becomes
from tests.support.proxy import proxy_to
from tests.support.rabbitmq import RabbitNode
from tests.support.sample_service import counted

pytestmark = [pytest.mark.rabbit, pytest.mark.timeout(400)]

HEARTBEAT = 2
DETECTED_SECONDS = 3 * (HEARTBEAT + 1)
SLACK_SECONDS = 20.0
"""Two cores that do everything at once. Without the heartbeat of the address it takes 48 s, and
without the time-out of publishing for ever."""


async def test_a_killed_broker_comes_back_and_everything_is_heard_once(
    shop: Workshop, rabbit: RabbitNode, note: Note
) -> None:
    async with shop.talking() as gap:
        await gap.flows()
        await rabbit.kill()
        killed = time.monotonic()
        await rabbit.start()
        back = time.monotonic()
        await gap.flows()
        note(
            f"nothing heard for {gap.longest_seconds:.1f} s, "
            f"of which the broker was away {back - killed:.1f} s"
        )
    await shop.all_is_heard_once()


async def test_a_line_that_freezes_is_noticed_and_hangs_nobody(
    workshop_at: OpenWorkshop, rabbit: RabbitNode, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with proxy_to(rabbit.port) as proxy:
        url = f"amqp://guest:guest@127.0.0.1:{proxy.port}/?heartbeat={HEARTBEAT}"
        shop = await workshop_at(url)
        await shop.say(300)
        await shop.all_is_heard_once()
        other = sample_bus(url, shop.prefix)
        await other.publish([counted(shop.tally_id, amount=0)])

        window = 3.0
        monkeypatch.setattr(publisher, "WINDOW_SECONDS", window)
        proxy.freeze()
        begun = time.monotonic()
        with pytest.raises(BusUnavailableError):
            await other.publish([counted(shop.tally_id, amount=0)])
        refused = time.monotonic() - begun
        await shop.say(300)
        await becomes(shop.connected, expected=False)
        noticed = time.monotonic() - begun
        assert refused < window + 2 * CLOSE_SECONDS + SLACK_SECONDS
        assert noticed < DETECTED_SECONDS + SLACK_SECONDS

        monkeypatch.undo()
        proxy.thaw()
        await shop.all_is_heard_once()
        await other.close()
        note(
            f"publishing gave up after {refused:.1f} s (its time-out is {window:.0f} s), the "
            f"consumer after {noticed:.1f} s of {DETECTED_SECONDS} (heartbeat {HEARTBEAT} s)"
        )


async def test_a_slow_line_takes_its_time_and_repeats_no_effect(
    workshop_at: OpenWorkshop, rabbit: RabbitNode, note: Note
) -> None:
    async with proxy_to(rabbit.port) as proxy:
        shop = await workshop_at(f"amqp://guest:guest@127.0.0.1:{proxy.port}/")
        proxy.delay_seconds = 0.05
        begun = time.monotonic()
        await shop.say(1000)
        await shop.all_is_heard_once()
        note(f"1000 events in {time.monotonic() - begun:.1f} s at 50 ms each way and 80 kB/s")


async def test_a_line_that_is_too_slow_for_a_window_loses_nothing_and_repeats_no_effect(
    workshop_at: OpenWorkshop, rabbit: RabbitNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "WINDOW_SECONDS", 1.0)
    async with proxy_to(rabbit.port) as proxy:
        shop = await workshop_at(f"amqp://guest:guest@127.0.0.1:{proxy.port}/")
        proxy.delay_seconds = 0.3
        await shop.say(100)
        await becomes(lambda: tried(shop), expected=True)
        proxy.delay_seconds = 0.0
        await shop.all_is_heard_once()


async def tried(shop: Workshop) -> bool:
    """Return whether something was published that has not been confirmed in time."""
    state = await shop.state()
    return state["heard"] > 0 and state["unsaid"] > 0
