"""The whole system on one screen: every service, one bus, one application."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from services.feedback import service as feedback
from services.integrations import service as integrations
from services.integrations.settings import IntegrationSettings
from services.integrations.sign_in.keys import ensure_signing_key
from services.reporting import service as reporting
from services.surveys import service as surveys
from services.tickets import service as tickets
from shared.bus.interface import Bus
from shared.bus.local import LocalBus
from shared.bus.rabbit.bus import RabbitBus
from shared.contracts.registry import may_send
from shared.crypto.key_files import ensure_keys, is_divided
from shared.crypto.vault import KEYS_FILE, Vault, read_vault
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.http.front import front_of
from shared.http.health import Readiness
from shared.service import Service
from shared.settings import CommonSettings
from shared.work import working
from standalone.documents import add_documents
from standalone.gateway import Gateway, owners
from standalone.host import host_app

PARTS = {part.NAME: part for part in (tickets, surveys, feedback, reporting, integrations)}
NAMES = tuple(PARTS)


@dataclass(frozen=True, slots=True)
class System:
    """Everything that runs in this process."""

    services: Mapping[str, Service]
    databases: Mapping[str, Database]
    vaults: Mapping[str, Vault]
    apps: Mapping[str, FastAPI]
    gateway: Gateway


def vaults_of(common: CommonSettings) -> dict[str, Vault]:
    """Return each service's keys: from one file, made when there is none yet, or from a file each.

    Raises InstallationError when one lacks a key, and as `key_files`.
    """
    divided = is_divided(common.secrets)
    if not divided:
        ensure_keys(common.secrets, NAMES)
        ensure_signing_key(IntegrationSettings().signing or common.secrets)
    return {
        name: read_vault(
            common.secrets / (name if divided else "") / KEYS_FILE, name, recipients=part.WRITES_TO
        )
        for name, part in PARTS.items()
    }


def services_of(common: CommonSettings, vaults: Mapping[str, Vault]) -> dict[str, Service]:
    """Return the services, composed."""
    return {name: part.create_service(common, vaults[name]) for name, part in PARTS.items()}


@asynccontextmanager
async def composed(common: CommonSettings) -> AsyncIterator[System]:
    """Run all services in this process; their databases are migrated already."""
    vaults = vaults_of(common)
    services = services_of(common, vaults)
    keys = next(service.keys for service in services.values() if service.keys)
    front = front_of(common)
    async with AsyncExitStack() as stack:
        databases = {name: service.database(common) for name, service in services.items()}
        for database in databases.values():
            stack.push_async_callback(database.dispose)
        bus_of = _buses(common, services, databases)
        apps = {}
        for name, service in services.items():
            bus = bus_of(name)
            stack.push_async_callback(bus.close)
            await stack.enter_async_context(working(service, databases[name], bus, vaults[name]))
            apps[name] = create_app(service, Ground(databases[name], vaults[name], keys, front))
        host = host_app(Readiness(services[n], databases[n], bus_of(n)) for n in NAMES)
        add_documents(host, apps.values(), (dict(s.vocabulary) for s in services.values()))
        doors = {words: apps[name] for words, name in owners(services.values()).items()}
        yield System(services, databases, vaults, apps, Gateway(doors, host))


def _buses(
    common: CommonSettings,
    services: Mapping[str, Service],
    databases: Mapping[str, Database],
) -> Callable[[str], Bus]:
    """Return the bus that each service uses: one in this process, or its line to RabbitMQ."""
    if common.broker_url is None:
        queues = {queue: databases[name] for name, s in services.items() for queue in s.queues}
        local = LocalBus(home=databases[integrations.NAME], queues=queues, may_send=may_send)
        return lambda _name: local
    lines = {
        name: RabbitBus(
            common.broker_url, service=name, may_send=may_send, prefix=common.amqp_prefix
        )
        for name in NAMES
    }
    return lambda name: lines[name]
