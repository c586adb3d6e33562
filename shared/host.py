"""One service as processes of its own: `api`, `worker`, `migrate`."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import httpx
from fastapi import FastAPI

from shared.auth.tokens import FetchedKeys
from shared.bus.rabbit.bus import RabbitBus
from shared.contracts.registry import may_send
from shared.crypto.vault import KEYS_FILE, Vault, read_vault
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.http.health import Readiness
from shared.http.health_api import add_health
from shared.migrations import migrate
from shared.service import Service
from shared.serving import LOCAL, listening, serving, stop_asked
from shared.settings import PREFIX, CommonSettings
from shared.work import relaying, working

JWKS_PATH = "/api/v1/auth/jwks.json"


class Part(Protocol):
    """The `service.py` of a service."""

    NAME: str
    WRITES_TO: tuple[str, ...]

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

    Events go only to queues that are there: a service that first runs a second after another one
    spoke would never hear it.
    """
    service = part.create_service(common, _vault(part, common))
    await migrate(service, service.url(common))
    if common.amqp_url is not None:
        bus = _bus(service, common, common.amqp_url)
        try:
            await bus.prepare(service.queues)
        finally:
            await bus.close()


async def serve_api(part: Part, common: CommonSettings, host: str, port: int) -> None:
    """Answer a service's HTTP until SIGINT or SIGTERM, and relay what its requests say.

    Raises ValueError for a development sign-in that others could reach.
    """
    if common.development and host not in LOCAL:
        msg = f"the development sign-in works on 127.0.0.1 only: unset {PREFIX}DEVELOPMENT"
        raise ValueError(msg)
    stopped = stop_asked()
    with listening(host, port) as listener:
        async with (
            _opened(part, common) as running,
            httpx.AsyncClient(trust_env=False) as client,
            relaying(running.service, running.database, running.bus),
        ):
            url = common.jwks_url or common.public_url + JWKS_PATH
            keys = running.service.keys or FetchedKeys(url, client)
            ground = Ground(running.database, running.vault, keys)
            app = create_app(running.service, ground)
            add_health(app, [Readiness(running.service, running.database, running.bus)])
            async with serving(app, listener):
                await stopped.wait()


async def work(part: Part, common: CommonSettings, host: str, port: int) -> None:
    """Run a service's relay, consumers and sweeps until SIGINT or SIGTERM.

    Health and metrics are served on `port`; 0 takes any that is free.
    """
    stopped = stop_asked()
    with listening(host, port) as listener:
        async with (
            _opened(part, common) as running,
            working(running.service, running.database, running.bus, running.vault),
        ):
            app = FastAPI(openapi_url=None)
            add_health(app, [Readiness(running.service, running.database, running.bus)])
            async with serving(app, listener):
                await stopped.wait()


@asynccontextmanager
async def _opened(part: Part, common: CommonSettings) -> AsyncIterator[Running]:
    """Open a service's database and its line to the broker. Raises ValueError without either."""
    if common.amqp_url is None:
        msg = f"{PREFIX}AMQP_URL is not set: processes of their own need a broker between them"
        raise ValueError(msg)
    vault = _vault(part, common)
    service = part.create_service(common, vault)
    async with AsyncExitStack() as stack:
        database = service.database(common)
        stack.push_async_callback(database.dispose)
        bus = _bus(service, common, common.amqp_url)
        stack.push_async_callback(bus.close)
        yield Running(service, vault, database, bus)


def _bus(service: Service, common: CommonSettings, url: str) -> RabbitBus:
    return RabbitBus(url, service=service.name, may_send=may_send, prefix=common.amqp_prefix)


def _vault(part: Part, common: CommonSettings) -> Vault:
    return read_vault(common.secrets / KEYS_FILE, part.NAME, recipients=part.WRITES_TO)
