"""Make exchanges, queues and bindings in the broker, or see that they are there."""

import asyncio
from typing import Final

from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity

from shared.bus.interface import BusUnavailableError
from shared.bus.rabbit.line import Line, broker_errors, hang_up
from shared.bus.topology import Topology

DECLARE_SECONDS: Final = 30.0
"""Some thirty round trips; on a cluster that elects leaders each takes up to a second."""


async def declare(line: Line, topology: Topology) -> None:
    """Make what is described, on a channel that is thrown away.

    A service whose user may declare nothing only looks whether the operator's definitions are
    there. Raises `BusUnavailableError` if something is missing or has other arguments.
    """
    async with broker_errors():
        try:
            await _on_its_own_channel(line, topology, make=True)
        except ChannelAccessRefused:
            await _on_its_own_channel(line, topology, make=False)


async def messages_in(line: Line, queue: str) -> int:
    """Return how many messages wait in a queue. Raises `BusUnavailableError`."""
    channel = await line.channel()
    try:
        async with broker_errors(), asyncio.timeout(DECLARE_SECONDS):
            declared = await channel.declare_queue(queue, passive=True)
            return declared.declaration_result.message_count or 0
    finally:
        await hang_up(channel)


async def _on_its_own_channel(line: Line, topology: Topology, *, make: bool) -> None:
    channel = await line.channel()
    try:
        async with asyncio.timeout(DECLARE_SECONDS):
            await (_make(channel, topology) if make else _look(channel, topology))
    finally:
        await hang_up(channel)


async def _make(channel: AbstractChannel, topology: Topology) -> None:
    for exchange in topology.exchanges:
        await channel.declare_exchange(
            exchange.name, exchange.type, durable=True, arguments=dict(exchange.arguments)
        )
    for plan in topology.queues:
        await channel.declare_queue(plan.name, durable=True, arguments=dict(plan.arguments))
    for binding in topology.bindings:
        queue = await channel.get_queue(binding.queue, ensure=False)
        await queue.bind(binding.exchange, binding.key)


async def _look(channel: AbstractChannel, topology: Topology) -> None:
    try:
        for exchange in topology.exchanges:
            await channel.get_exchange(exchange.name)
        for plan in topology.queues:
            await channel.get_queue(plan.name)
    except ChannelNotFoundEntity as error:
        msg = f"{error}: load deploy/rabbitmq/definitions.json into the broker"
        raise BusUnavailableError(msg) from error
