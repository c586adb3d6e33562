"""One service as processes of its own: `api`, `worker`, `migrate`."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import httpx
from fastapi import FastAPI
from pydantic_settings import BaseSettings

from shared.auth.tokens import FetchedKeys
from shared.bus.carry_over import carry_over
from shared.bus.rabbit.bus import RabbitBus
from shared.contracts.registry import may_send
from shared.crypto.vault import KEYS_FILE, Vault, read_vault
from shared.database import Database
from shared.errors import InstallationError
from shared.http.app import Ground, create_app
from shared.http.front import front_of
from shared.http.health import Readiness
from shared.http.health_api import add_health
from shared.http.problems import ProblemError, add_problem_handlers
from shared.http.requests import Requests
from shared.migrations import migrate
from shared.service import Service
from shared.serving import LOCAL, listening, serving, stop_asked
from shared.settings import PREFIX, CommonSettings
from shared.tracing import tracing
from shared.waiting import (
    schema_missing,
    wait_for_database,
    wait_for_queues,
    wait_for_schema,
)
from shared.work import relaying, working

JWKS_PATH = "/api/v1/auth/jwks.json"


class Part(Protocol):
    """The `service.py` of a service."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant of the module
        """Return the service's name."""

    @property
    def SETTINGS(self) -> type[BaseSettings]:  # noqa: N802
        """Return what it reads its own settings with."""

    @property
    def WRITES_TO(self) -> tuple[str, ...]:  # noqa: N802
        """Return whose letters it must be able to seal."""

    def create_service(self, common: CommonSettings, vault: Vault) -> Service:
        """Return the service, composed."""


@dataclass(frozen=True, slots=True)
class Running:
    """A service with what it works with in this process."""

    service: Service
    vault: Vault
    database: Database
    bus: RabbitBus


async def migrate_part(part: Part, common: CommonSettings) -> None:
    """Bring a service's database to the present schema, and its queues into the broker.

    A database or a broker that is not there yet is waited for.
    Events go only to queues that are there: a service that first runs a second after another one
    spoke would never hear it. What waited in its table, in the edition without a broker, goes on.
    """
    service = part.create_service(common, _vault(part, common))
    async with database_of(part, common) as database:
        await wait_for_database(service, database)
    await migrate(service, service.url(common))
    if common.broker_url is not None:
        bus = _bus(service, common, common.broker_url)
        try:
            await wait_for_queues(bus, service.queues, service.name)
            async with database_of(part, common) as database:
                await carry_over(database, bus)
        finally:
            await bus.close()


async def serve_api(part: Part, common: CommonSettings, host: str, port: int) -> None:
    """Answer a service's HTTP until SIGINT or SIGTERM, and relay what its requests say.

    Then it serves on for the drain time, not ready any more, and ends.
    Raises InstallationError for a development sign-in that others could reach.
    """
    if common.development and host not in LOCAL:
        msg = f"the development sign-in works on 127.0.0.1 only: unset {PREFIX}DEVELOPMENT"
        raise InstallationError(msg)
    stopped = stop_asked()
    with listening(host, port) as listener:
        async with _opened(part, common) as running, httpx.AsyncClient(trust_env=False) as client:
            if not await _begun(running, listener, stopped):
                return
            front = front_of(common)
            url = common.jwks_url or common.public_url + JWKS_PATH
            keys = running.service.keys or FetchedKeys(url, client)
            ground = Ground(running.database, running.vault, keys, front)
            app = create_app(running.service, ground)
            readiness = Readiness(running.service, running.database, running.bus)
            add_health(app, [readiness])
            async with (
                relaying(running.service, running.database, running.bus),
                serving(app, listener, front) as server,
            ):
                await stopped.wait()
                if common.drain_seconds:
                    readiness.leaving = True
                    await server.drain(common.drain_seconds)


async def work(part: Part, common: CommonSettings, host: str, port: int) -> None:
    """Run a service's relay, consumers and sweeps until SIGINT or SIGTERM.

    Health and metrics are served on `port`; 0 takes any that is free.
    """
    stopped = stop_asked()
    with listening(host, port) as listener:
        async with _opened(part, common) as running:
            if not await _begun(running, listener, stopped):
                return
            app = FastAPI(openapi_url=None)
            add_health(app, [Readiness(running.service, running.database, running.bus)])
            async with (
                working(running.service, running.database, running.bus, running.vault),
                serving(app, listener),
            ):
                await stopped.wait()


async def _begun(running: Running, listener: socket.socket, stopped: asyncio.Event) -> bool:
    """Return when the database is there and migrated; False when asked to stop before.

    Meanwhile the process lives, is not ready, and answers everybody else with 503.
    """
    if not await schema_missing(running.service, running.database):
        return True
    app = FastAPI(openapi_url=None)
    add_problem_handlers(app)
    add_health(app, [Readiness(running.service, running.database, running.bus)])

    @app.api_route("/{path:path}", methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
    async def not_yet() -> None:
        detail = "The service waits for its database."
        raise ProblemError(503, "unavailable", detail, {"Retry-After": "5"})

    app.add_middleware(Requests, service=running.service.name)
    async with serving(app, listener.dup()):  # the server closes the socket that it was given
        return await wait_for_schema(running.service, running.database, stopped)


@asynccontextmanager
async def database_of(part: Part, common: CommonSettings) -> AsyncIterator[Database]:
    """Open a service's database alone, for a command."""
    database = part.create_service(common, _vault(part, common)).database(common)
    try:
        yield database
    finally:
        await database.dispose()


@asynccontextmanager
async def _opened(part: Part, common: CommonSettings) -> AsyncIterator[Running]:
    """Open a service's database and its line to the broker.

    Raises InstallationError without either.
    """
    if common.broker_url is None:
        msg = f"{PREFIX}AMQP_URL is not set: processes of their own need a broker between them"
        raise InstallationError(msg)
    vault = _vault(part, common)
    service = part.create_service(common, vault)
    async with AsyncExitStack() as stack:
        name = f"careloop-{part.NAME}"
        stack.enter_context(tracing(common.otlp_endpoint, common.trace_ratio, process=name))
        database = service.database(common)
        stack.push_async_callback(database.dispose)
        bus = _bus(service, common, common.broker_url)
        stack.push_async_callback(bus.close)
        yield Running(service, vault, database, bus)


def _bus(service: Service, common: CommonSettings, url: str) -> RabbitBus:
    return RabbitBus(url, service=service.name, may_send=may_send, prefix=common.amqp_prefix)


def _vault(part: Part, common: CommonSettings) -> Vault:
    return read_vault(common.secrets / KEYS_FILE, part.NAME, recipients=part.WRITES_TO)
