"""Answer HTTP in this process until somebody asks it to stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.errors import InstallationError
from shared.http.front import Front

BACKLOG: Final = 2048
GRACEFUL_SECONDS: Final = 10
"""Longer than any request of ours should take; Ctrl-C must not wait for one that hangs."""

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than the 60 s of a proxy in front, which else would write into a closing connection."""

LARGEST_HEAD: Final = 65_536
"""A token has one kilobyte; what browsers and proxies add are a few more."""

CLOSE: Final = (b"connection", b"close")

LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""Where only this machine can reach us: the development sign-in works nowhere else."""


class PortTakenError(InstallationError):
    """Another program listens there."""


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take a port, before anything else starts, so that a taken one costs nothing.

    Raises PortTakenError.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            msg = (
                f"{host}:{port} cannot be used ({error.strerror}): "
                "choose another port, as in `make run PORT=9000`."
            )
            raise PortTakenError(msg) from error
        listener.listen(BACKLOG)
        yield listener


@asynccontextmanager
async def serving(
    app: ASGIApp, listener: socket.socket, front: Front | None = None
) -> AsyncIterator["Server"]:
    """Answer requests while the block runs; at its end running requests are finished."""
    front = front or Front()
    server = Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            loop="uvloop",
            http=partial(_Connection, head_seconds=front.head_seconds),  # type: ignore[arg-type]
            ws="none",
            server_header=False,
            forwarded_allow_ips=front.trusted,
            limit_concurrency=front.connections,
            timeout_graceful_shutdown=GRACEFUL_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield server
    finally:
        server.should_exit = True
        await task


def stop_asked() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set from now on."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


class _Connection(HttpToolsProtocol):
    """Closes a connection whose headers do not end in time, or at all: uvicorn waits for ever."""

    def __init__(self, *, head_seconds: float, **given: Any) -> None:
        super().__init__(**given)
        self._head_seconds = head_seconds
        self._late: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._have_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._late is not None:
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD and b"\r\n\r\n" not in data:
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._expect_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._have_head()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(self._head_seconds, self.transport.close)

    def _have_head(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late, self._head_bytes = None, 0


class Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again before the services have stopped."""

    async def drain(self, seconds: float) -> None:
        """Serve on for so long, and let every answer end its connection.

        A proxy in front would else send into a connection that it kept while we close it, and may
        not send again what is no GET.
        """
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]
        await asyncio.sleep(seconds)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
