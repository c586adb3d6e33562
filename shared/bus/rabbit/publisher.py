"""Publishing in windows: many messages on the way at once, each confirmed or not counted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aio_pika import Message as Packet
from aio_pika.abc import AbstractChannel, AbstractExchange
from aio_pika.exceptions import DeliveryError

from shared.bus.interface import BusUnavailableError
from shared.bus.rabbit.declare import declare
from shared.bus.rabbit.line import Line, broker_errors, hang_up
from shared.bus.topology import Topology

WINDOW: Final = 500
"""On the way at once; more gains no rate and leaves more in doubt when the connection goes."""

WINDOW_SECONDS: Final = 15.0
"""A window takes 0.2 s; a broker in alarm takes it never. Below the relay's lease of 60 s."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message with its address in the broker."""

    id: UUID
    packet: Packet
    exchange: str
    key: str


class Publisher:
    """One channel that publishes; opened at need, with its exchanges declared."""

    def __init__(self, line: Line, topology: Topology) -> None:
        self._line = line
        self._topology = topology
        self._channel: AbstractChannel | None = None
        self._opening = asyncio.Lock()

    async def publish(self, parcels: Sequence[Parcel]) -> set[UUID]:
        """Publish and return the ids that the broker confirmed.

        Raises `BusUnavailableError` if it confirmed none. What is not confirmed is unknown.
        """
        confirmed: set[UUID] = set()
        for begin in range(0, len(parcels), WINDOW):
            window = parcels[begin : begin + WINDOW]
            try:
                confirmed |= await self._window(window)
            except BusUnavailableError:
                if not confirmed:
                    raise
                break
        return confirmed

    async def _window(self, window: Sequence[Parcel]) -> set[UUID]:
        channel = await self._open()
        exchanges = {
            name: await channel.get_exchange(name, ensure=False)
            for name in {parcel.exchange for parcel in window}
        }
        on_the_way = {
            asyncio.create_task(_send(exchanges[parcel.exchange], parcel)): parcel.id
            for parcel in window
        }
        try:
            await asyncio.wait(on_the_way, timeout=WINDOW_SECONDS)
        finally:
            late = [task for task in on_the_way if task.cancel()]
        errors = [e for task in on_the_way if task not in late and (e := task.exception())]
        if late or any(not isinstance(error, DeliveryError) for error in errors):
            await self._forget(channel)
        confirmed = {
            message_id
            for task, message_id in on_the_way.items()
            if task not in late and task.exception() is None
        }
        if not confirmed:
            reason = str(errors[0]) if errors else f"no confirmation within {WINDOW_SECONDS} s"
            raise BusUnavailableError(reason)
        return confirmed

    async def _open(self) -> AbstractChannel:
        async with self._opening:
            if self._channel is None or self._channel.is_closed:
                await declare(self._line, self._topology)
                self._channel = await self._line.channel()
            return self._channel

    async def _forget(self, channel: AbstractChannel) -> None:
        """Give up a channel after an error; nothing of its connection is to be trusted then."""
        if self._channel is channel:
            self._channel = None
            await hang_up(channel)
            await self._line.drop()


async def _send(exchange: AbstractExchange, parcel: Parcel) -> None:
    async with broker_errors():
        await exchange.publish(parcel.packet, parcel.key, mandatory=True)
