"""The two buses as the contract tests see them: who listens, and how the ground gives way."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import asyncpg
import pytest

from shared.bus.interface import (
    Bus,
    BusUnavailableError,
    Message,
    Queue,
    QueueKind,
    Receive,
    Subscription,
)
from shared.bus.local import LocalBus
from shared.bus.local_tables import pending_messages, unrouted_messages
from shared.bus.rabbit.bus import RabbitBus
from shared.database import Database
from shared.ids import new_id
from standalone.postgres import PORT
from tests.shared.bus.probe import Ear, event
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.rabbitmq import RabbitNode

CLOSED = "ticket.closed.v1"
REOPENED = "ticket.reopened.v1"
NOBODY_HEARS = "ticket.merged.v1"

EVENTS, LETTERS, DEAD = QueueKind.EVENTS, QueueKind.LETTERS, QueueKind.DEAD
LISTENS = {"surveys": (CLOSED,), "reporting": (CLOSED, REOPENED), "integrations": ()}
QUEUES = [
    Queue(service, kind, types if kind is EVENTS else ())
    for service, types in LISTENS.items()
    for kind in QueueKind
]
LADDER = (0.2, 0.6)


def may_send(sender: str, _type: str) -> bool:
    return sender == "tickets"


def queue_of(service: str, kind: QueueKind = EVENTS) -> Queue:
    return next(queue for queue in QUEUES if (queue.service, queue.kind) == (service, kind))


class World(Protocol):
    """One deployment: a bus for each service, over one broker."""

    def bus(self, service: str) -> Bus: ...

    async def listen(
        self, service: str, receive: Receive, kind: QueueKind = EVENTS
    ) -> Subscription: ...

    def forget(self) -> None:
        """Be a new process: the next bus knows nothing of the former one."""

    async def break_down(self) -> None:
        """Let what lies under the bus vanish without a word."""

    async def recover(self) -> None: ...

    async def close(self) -> None: ...


@dataclass
class Running:
    """What both worlds do alike: remember what must be stopped."""

    delivery_limit: int
    buses: dict[str, Bus] = field(default_factory=dict)
    _all: list[Bus] = field(default_factory=list)
    _subscriptions: list[Subscription] = field(default_factory=list)

    def _make(self, service: str) -> Bus:
        raise NotImplementedError

    def bus(self, service: str) -> Bus:
        if service not in self.buses:
            self.buses[service] = self._make(service)
            self._all.append(self.buses[service])
        return self.buses[service]

    async def listen(
        self, service: str, receive: Receive, kind: QueueKind = EVENTS
    ) -> Subscription:
        subscription = await self.bus(service).subscribe(queue_of(service, kind), receive)
        self._subscriptions.append(subscription)
        return subscription

    def forget(self) -> None:
        self.buses = {}

    async def close(self) -> None:
        for subscription in self._subscriptions:
            await subscription.stop()
        for bus in self._all:
            await bus.close()


@dataclass
class RabbitWorld(Running):
    url: str = ""
    node: RabbitNode | None = None
    prefix: str = field(default_factory=lambda: f"t{new_id().hex[-10:]}")

    def _make(self, service: str) -> Bus:
        return RabbitBus(
            self.url,
            service=service,
            may_send=may_send,
            prefix=self.prefix,
            ladder=LADDER,
            delivery_limit=self.delivery_limit,
        )

    async def break_down(self) -> None:
        if self.node is None:
            pytest.skip("the broker of CARELOOP_TEST_AMQP_URL is not ours to kill")
        await self.node.kill()

    async def recover(self) -> None:
        assert self.node is not None
        await self.node.start()


@dataclass
class LocalWorld(Running):
    databases: dict[str, Database] = field(default_factory=dict)
    sockets: str = ""

    def _make(self, service: str) -> Bus:  # noqa: ARG002 - one bus for all
        return next(iter(self.buses.values()), None) or LocalBus(
            home=self.databases["reporting"],
            queues={queue: self.databases[queue.service] for queue in QUEUES},
            may_send=may_send,
            delivery_limit=self.delivery_limit,
        )

    async def break_down(self) -> None:
        await self._as_superuser('ALTER ROLE "{role}" NOLOGIN')
        await self._as_superuser(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )

    async def recover(self) -> None:
        await self._as_superuser('ALTER ROLE "{role}" LOGIN')

    async def _as_superuser(self, statement: str) -> None:
        connection = await asyncpg.connect(
            host=self.sockets, port=PORT, user="postgres", database="postgres"
        )
        try:
            for database in self.databases.values():
                url = database.engine.url
                await connection.execute(statement.format(role=url.username, name=url.database))
        finally:
            await connection.close()


async def local_world(databases: Databases, delivery_limit: int) -> LocalWorld:
    """Return a world whose queues lie in one fresh database a service."""
    opened = {}
    for service in LISTENS:
        database = databases.connect(await databases.empty(service))
        async with database.transaction() as session:
            for table in (pending_messages, unrouted_messages):
                await session.run_sync(table.create)
        opened[service] = database
    sockets = str(databases.server.postgres.sockets)
    return LocalWorld(delivery_limit, databases=opened, sockets=sockets)


async def ready(world: World, *services: str) -> None:
    await until(lambda: all(world.bus(service).connected() for service in services))


async def persist(bus: Bus, messages: Sequence[Message]) -> set[UUID]:
    """Publish until the bus has all of it, as the relay does."""
    waiting = {message.id: message for message in messages}
    confirmed: set[UUID] = set()
    async with asyncio.timeout(30):
        while waiting:
            try:
                accepted = await bus.publish(list(waiting.values()))
            except BusUnavailableError:
                await asyncio.sleep(0.1)
                continue
            confirmed |= accepted
            waiting = {i: message for i, message in waiting.items() if i not in accepted}
    return confirmed


async def left_over(world: World) -> list[UUID]:
    """Return what the next process still finds in the events of surveys."""
    world.forget()
    ear, marker = Ear(), event()
    await world.listen("surveys", ear)
    await ready(world, "surveys")
    await persist(world.bus("tickets"), [marker])
    await until(lambda: marker.id in ear.ids)
    return [message_id for message_id in ear.ids if message_id != marker.id]
