"""`careloop run`: everything in one process, on a PostgreSQL of its own, until Ctrl-C."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from shared.migrations import migrate
from shared.settings import PREFIX, CommonSettings
from standalone.compose import NAMES, System, composed, services_of, vaults_of
from standalone.postgres import Postgres, create_databases

BACKLOG: Final = 2048
GRACEFUL_SECONDS: Final = 10
"""A request takes 30 s at most by its database's time-out, but Ctrl-C must not take as long."""

LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class StartError(Exception):
    """It cannot start, and this sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the system listens, and where its data lie."""

    host: str
    port: int
    data: Path


def run(place: Place, started: Callable[[System, str], Awaitable[None]]) -> None:
    """Serve until SIGINT or SIGTERM; `started` runs beside it from when requests are answered.

    Raises StartError, or PostgresError when its own PostgreSQL cannot start.
    """
    with _listening(place) as listener, _database(place) as server_url:
        common = _settings(place, server_url, listener.getsockname()[1])
        asyncio.run(_serve(common, listener, started))


@contextmanager
def _listening(place: Place) -> Iterator[socket.socket]:
    """Take the port before anything else starts, so that a taken one costs nothing."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((place.host, place.port))
        except OSError as error:
            msg = (
                f"{place.host}:{place.port} cannot be used ({error.strerror}): "
                "choose another, as in `make run PORT=9000`."
            )
            raise StartError(msg) from error
        listener.listen(BACKLOG)
        yield listener


@contextmanager
def _database(place: Place) -> Iterator[str | None]:
    """Start a PostgreSQL in the data folder, unless one is named in the environment."""
    if os.environ.get(f"{PREFIX}DATABASE_URL"):
        yield None
        return
    server = Postgres(place.data / "postgres")
    server.start()
    try:
        databases = [f"{CommonSettings().database_prefix}_{name}" for name in NAMES]
        asyncio.run(create_databases(server, databases))
        yield server.url("")
    finally:
        server.stop()


def _settings(place: Place, server_url: str | None, port: int) -> CommonSettings:
    local = place.host in LOCAL
    given = CommonSettings()
    own: dict[str, object] = {}
    if server_url is not None:
        own["database_url"] = server_url
    if "secrets" not in given.model_fields_set:
        own["secrets"] = place.data / "secrets"
    if "public_url" not in given.model_fields_set:
        own["public_url"] = f"http://{place.host if local else socket.gethostname()}:{port}"
    if "development" not in given.model_fields_set:
        own["development"] = local
    elif given.development and not local:
        msg = "the development sign-in works on 127.0.0.1 only: unset CARELOOP_DEVELOPMENT."
        raise StartError(msg)
    return given.model_copy(update=own)


async def _serve(
    common: CommonSettings,
    listener: socket.socket,
    started: Callable[[System, str], Awaitable[None]],
) -> None:
    vaults = vaults_of(common)
    services = services_of(common, vaults)
    for name in NAMES:
        await migrate(services[name], common.database_url_of(name))
    async with composed(common) as system, _serving(system, listener) as stopped:
        beside = asyncio.ensure_future(started(system, common.public_url))
        await stopped.wait()
        beside.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beside


@asynccontextmanager
async def _serving(system: System, listener: socket.socket) -> AsyncIterator[asyncio.Event]:
    """Answer requests while the block runs; the event is set when somebody asks us to stop."""
    server = _Server(
        uvicorn.Config(
            system.gateway,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACEFUL_SECONDS,
        )
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    serving.add_done_callback(lambda _task: stopped.set())
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    try:
        yield stopped
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again before the services have stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
