"""The process under test over messages: `python -m bench.work CASE FOLDER COUNT URL AMQP PREFIX`.

Each case does its share of work once and prints the seconds that it took, the processor time and
the most memory that it had, as JSON. The parent has put the work in place: rows in an outbox,
messages in a queue.
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import uvloop

from bench.machine import APPLICATION_CORE, pin
from bench.yardsticks import broker, invite
from shared.bus.interface import Delivery, QueueKind
from shared.bus.rabbit.bus import RabbitBus
from shared.clock import utcnow
from shared.contracts.registry import may_send
from shared.crypto.vault import KEYS_FILE, read_vault
from shared.database import Database
from shared.inbox.receive import Inbox, receive_into
from shared.outbox.relay import relay_due
from shared.settings import CommonSettings


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case works: how many messages, in which database, over which queues."""

    folder: Path
    count: int
    url: str
    amqp: str
    prefix: str

    @property
    def dsn(self) -> str:
        """Return the address of the database for asyncpg."""
        return self.url.replace("+asyncpg", "")


async def relay(place: Place) -> float:
    """Relay all that waits in the outbox of tickets."""
    async with AsyncExitStack() as stack:
        database, bus = await _opened(stack, place, "tickets")
        began, relayed = time.perf_counter(), 0
        while relayed < place.count:
            relayed += await relay_due(database, bus, service="tickets")
        return time.perf_counter() - began


async def append(place: Place) -> float:
    """Let reporting write down all that waits in its queue."""
    return await _consume(place, "reporting")


async def invitations(place: Place) -> float:
    """Let surveys take all closings that wait in its queue."""
    return await _consume(place, "surveys")


async def fold(place: Place) -> float:
    """Fold all that is appended."""
    fold_next = import_module("services.reporting.facts.fold").fold_next
    database, folded = Database(place.url), 0
    try:
        began = time.perf_counter()
        while folded < place.count:
            folded += await fold_next(database, ZoneInfo("Asia/Shanghai"))
        return time.perf_counter() - began
    finally:
        await database.dispose()


async def _consume(place: Place, name: str) -> float:
    part = import_module(f"services.{name}.service")  # only what this process needs
    common = CommonSettings(secrets=place.folder / "secrets")
    vault = read_vault(common.secrets / KEYS_FILE, name, recipients=part.WRITES_TO)
    service = part.create_service(common, vault)
    (queue,) = (one for one in service.queues if one.kind is QueueKind.EVENTS)
    async with AsyncExitStack() as stack:
        database, bus = await _opened(stack, place, name)
        receive = receive_into(Inbox(name, database, service.handlers, vault, utcnow), queue)
        left, done = place.count, asyncio.Event()

        async def counted(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
            nonlocal left
            again = await receive(deliveries)
            if again:
                raise RuntimeError(f"{len(again)} messages failed")
            left -= len(deliveries)
            if left <= 0:
                done.set()
            return again

        began = time.perf_counter()
        subscription = await bus.subscribe(queue, counted)
        await done.wait()
        seconds = time.perf_counter() - began
        await subscription.stop()
        return seconds


async def _opened(stack: AsyncExitStack, place: Place, name: str) -> tuple[Database, RabbitBus]:
    database = Database(place.url)
    stack.push_async_callback(database.dispose)
    bus = RabbitBus(place.amqp, service=name, may_send=may_send, prefix=place.prefix)
    stack.push_async_callback(bus.close)
    return database, bus


async def publish(place: Place) -> float:
    """Publish as many messages, bare."""
    bodies = [(place.folder / "body").read_bytes()] * place.count
    return await broker.publish(place.amqp, f"{place.prefix}.bare", bodies)


async def consume(place: Place) -> float:
    """Consume as many messages, bare."""
    return await broker.consume(place.amqp, f"{place.prefix}.bare", place.count)


async def invite_bare(place: Place) -> float:
    """Survey as many closings as the reference does, or for ever when none are counted."""
    return await invite.invite(place.amqp, f"{place.prefix}.bare", place.dsn, place.count or None)


CASES = {
    "relay": relay,
    "publish": publish,
    "append": append,
    "consume": consume,
    "fold": fold,
    "invite": invitations,
    "invite_bare": invite_bare,
}


async def main(case: str, place: Place) -> None:
    """Do the case and print what it took."""
    before = sum(os.times()[:2])
    seconds = await CASES[case](place)
    used = sum(os.times()[:2]) - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "cpu": used, "peak": peak}))


if __name__ == "__main__":
    pin(0, APPLICATION_CORE)
    case, folder, count, url, amqp, prefix = sys.argv[1:]
    uvloop.run(main(case, Place(Path(folder), int(count), url, amqp, prefix)))
