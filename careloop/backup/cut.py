"""One moment in all databases, while everybody works.

For as long as it takes to begin the reading transactions nothing can be written to any outbox, and
nothing there be marked as delivered. So whatever one service was told and another knows to have
said is in both copies, or in neither.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import asyncpg

from careloop.backup.connections import connected
from careloop.backup.tables import Connection
from shared.locks import MIGRATE, REBUILD

LOCK_TIMEOUT: Final = "1s"
"""What is written behind the waiting lock waits as long; requests notice no second."""

ATTEMPTS: Final = 20
PAUSE_SECONDS: Final = 0.5
"""An import holds its outbox for some seconds; then there is a gap."""


@asynccontextmanager
async def cut(urls: Mapping[str, str]) -> AsyncIterator[dict[str, Connection]]:
    """Open a connection to each service's database, all of which see one and the same moment.

    Migrations and rebuilds wait meanwhile: they change what tables are called. Raises
    LockNotAvailableError when the outboxes never come to rest.
    """
    async with AsyncExitStack() as stack:
        readers = {
            name: await stack.enter_async_context(connected(url)) for name, url in urls.items()
        }
        for reader in readers.values():
            for key in (MIGRATE, REBUILD):
                await reader.execute("SELECT pg_advisory_lock($1)", key)
        await _begin_together(urls, readers)
        yield readers


async def _begin_together(urls: Mapping[str, str], readers: Mapping[str, Connection]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with AsyncExitStack() as stack:
                for url in urls.values():
                    await _hold_outbox(await stack.enter_async_context(connected(url)))
                for reader in readers.values():
                    await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    await reader.execute("SELECT")  # the first statement is the moment
        except asyncpg.LockNotAvailableError:
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


async def _hold_outbox(connection: Connection) -> None:
    """Keep everybody from writing to an outbox until the connection is closed."""
    await connection.execute("BEGIN")
    await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    await connection.execute("LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE")
