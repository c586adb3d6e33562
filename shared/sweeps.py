"""The time door: work that becomes due, done by whichever worker claims it first."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from shared.database import Database
from shared.metrics import SWEEP_EVERY, SWEEP_FAILURES, SWEPT
from shared.trouble import is_away, where

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sweep:
    """Due work of one kind.

    `run` claims some of it with FOR UPDATE SKIP LOCKED, does it, commits, and returns how many
    rows it settled; while there are any it runs again at once, else after `every`, or when `wake`
    is set by somebody of this process who made some of it due.
    """

    name: str
    every: timedelta
    run: Callable[[Database, datetime], Awaitable[int]]
    wake: asyncio.Event | None = None


async def run_sweep(sweep: Sweep, database: Database, clock: Callable[[], datetime]) -> None:
    """Repeat a sweep until cancelled; a failure is logged and tried again at the next turn."""
    known = (database.name, sweep.name)
    SWEEP_EVERY.labels(*known).set(sweep.every.total_seconds())
    SWEPT.labels(*known).set_to_current_time()  # else one that always fails would be late nowhere
    while True:
        if sweep.wake is not None:
            sweep.wake.clear()  # before the work: what becomes due during it is not missed
        try:
            settled = await sweep.run(database, clock())
            SWEPT.labels(*known).set_to_current_time()
        except Exception as error:
            settled = 0
            SWEEP_FAILURES.labels(*known).inc()
            if is_away(error):
                log.warning("sweep_without_database", sweep=sweep.name, reason=where(error))
            else:
                log.exception("sweep_failed", sweep=sweep.name)
        if not settled:
            await _rest(sweep)


async def _rest(sweep: Sweep) -> None:
    seconds = sweep.every.total_seconds()
    if sweep.wake is None:
        await asyncio.sleep(seconds)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await sweep.wake.wait()
