"""The bus over RabbitMQ 3.10 to 4.3: one connection publishes, another consumes."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from aio_pika.abc import AbstractChannel

from shared.bus.interface import (
    DELIVERY_LIMIT,
    LADDER,
    Delivery,
    Exchange,
    MaySend,
    Message,
    Queue,
    Receive,
)
from shared.bus.rabbit.consumer import Consumer
from shared.bus.rabbit.declare import declare, messages_in
from shared.bus.rabbit.line import Line
from shared.bus.rabbit.publisher import Parcel, Publisher
from shared.bus.rabbit.wire import Passport, packed
from shared.bus.topology import PREFIX, Names, ground, of_service, rung

DEFAULT_USER: Final = "guest"


class RabbitBus:
    """The connections of one service's process to a broker."""

    def __init__(
        self,
        url: str,
        *,
        service: str,
        may_send: MaySend,
        prefix: str = PREFIX,
        ladder: Sequence[float] = LADDER,
        delivery_limit: int = DELIVERY_LIMIT,
    ) -> None:
        """Connect lazily to `url` (amqp://…) on behalf of a service.

        `ladder` names the waiting times that exist; a retry waits at least as long as was asked.
        """
        names = Names(prefix)
        user = unquote(urlsplit(url).username or DEFAULT_USER)
        self.passport = Passport(names, service, user, may_send)
        self.delivery_limit = delivery_limit
        self._ladder = ladder
        self._ground = ground(names, ladder)
        self._publishing = Line(url, f"{names.user(service)} publishes")
        self._consuming = Line(url, f"{names.user(service)} consumes")
        self._publisher = Publisher(self._publishing, self._ground)
        self._consumers: list[Consumer] = []

    async def publish(self, messages: Sequence[Message]) -> set[UUID]:
        """Deliver messages and return the ids of those that the broker confirmed.

        Raises `BusUnavailableError` when it confirmed none.
        """
        return await self._publisher.publish([self._parcel(message) for message in messages])

    async def subscribe(self, queue: Queue, receive: Receive) -> Consumer:
        """Hand the messages of a queue to `receive`; a broker that is down is waited for."""
        consumer = Consumer(self, queue, receive)
        self._consumers.append(consumer)
        return consumer

    async def prepare(self, queues: Sequence[Queue]) -> None:
        """Make the service's queues, so that what is said before it first runs waits for it.

        Raises `BusUnavailableError`.
        """
        await declare(self._consuming, self._ground)
        await declare(
            self._consuming, of_service(self.passport.names, self.passport.service, queues)
        )

    async def unrouted(self) -> int:
        """Return how many messages nobody has bound."""
        await declare(self._publishing, self._ground)
        return await messages_in(self._publishing, self.passport.names.unrouted)

    def connected(self) -> bool:
        """Return whether every consumer that was not stopped has the broker."""
        return all(consumer.consuming for consumer in self._consumers if not consumer.stopped)

    async def close(self) -> None:
        """Close the connections; stop subscriptions before."""
        await self._consuming.drop()
        await self._publishing.drop()

    async def consuming_channel(self, queue: Queue) -> AbstractChannel:
        """Return a channel of the consuming connection, the queue being declared."""
        names = self.passport.names
        await declare(self._consuming, self._ground)
        await declare(self._consuming, of_service(names, queue.service, [queue]))
        return await self._consuming.channel()

    async def retry(self, queue: Queue, retries: Sequence[tuple[Delivery, float]]) -> set[UUID]:
        """Put deliveries where they wait for their next attempt; return the confirmed ids."""
        names = self.passport.names
        return await self._publisher.publish(
            [
                Parcel(
                    delivery.message.id,
                    packed(delivery.message, self.passport, delivery.attempt + 1),
                    names.delay(rung(seconds, self._ladder)),
                    names.queue(queue.name),
                )
                for delivery, seconds in retries
            ]
        )

    def _parcel(self, message: Message) -> Parcel:
        names = self.passport.names
        again = message.exchange is Exchange.REQUEUE
        return Parcel(
            message.id,
            packed(message, self.passport),
            names.exchange(message.exchange),
            names.queue(message.key) if again else message.key,
        )
