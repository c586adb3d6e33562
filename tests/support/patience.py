"""Wait for a condition, never for a time."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 20.0
"""What takes milliseconds here may take seconds on a machine that does everything at once."""


async def until(condition: Callable[[], Awaitable[bool] | bool]) -> None:
    """Return when the condition holds. Raises TimeoutError when it never does."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            held = condition()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.005)
