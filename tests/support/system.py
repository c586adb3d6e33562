"""The real system as processes: all in one, or each service as API and worker over RabbitMQ."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx

from shared.bus.interface import LADDER
from shared.bus.topology import Names, ground, of_service
from shared.database import Database
from shared.host import migrate_part
from shared.service import Service
from shared.settings import CommonSettings
from standalone.compose import NAMES, PARTS, services_of, vaults_of
from standalone.gateway import first_words, owners
from standalone.postgres import Postgres, create_databases
from tests.support.databases import Server
from tests.support.first_company import ADMIN, PASSWORD, ROLE_OPTIONS, make_company
from tests.support.mail_server import MailServer, mail_server
from tests.support.processes import Process, command, free_ports

START_SECONDS = 180
"""Ten Python processes start at once; alone one needs two seconds, on a loaded machine sixty."""

ORIGIN = "http://careloop.test"
LIMITS = httpx.Limits(max_connections=20)


@dataclass
class Running:
    """A system that answers, and what a test looks at or breaks."""

    client: httpx.AsyncClient
    mails: MailServer
    processes: dict[str, Process]
    databases: dict[str, Database]
    health: dict[str, str] = field(default_factory=dict)
    ports: dict[str, list[int]] = field(default_factory=dict)
    """Of each service, where its APIs are asked in turn; a test may take some out."""
    amqp_url: str | None = None
    queues: Sequence[str] = ()

    def workers(self) -> list[str]:
        """Return the names of the processes that work in the background."""
        return [name for name in self.processes if name.endswith("-worker")]

    async def ready(self, *names: str) -> None:
        """Return when these processes answer. Raises AssertionError when they do not."""
        await asyncio.gather(*(self._ready(name) for name in names or self.processes))

    async def _ready(self, name: str) -> None:
        deadline, url = time.monotonic() + START_SECONDS, self.health[name]
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                assert self.processes[name].code is None, f"{name} ended"
                assert time.monotonic() < deadline, f"{name} does not answer"
                try:
                    if (await client.get(url)).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)


class ByPath(httpx.AsyncBaseTransport):
    """Hands each request to the service that its path belongs to, as a proxy in front does.

    The APIs of a service have their turns, and no request is tried again.
    """

    def __init__(self, owners_of: Mapping[str, str], ports: Mapping[str, Sequence[int]]) -> None:
        self._owners = owners_of
        self._ports = ports
        self._turns = itertools.count()
        self._http = httpx.AsyncHTTPTransport(limits=LIMITS, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        ports = self._ports[self._owners[first_words(request.url.path)]]
        port = ports[next(self._turns) % len(ports)]
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
        return await self._http.handle_async_request(request)

    async def aclose(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def standalone(
    binaries: Path | None, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[Running]:
    """Run `careloop run` in a folder, with mail that leaves; the data stay in the folder."""
    (port,) = free_ports(1)
    async with AsyncExitStack() as stack:
        mails = await stack.enter_async_context(mail_server())
        given = {"PORT": str(port), "DEMO": "0", "CARELOOP_INTEGRATIONS_SMTP_URL": mails.url}
        if binaries is not None:
            given["CARELOOP_POSTGRES_BIN"] = str(binaries)
        process = Process("run", ("run",), folder, {**given, **settings})
        stack.push_async_callback(_end, [process])
        process.start()
        url = f"http://127.0.0.1:{port}"
        client = httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=LIMITS)
        await stack.enter_async_context(client)
        address = Postgres(folder / ".data/postgres").url
        running = Running(client, mails, {"run": process}, {}, {"run": f"{url}/readyz"})
        await running.ready()
        for name in NAMES:
            running.databases[name] = Database(address(f"careloop_{name}"), pool_size=2)
            stack.push_async_callback(running.databases[name].dispose)
        yield running


@asynccontextmanager
async def over_rabbitmq(
    server: Server, amqp_url: str, folder: Path, settings: Mapping[str, str], *, apis: int = 1
) -> AsyncIterator[Running]:
    """Run every service as an API, or several, and a worker; one administrator may sign in."""
    prefix, doors = f"t{uuid4().hex[:8]}", _doors(apis)
    ports = {name: [doors[f"{name}-{part}"] for part in _api_parts(apis)] for name in NAMES}
    async with AsyncExitStack() as stack:
        mails = await stack.enter_async_context(mail_server())
        address = server.postgres.url("DATABASE").replace("DATABASE", "{database}")
        keys = f"http://127.0.0.1:{ports['integrations'][0]}/api/v1/auth/jwks.json"
        given = {
            **_installation(folder, address, prefix),
            "CARELOOP_AMQP_URL": amqp_url,
            "CARELOOP_JWKS_URL": keys,
            "CARELOOP_INTEGRATIONS_SMTP_URL": mails.url,
            **settings,
        }
        await create_databases(server.postgres, [f"{prefix}_{name}" for name in NAMES])
        common = CommonSettings(
            secrets=folder / "secrets",
            database_url=address,
            database_prefix=prefix,
            amqp_url=amqp_url,
            amqp_prefix=prefix,
        )
        services = services_of(common, vaults_of(common))
        processes = _processes(folder, given, doors)
        addresses = {name: common.database_url_of(name) for name in NAMES}
        stack.push_async_callback(_drop, server, list(addresses.values()))
        databases = {name: Database(url, pool_size=2) for name, url in addresses.items()}
        for database in databases.values():
            stack.push_async_callback(database.dispose)
        stack.push_async_callback(_end, list(processes.values()))
        for part in PARTS.values():
            await migrate_part(part, common)
        for process in processes.values():
            process.start()
        transport = ByPath(owners(services.values()), ports)
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=60)
        await stack.enter_async_context(client)
        running = Running(client, mails, processes, databases, _health(doors), ports)
        running.amqp_url, running.queues = amqp_url, _queues(prefix, services)
        await running.ready()
        await _first_people(running, folder, given)
        yield running


def _queues(prefix: str, services: Mapping[str, Service]) -> list[str]:
    """Return the names of all queues of a system, those of retries and strays included."""
    names = Names(prefix)
    plans = [of_service(names, name, service.queues) for name, service in services.items()]
    return [queue.name for plan in (ground(names, LADDER), *plans) for queue in plan.queues]


def _installation(folder: Path, address: str, prefix: str) -> dict[str, str]:
    return {
        "CARELOOP_DATABASE_URL": address,
        "CARELOOP_DATABASE_PREFIX": prefix,
        "CARELOOP_AMQP_PREFIX": prefix,
        "CARELOOP_SECRETS": str(folder / "secrets"),
        "CARELOOP_PUBLIC_URL": ORIGIN,
        "CARELOOP_DEVELOPMENT": "true",
    }


def _api_parts(apis: int) -> list[str]:
    return ["api", *(f"api{number}" for number in range(2, apis + 1))]


def _doors(apis: int) -> dict[str, int]:
    """Return the port of each process, such as tickets-api, tickets-api2, tickets-worker."""
    names = [f"{name}-{part}" for part in (*_api_parts(apis), "worker") for name in NAMES]
    return dict(zip(names, free_ports(len(names)), strict=True))


def _health(doors: Mapping[str, int]) -> dict[str, str]:
    """Return where each process says how it is."""
    return {name: f"http://127.0.0.1:{port}/readyz" for name, port in doors.items()}


def _processes(
    folder: Path, given: Mapping[str, str], doors: Mapping[str, int]
) -> dict[str, Process]:
    def process(name: str, port: int) -> Process:
        service, _, part = name.partition("-")
        arguments = (part.rstrip("0123456789"), service, "--port", str(port))
        return Process(name, arguments, folder, given)

    return {name: process(name, port) for name, port in doors.items()}


async def _first_people(running: Running, folder: Path, given: Mapping[str, str]) -> None:
    """Make the first account by the command, and the company by its holder."""
    made = await command(
        *("admin", "create", ADMIN, *ROLE_OPTIONS),
        folder=folder,
        settings=given,
        said=f"{PASSWORD}\n",
    )
    assert made.code == 0, made.err
    await make_company(running.client)


async def _end(processes: Sequence[Process]) -> None:
    """End them and show what they said: pytest prints it when the test failed."""
    await asyncio.gather(*(process.end() for process in processes))
    for process in processes:
        print(process.tail())  # noqa: T201 - what pytest shows of a failure


async def _drop(server: Server, urls: Sequence[str]) -> None:
    for url in urls:
        await server.drop(url)
