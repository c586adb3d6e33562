"""Answer HTTP in this process until somebody asks it to stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

BACKLOG: Final = 2048
GRACEFUL_SECONDS: Final = 10
"""Longer than any request of ours should take; Ctrl-C must not wait for one that hangs."""

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than the 60 s of a proxy in front, which else would write into a closing connection."""


LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""Where only this machine can reach us: the development sign-in works nowhere else."""


class PortTakenError(Exception):
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
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Answer requests while the block runs; at its end running requests are finished."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            loop="uvloop",
            http="httptools",
            timeout_graceful_shutdown=GRACEFUL_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
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


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again before the services have stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
