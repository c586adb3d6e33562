"""A service's working half: its relay, its consumers and its sweeps, beside or without its API."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from shared.backlog import backlog_sweep
from shared.books.sweeps import books_sweep
from shared.bus.interface import Bus, QueueKind, Subscription
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.database import Database
from shared.dead_letters.settle import hand_over_replays
from shared.http.idempotency import FORGET_KEYS
from shared.inbox.receive import Inbox, receive_dead, receive_into
from shared.outbox.relay import run_relay
from shared.partitions import keep_partitions
from shared.restores.hear import forget_spans
from shared.sealing.seal import sealing_sweeps
from shared.service import Service
from shared.snapshots.hand_over import hand_over_snapshots
from shared.sweeps import Sweep, run_sweep
from shared.timekeeping import TIMEKEEPING, begin_in_time

CANCEL_AGAIN_SECONDS: Final = 1.0
"""A cancelled task rolls back what it has not committed, within milliseconds."""


@asynccontextmanager
async def relaying(service: Service, database: Database, bus: Bus) -> AsyncIterator[None]:
    """Run a service's relay while the block runs: an API process delivers what it says."""
    await begin_in_time(database)
    tasks = [
        asyncio.create_task(run_relay(database, bus, service=service.name)),
        *(
            asyncio.create_task(run_sweep(sweep, database, utcnow))
            for sweep in (TIMEKEEPING, backlog_sweep(service))
        ),
    ]
    try:
        yield
    finally:
        await _end(tasks)


@asynccontextmanager
async def working(
    service: Service,
    database: Database,
    bus: Bus,
    vault: Vault,
    *,
    clock: Callable[[], datetime] = utcnow,
) -> AsyncIterator[None]:
    """Run a service's relay, consumers and sweeps while the block runs.

    At its end consumers finish their batch, then the rest is cancelled: what was not committed
    was not done, and will be.
    """
    await begin_in_time(database)
    box = Inbox(service.name, database, service.handlers, vault, clock)
    tasks = [
        asyncio.create_task(run_relay(database, bus, service=service.name)),
        *(
            asyncio.create_task(run_sweep(sweep, database, clock))
            for sweep in (*service.sweeps, *_common_sweeps(service, bus, vault))
        ),
    ]
    subscriptions: list[Subscription] = []
    try:
        for queue in service.queues:
            dead = queue.kind is QueueKind.DEAD
            receive = receive_dead(box, queue) if dead else receive_into(box, queue)
            subscriptions.append(await bus.subscribe(queue, receive))
        yield
    finally:
        await asyncio.gather(*(one.stop() for one in subscriptions), return_exceptions=True)
        await _end(tasks)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended.

    Once is not always enough: `asyncio.wait_for` of Python 3.11, which libraries use, keeps a
    cancellation to itself when what it waits for is there in the same moment.
    """
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)  # else each failure is told once more


def _common_sweeps(service: Service, bus: Bus, vault: Vault) -> tuple[Sweep, ...]:
    return (
        TIMEKEEPING,
        _partitions(service),
        _replays(bus),
        FORGET_KEYS,
        backlog_sweep(service),
        *sealing_sweeps(service.name, vault),
        *([_snapshots(service, bus, vault)] if service.snapshots else ()),
        *([books_sweep(service.ledger)] if service.ledger else ()),
    )


def _partitions(service: Service) -> Sweep:
    async def keep(database: Database, now: datetime) -> int:
        await keep_partitions(database, service.all_partitioned, now=now)
        async with database.transaction() as session:
            await forget_spans(session, now=now)
        return 0

    return Sweep("partitions", timedelta(hours=6), keep)


def _replays(bus: Bus) -> Sweep:
    async def replay(database: Database, _now: datetime) -> int:
        return await hand_over_replays(database, bus)

    return Sweep("replays", timedelta(seconds=2), replay)


def _snapshots(service: Service, bus: Bus, vault: Vault) -> Sweep:
    async def hand_over(database: Database, now: datetime) -> int:
        return await hand_over_snapshots(database, bus, vault, service.snapshots, now=now)

    return Sweep("snapshots", timedelta(seconds=2), hand_over)
