"""What may happen to a PostgreSQL, each as a block: broken at its begin, mended at its end."""

import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from tests.faults.database.conftest import House
from tests.support.postgres import end_at_once, start_again

Fault = Callable[[House], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def killed(house: House) -> AsyncIterator[None]:
    """End the server at once."""
    await end_at_once(house.postgres)
    try:
        yield
    finally:
        await start_again(house.postgres)


@asynccontextmanager
async def read_only(house: House) -> AsyncIterator[None]:
    """Let the server take no writes, as after a fail-over to a replica."""
    chief = await house.chief()
    try:
        await chief.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        await chief.execute("SELECT pg_reload_conf()")
        yield
    finally:
        await chief.execute("SET default_transaction_read_only = off")
        await chief.execute("ALTER SYSTEM RESET default_transaction_read_only")
        await chief.execute("SELECT pg_reload_conf()")
        await chief.close()


@asynccontextmanager
async def frozen(house: House) -> AsyncIterator[None]:
    """Stop every process of the server: lines stay open, new ones are taken, nobody answers."""
    process = house.postgres.process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    stopped = [process.pid]
    try:
        for pid in _children(process.pid):
            os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)
        yield
    finally:
        for pid in reversed(stopped):
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def locked(house: House) -> AsyncIterator[None]:
    """Hold a lock on a table that requests write, and on one that a consumer writes."""
    tickets = await house.chief(house.named("tickets"))
    surveys = await house.chief(house.named("surveys"))
    try:
        async with tickets.transaction(), surveys.transaction():
            await tickets.execute("LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE")
            await surveys.execute("LOCK TABLE invitations IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await tickets.close()
        await surveys.close()


@asynccontextmanager
async def without_space(house: House) -> AsyncIterator[None]:
    """Fill the file system that the tables are on."""
    assert house.disk is not None
    with house.disk.filled():
        yield


def _children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True)
    return [int(line) for line in found.stdout.split()]
