"""What the services know of a broker: publish durably, and be handed batches.

Two implementations keep the same contract (`tests/shared/bus`): RabbitMQ, and a table in the
consumer's database for the edition that runs in one process. No order is promised.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

LADDER: Final = (10, 60, 600, 3600)
"""Seconds before each further attempt: a restart, a deployment, an outage, a long outage."""

DELIVERY_LIMIT: Final = 100
"""Deliveries of one message before it counts as crashing its consumer; a crash counts for every
message of a batch, so the limit is far above what a few crashes can reach."""


class Exchange(StrEnum):
    """Where a message goes; `key` says to whom."""

    EVENTS = "events"
    """To every queue that names the key, which is the message's type such as ticket.closed.v1."""
    LETTERS = "letters"
    """To the letters of one service; the key is its name."""
    REQUEUE = "requeue"
    """To one queue alone, such as surveys.events: a replayed or retried message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message in transport: `body` is the CloudEvents JSON, `sender` the publishing service."""

    id: UUID
    type: str
    sender: str
    exchange: Exchange
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as handed to a consumer: `attempt` counts from 0 up the ladder.

    A delivery from a DEAD queue is addressed to the queue where the message died (exchange REQUEUE,
    key the queue's name), so publishing it as it is replays it; `foreign` says that it died because
    its sender may not say this, else it went through too many deliveries.
    """

    message: Message
    attempt: int
    redelivered: bool
    foreign: bool = False


class QueueKind(StrEnum):
    """The three queues of a service."""

    EVENTS = "events"
    LETTERS = "letters"
    DEAD = "dead"
    """What exceeded the delivery limit, to be written down as dead-letter rows."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One work queue of one service; `types` are the event types it wants ('#' for all)."""

    service: str
    kind: QueueKind
    types: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the queue's name without the deployment's prefix, such as `surveys.events`."""
        return f"{self.service}.{self.kind}"


Receive = Callable[[Sequence[Delivery]], Awaitable[Mapping[UUID, float]]]
"""Handle a batch; return, for each message that must come again, the seconds until then (a rung
of the ladder). What is not named is done. Raise `ConsumerPausedError` when nothing could be tried.
Any other exception counts as a crash: the batch comes again, message by message."""

MaySend = Callable[[str, str], bool]
"""Whether a service, the sender, may say messages of a type such as ticket.closed.v1."""


class BusUnavailableError(Exception):
    """The broker cannot be reached now; what was not confirmed may or may not have arrived."""


class ConsumerPausedError(Exception):
    """The consumer's own database does not answer: deliver the same batch again, uncounted."""


class Subscription(Protocol):
    """A running consumer."""

    async def stop(self) -> None:
        """Take no more messages, let the running batch end, and give back the rest."""


class Bus(Protocol):
    """A broker as the services know it."""

    async def publish(self, messages: Sequence[Message]) -> set[UUID]:
        """Deliver messages and return the ids of those that the bus durably has.

        Raises `BusUnavailableError` when the broker cannot be reached.
        """

    async def subscribe(self, queue: Queue, receive: Receive) -> Subscription:
        """Hand the messages of a queue to `receive`, in batches, one batch at a time."""

    async def unrouted(self) -> int:
        """Return how many messages nobody has bound; they are kept."""

    def connected(self) -> bool:
        """Return whether messages can be consumed now."""

    async def close(self) -> None:
        """Close the connections; stop subscriptions before."""
