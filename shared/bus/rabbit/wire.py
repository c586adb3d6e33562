"""A message as it travels: CloudEvents JSON in the body, its envelope repeated in properties."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from aio_pika import DeliveryMode
from aio_pika import Message as Packet
from aio_pika.abc import AbstractIncomingMessage

from shared.bus.interface import Delivery, Exchange, MaySend, Message
from shared.bus.topology import Names

ATTEMPT: Final = "careloop-attempt"
EXCHANGE: Final = "careloop-exchange"
KEY: Final = "careloop-key"
"""Headers: a retried message arrives by another way, and still is what was published."""


KEEPER_OF_THE_LOG: Final = "reporting"
"""It has heard every event there is, and says them again for a service that is new."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery with what is needed to settle it.

    `deliveries` counts those before this one that ended without an answer.
    """

    delivery: Delivery
    packet: AbstractIncomingMessage
    deliveries: int


@dataclass(frozen=True, slots=True)
class Passport:
    """How a service recognises who speaks.

    Where every service has its own broker user, the broker vouches for `user_id`; where all share
    one, the name in the message must do.
    """

    names: Names
    service: str
    user: str
    may_send: MaySend

    @property
    def vouched(self) -> bool:
        """Return whether every service has its own user in this deployment."""
        return self.user == self.names.user(self.service)

    def genuine(self, message: Message, user_id: str | None, exchange: str) -> bool:
        """Return whether the sender may say this and is who it says.

        What comes by requeue was put there by the service itself (a retry or a replay), or it is
        part of a snapshot: from its sender, or from who keeps the log of all events.
        """
        if not self.may_send(message.sender, message.type):
            return False
        if not self.vouched:
            return True
        trusted = {self.names.user(message.sender)}
        if exchange == self.names.exchange(Exchange.REQUEUE):
            trusted |= {self.user, self.names.user(KEEPER_OF_THE_LOG)}
        return user_id in trusted


def packed(message: Message, passport: Passport, attempt: int = 0) -> Packet:
    """Return a message as the broker gets it."""
    return Packet(
        message.body,
        content_type="application/cloudevents+json",
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=str(message.id),
        type=message.type,
        timestamp=datetime.now(UTC),
        app_id=message.sender,
        user_id=passport.user if passport.vouched else None,
        headers={ATTEMPT: attempt, EXCHANGE: message.exchange, KEY: message.key},
    )


def unpacked(packet: AbstractIncomingMessage, passport: Passport) -> Arrived:
    """Return a packet of a work queue as a delivery, `foreign` if its sender may not say it."""
    message, readable = _message(packet)
    genuine = readable and passport.genuine(message, packet.user_id, packet.exchange or "")
    delivery = Delivery(
        message, _number(packet.headers, ATTEMPT), bool(packet.redelivered), foreign=not genuine
    )
    return Arrived(delivery, packet, _number(packet.headers, "x-delivery-count"))


def unpacked_dead(packet: AbstractIncomingMessage, passport: Passport) -> Arrived:
    """Return a packet of a dead queue as a delivery that is addressed to where it died."""
    message, readable = _message(packet)
    death = _last_death(packet.headers)
    genuine = readable and passport.genuine(message, packet.user_id, _exchange_of(death))
    queue = str(death.get("queue", "")).removeprefix(f"{passport.names.prefix}.")
    died = Message(message.id, message.type, message.sender, Exchange.REQUEUE, queue, message.body)
    delivery = Delivery(died, 0, bool(packet.redelivered), foreign=not genuine)
    return Arrived(delivery, packet, 0)


def _message(packet: AbstractIncomingMessage) -> tuple[Message, bool]:
    """Return the message, and whether it could be ours; what could not still has an id to keep."""
    readable = True
    try:
        message_id = UUID(packet.message_id or "")
        exchange = Exchange(str(packet.headers.get(EXCHANGE)))
    except ValueError:
        readable = False
        message_id = uuid5(NAMESPACE_OID, f"{packet.message_id}{packet.body.hex()}")
        exchange = Exchange.REQUEUE
    key = str(packet.headers.get(KEY, ""))
    sender = packet.app_id or ""
    return Message(message_id, packet.type or "", sender, exchange, key, packet.body), readable


def _number(headers: Mapping[str, Any], name: str) -> int:
    value = headers.get(name)
    return value if isinstance(value, int) else 0


def _last_death(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return why and where a message died most recently; waiting for a retry is no death."""
    deaths = headers.get("x-death")
    listed = deaths if isinstance(deaths, list) else []
    return next((death for death in listed if death.get("reason") != "expired"), {})


def _exchange_of(death: Mapping[str, Any]) -> str:
    return str(death.get("exchange", ""))
