"""What a broker has of what it must have: looked at, never changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aio_pika.abc import AbstractChannel
from aiormq.abc import AbstractChannel as PlainChannel
from aiormq.exceptions import (
    ChannelAccessRefused,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)

from shared.bus.interface import Exchange
from shared.bus.rabbit.line import Line, broker_errors, hang_up
from shared.bus.topology import Names, QueuePlan, Topology


@dataclass(frozen=True, slots=True)
class QueueState:
    """A queue as the broker has it; `other` says that it was made with other arguments."""

    name: str
    messages: int = 0
    consumers: int = 0
    missing: bool = False
    other: bool = False


async def broker_version(line: Line) -> str:
    """Return the version that the broker says it has. Raises `BusUnavailableError`."""
    channel = await line.channel()
    try:
        async with broker_errors():
            plain = await channel.get_underlay_channel()
            version = plain.connection.server_properties.get("version", b"")
            return version.decode() if isinstance(version, bytes) else str(version)
    finally:
        await hang_up(channel)


async def missing_exchanges(line: Line, topologies: Sequence[Topology]) -> list[str]:
    """Return the exchanges that are not there. Raises `BusUnavailableError`."""
    missing = []
    for name in dict.fromkeys(plan.name for one in topologies for plan in one.exchanges):
        channel = await line.channel()
        try:
            async with broker_errors():
                try:
                    await channel.get_exchange(name)
                except ChannelNotFoundEntity:
                    missing.append(name)
        finally:
            await hang_up(channel)
    return missing


async def queue_state(line: Line, plan: QueuePlan) -> QueueState:
    """Return how a queue is; its arguments are compared as far as the user may declare.

    Declaring a queue that is there with what it has changes nothing. Raises `BusUnavailableError`.
    """
    channel = await line.channel()
    try:
        async with broker_errors():
            try:
                found = await channel.declare_queue(plan.name, passive=True)
            except ChannelNotFoundEntity:
                return QueueState(plan.name, missing=True)
            result, other = found.declaration_result, await _is_other(channel, plan)
            return QueueState(
                plan.name, result.message_count or 0, result.consumer_count or 0, other=other
            )
    finally:
        await hang_up(channel)


async def refused_messages(line: Line, names: Names, keys: Iterable[str]) -> list[str]:
    """Return those of the event keys that this user may not say.

    Each is published in a transaction that is rolled back: the broker looks at the rights, and no
    queue gets anything. Raises `BusUnavailableError`.
    """
    refused, exchange = [], names.exchange(Exchange.EVENTS)
    for key in keys:
        channel = await line.channel()
        try:
            async with broker_errors():
                connection = (await channel.get_underlay_channel()).connection
                plain: PlainChannel = await connection.channel(publisher_confirms=False)
                try:
                    await plain.tx_select()
                    await plain.basic_publish(b"", exchange=exchange, routing_key=key)
                    await plain.tx_rollback()
                    await plain.close()
                except ChannelAccessRefused:
                    refused.append(key)
        finally:
            await hang_up(channel)
    return refused


async def _is_other(channel: AbstractChannel, plan: QueuePlan) -> bool:
    try:
        await channel.declare_queue(plan.name, durable=True, arguments=dict(plan.arguments))
    except ChannelPreconditionFailed:
        return True
    except ChannelAccessRefused:
        return False
    return False
