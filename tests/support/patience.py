"""Wait for a condition, never for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 30.0
"""What takes milliseconds here may take seconds on a machine that does everything at once; a broker
that was killed is back after 10 s."""

SYSTEM_SECONDS = 60.0
"""A message that took a rung of the retry ladder comes 10 s later, and machines are slow."""

LOOK_AGAIN_SECONDS = 0.1


async def until(condition: Callable[[], Awaitable[bool] | bool]) -> None:
    """Return when the condition holds. Raises TimeoutError when it never does."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            held = condition()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.005)


async def sooner_or_later(
    look: Callable[[], Awaitable[T | None]], *, patience: float = SYSTEM_SECONDS
) -> T:
    """Look until something is there and return it. Raises TimeoutError when it never comes."""
    deadline = time.monotonic() + patience
    while (found := await look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return found


async def becomes(
    look: Callable[[], Awaitable[Any]], expected: Any, *, patience: float = SYSTEM_SECONDS
) -> None:
    """Return when something is as expected; shows the difference when it never is."""
    deadline = time.monotonic() + patience
    while (found := await look()) != expected:
        if time.monotonic() > deadline:
            assert found == expected, f"{found} is not {expected}"
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
