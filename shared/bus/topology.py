"""Every exchange, queue, binding and policy that CareLoop has in a broker, as plain data.

What a name already says (the time of a delay queue, the shelf of an exchange) is an argument, so
that a bare broker works; what an operator tunes is a policy (docs/decisions/0003).
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.bus.interface import DELIVERY_LIMIT, LADDER, Exchange, Queue, QueueKind

PREFIX: Final = "careloop"

NO_DELIVERY_LIMIT: Final = 2_000_000_000
"""RabbitMQ 4 drops after 20 deliveries what has no dead-letter exchange; 3.x knows no -1."""

WORK_KINDS: Final = (QueueKind.EVENTS, QueueKind.LETTERS)

Arguments = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class ExchangePlan:
    """A durable exchange."""

    name: str
    type: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """A durable quorum queue."""

    name: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Binding:
    """What an exchange gives to a queue."""

    exchange: str
    queue: str
    key: str


@dataclass(frozen=True, slots=True)
class Topology:
    """Exchanges, queues and bindings, in the order in which they can be made."""

    exchanges: tuple[ExchangePlan, ...]
    queues: tuple[QueuePlan, ...]
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The names that one deployment has in a broker that it may share."""

    prefix: str = PREFIX

    def exchange(self, exchange: Exchange) -> str:
        """Return the name of one of the three exchanges that messages are published to."""
        return f"{self.prefix}.{exchange}"

    def queue(self, name: str) -> str:
        """Return the broker's name of a queue such as surveys.events."""
        return f"{self.prefix}.{name}"

    def delay(self, seconds: float) -> str:
        """Return the name of the exchange, and of the queue, where a retry waits."""
        return f"{self.prefix}.delay.{duration(seconds)}"

    def dead(self, service: str) -> str:
        """Return the name of a service's dead-letter exchange."""
        return f"{self.prefix}.dlx.{service}"

    @property
    def unrouted(self) -> str:
        """Return the name of the exchange, and of the queue, for what nobody has bound."""
        return f"{self.prefix}.unrouted"

    def user(self, service: str) -> str:
        """Return the broker user of a service, where every service has its own."""
        return f"{self.prefix}-{service}"


def duration(seconds: float) -> str:
    """Return a time as it stands in names: 10s, 1m, 1h, 200ms."""
    milliseconds = round(seconds * 1000)
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def rung(seconds: float, ladder: Sequence[float]) -> float:
    """Return the rung where a message waits at least so long, else the last one."""
    return min((step for step in ladder if step >= seconds), default=max(ladder))


def ground(names: Names, ladder: Sequence[float]) -> Topology:
    """Return what everybody shares: the ways in, the delays and the shelf of the unrouted."""
    shelf: Arguments = {"alternate-exchange": names.unrouted}
    back_to_its_queue = _dead_lettered_to(names.exchange(Exchange.REQUEUE))
    delays = [(names.delay(seconds), round(seconds * 1000)) for seconds in ladder]
    return Topology(
        exchanges=(
            ExchangePlan(names.unrouted, "fanout", {}),
            ExchangePlan(names.exchange(Exchange.EVENTS), "topic", shelf),
            ExchangePlan(names.exchange(Exchange.LETTERS), "direct", shelf),
            ExchangePlan(names.exchange(Exchange.REQUEUE), "direct", shelf),
            *(ExchangePlan(name, "fanout", {}) for name, _ in delays),
        ),
        queues=(
            _quorum(names.unrouted, {}),
            *(
                _quorum(name, {"x-message-ttl": milliseconds, **back_to_its_queue})
                for name, milliseconds in delays
            ),
        ),
        bindings=(
            Binding(names.unrouted, names.unrouted, ""),
            *(Binding(name, name, "") for name, _ in delays),
        ),
    )


def of_service(names: Names, service: str, queues: Iterable[Queue]) -> Topology:
    """Return the work queues of one service with their bindings, and where its dead letters go."""
    work = [queue for queue in queues if queue.service == service and queue.kind in WORK_KINDS]
    dead = names.queue(Queue(service, QueueKind.DEAD).name)
    return Topology(
        exchanges=(ExchangePlan(names.dead(service), "fanout", {}),),
        queues=(
            _quorum(dead, {"x-delivery-limit": NO_DELIVERY_LIMIT}),
            *(_quorum(names.queue(q.name), _dead_lettered_to(names.dead(service))) for q in work),
        ),
        bindings=(
            Binding(names.dead(service), dead, ""),
            *(binding for queue in work for binding in _bindings(names, queue)),
        ),
    )


def definitions(
    queues: Iterable[Queue], *, prefix: str = PREFIX, ladder: Sequence[float] = LADDER
) -> dict[str, Any]:
    """Return what a broker loads at its start (`load_definitions`), for the vhost `/`."""
    queues = tuple(queues)
    names = Names(prefix)
    services = sorted({queue.service for queue in queues})
    parts = [ground(names, ladder), *(of_service(names, name, queues) for name in services)]
    common = {"vhost": "/", "durable": True, "auto_delete": False}
    return {
        "vhosts": [{"name": "/"}],
        "exchanges": [
            {"name": e.name, "type": e.type, "internal": False, "arguments": e.arguments} | common
            for part in parts
            for e in part.exchanges
        ],
        "queues": [
            {"name": queue.name, "arguments": queue.arguments} | common
            for part in parts
            for queue in part.queues
        ],
        "bindings": [
            {
                "source": binding.exchange,
                "vhost": "/",
                "destination": binding.queue,
                "destination_type": "queue",
                "routing_key": binding.key,
                "arguments": {},
            }
            for part in parts
            for binding in part.bindings
        ],
        "policies": [_work_policy(prefix)],
    }


def definitions_json(queues: Iterable[Queue]) -> str:
    """Return the text of `deploy/rabbitmq/definitions.json`."""
    return json.dumps(definitions(queues), indent=2) + "\n"


def _work_policy(prefix: str) -> dict[str, Any]:
    return {
        "vhost": "/",
        "name": f"{prefix}-work",
        "pattern": rf"^{re.escape(prefix)}\.[a-z]+\.(events|letters)$",
        "apply-to": "queues",
        "priority": 10,
        "definition": {"delivery-limit": DELIVERY_LIMIT},
    }


def _quorum(name: str, arguments: Arguments) -> QueuePlan:
    return QueuePlan(name, {"x-queue-type": "quorum", **arguments})


def _dead_lettered_to(exchange: str) -> Arguments:
    """Return the arguments that move a message with confirmation; the default may lose it."""
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",  # without it RabbitMQ falls back to at-most-once, silently
    }


def _bindings(names: Names, queue: Queue) -> list[Binding]:
    name = names.queue(queue.name)
    again = Binding(names.exchange(Exchange.REQUEUE), name, name)
    if queue.kind is QueueKind.LETTERS:
        return [again, Binding(names.exchange(Exchange.LETTERS), name, queue.service)]
    return [again, *(Binding(names.exchange(Exchange.EVENTS), name, key) for key in queue.types)]
