"""A connection to the broker that is opened when it is needed and again when it was lost.

aio-pika's own "robust" objects restore themselves in the background and fail meanwhile in many
ways; here a lost connection is one exception, and whoever had it starts again.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, DeliveryError

from shared.bus.interface import BusUnavailableError

CONNECT_SECONDS: Final = 10.0
"""A healthy broker answers within a second, behind a slow balancer within three."""

HEARTBEAT_SECONDS: Final = 15
"""A silent connection is given up after 48 s; `?heartbeat=` in the address says otherwise."""

CLOSE_SECONDS: Final = 2.0
"""A broker in alarm reads nothing, so it never answers a polite goodbye."""


@asynccontextmanager
async def broker_errors() -> AsyncIterator[None]:
    """Turn whatever the client raises for a lost connection into `BusUnavailableError`.

    The client also cancels who waits for a connection that it closes; that is told apart from the
    cancellation of the task itself. A refused declaration or error 541 of a dying node is no
    different: start again. Only a message that the broker refuses alone stays what it is.
    """
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise BusUnavailableError("the connection was closed") from error
    except DeliveryError:
        raise
    except CONNECTION_EXCEPTIONS as error:
        raise BusUnavailableError(f"{type(error).__name__}: {error}") from error


def hosts_of(url: str) -> list[str]:
    """Return an address for each host of `amqp://user:secret@one:5672,two:5672/`."""
    parts = urlsplit(url)
    who, at, hosts = parts.netloc.rpartition("@")
    return [urlunsplit(parts._replace(netloc=f"{who}{at}{host}")) for host in hosts.split(",")]


class _Connection(aio_pika.Connection):
    """Closed by its line; the library's own also when it is collected, by whatever loop runs then.

    One that never opened has nothing to close, and its closing would be awaited by nobody.
    """

    def __del__(self) -> None:
        """Leave it."""


class Line:
    """One connection, shared by those who ask for channels."""

    def __init__(self, url: str, name: str) -> None:
        """Connect lazily to a host of `url`; `name` is what operators see in the broker's list.

        Each line begins with any of the hosts, so that the nodes of a cluster share the work.
        """
        hosts = hosts_of(url)
        self._hosts = deque(random.sample(hosts, len(hosts)))
        self._heartbeat = (
            None if "heartbeat" in parse_qs(urlsplit(url).query) else HEARTBEAT_SECONDS
        )
        self._name = name
        self._connection: AbstractConnection | None = None
        self._opening = asyncio.Lock()

    async def channel(self) -> AbstractChannel:
        """Return a new channel with confirms. Raises `BusUnavailableError`."""
        try:
            async with broker_errors():
                connection = await self._open()
                async with asyncio.timeout(CONNECT_SECONDS):
                    # A message that no queue took, not even the shelf, is not delivered.
                    return await connection.channel(on_return_raises=True)
        except BusUnavailableError:
            await self.drop()  # a connection that opens no channel is dead and does not know it
            self._hosts.rotate(-1)
            raise

    async def drop(self) -> None:
        """Close the connection; the next channel opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await hang_up(connection)

    async def _open(self) -> AbstractConnection:
        async with self._opening:
            if self._connection is None or not self._connection.connected.is_set():
                await self.drop()
                self._connection = await self._connect()
            return self._connection

    async def _connect(self) -> AbstractConnection:
        """Connect to the host of the last time, else to the next that answers."""
        errors: list[BusUnavailableError] = []
        for _ in range(len(self._hosts)):
            try:
                async with broker_errors():
                    return await aio_pika.connect(
                        self._hosts[0],
                        timeout=CONNECT_SECONDS,
                        heartbeat=self._heartbeat,
                        client_properties={"connection_name": self._name},
                        connection_class=_Connection,
                    )
            except BusUnavailableError as error:
                errors.append(error)
                self._hosts.rotate(-1)
        raise errors[-1]


async def hang_up(end: AbstractConnection | AbstractChannel) -> None:
    """Close a connection or a channel that may be dead already."""
    try:
        async with broker_errors(), asyncio.timeout(CLOSE_SECONDS):
            await end.close()
    except BusUnavailableError:
        return
