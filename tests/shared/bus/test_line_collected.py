"""A connection that never opened is collected in silence."""

import subprocess
import sys

FAILS_AND_IS_COLLECTED = """
import asyncio, contextlib, gc
from shared.bus.interface import BusUnavailableError
from shared.bus.rabbit.line import Line

async def fail():
    with contextlib.suppress(BusUnavailableError):
        await Line("amqp://127.0.0.1:1/", "test").channel()

loop = asyncio.new_event_loop()
loop.run_until_complete(fail())
asyncio.set_event_loop(None)
gc.collect()
loop.close()
"""


def test_a_connection_that_never_opened_leaves_nothing_to_await() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", FAILS_AND_IS_COLLECTED],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "never awaited" not in done.stderr
