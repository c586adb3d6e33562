"""A PostgreSQL that ends at once, and comes again."""

import asyncio
import signal

from standalone.postgres import Postgres


async def end_at_once(server: Postgres) -> None:
    """End it as `pg_ctl stop -m immediate` does: no checkpoint, nobody is asked."""
    assert server.process is not None
    server.process.send_signal(signal.SIGQUIT)
    await asyncio.to_thread(server.process.wait)


async def start_again(server: Postgres) -> None:
    """Start it, and return when it answers."""
    launched = server.launch()
    await asyncio.to_thread(server.await_ready, launched)
