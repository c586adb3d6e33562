"""`careloop run`: everything in one process, on a PostgreSQL of its own, until Ctrl-C."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvloop

from shared.host import migrate_part
from shared.http.front import front_of
from shared.serving import LOCAL, listening, serving, stop_asked
from shared.settings import PREFIX, CommonSettings
from shared.tracing import tracing
from standalone.compose import NAMES, PARTS, System, composed, vaults_of
from standalone.place import Place, StartError
from standalone.postgres import Postgres, create_databases

Beside = Callable[[System, CommonSettings], Awaitable[None]]
"""What is done beside serving, from when requests are answered."""


def run(place: Place, beside: Beside) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises PortTakenError, StartError, or PostgresError when its own PostgreSQL cannot start.
    """
    with listening(place.host, place.port) as listener, own_database(place) as url:
        common = settings_of(place, url, listener.getsockname()[1])
        with tracing(common.otlp_endpoint, common.trace_ratio, process="careloop"):
            uvloop.run(_serve(common, listener, beside))


def settings_of(place: Place, database_url: str | None, port: int) -> CommonSettings:
    """Return the settings of the environment, with what the place decides where it is silent.

    Raises StartError for a development sign-in that others could reach.
    """
    given, local = CommonSettings(), place.host in LOCAL
    if given.development and not local:
        msg = "The development sign-in works on 127.0.0.1 only: unset CARELOOP_DEVELOPMENT."
        raise StartError(msg)
    name = place.host if local else socket.gethostname()
    own: dict[str, Any] = {
        "database_url": database_url,
        "secrets": place.data / "secrets",
        "public_url": f"http://{name}:{port}",
        "development": local,
    }
    return given.model_copy(
        update={key: value for key, value in own.items() if key not in given.model_fields_set}
    )


@contextmanager
def own_database(place: Place) -> Iterator[str | None]:
    """Run a PostgreSQL in the data folder, unless a server is named in the environment."""
    if os.environ.get(f"{PREFIX}DATABASE_URL"):
        yield None
        return
    server = Postgres(place.data / "postgres")
    server.start()
    try:
        prefix = CommonSettings().database_prefix
        asyncio.run(create_databases(server, [f"{prefix}_{name}" for name in NAMES]))
        yield server.url("DATABASE").replace("DATABASE", "{database}")
    finally:
        server.stop()


async def _serve(common: CommonSettings, listener: socket.socket, beside: Beside) -> None:
    stopped = stop_asked()
    vaults_of(common)  # the keys, made when there are none yet
    for part in PARTS.values():
        await migrate_part(part, common)
    async with composed(common) as system, serving(system.gateway, listener, front_of(common)):
        task = asyncio.ensure_future(beside(system, common))
        await stopped.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
