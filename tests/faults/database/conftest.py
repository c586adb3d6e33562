"""One system on a PostgreSQL of its own, which the tests of this folder break and mend."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from standalone.postgres import PORT, Postgres
from tests.faults.database.small_disk import SmallDisk, may_mount, small_disk
from tests.support.answers import Answers
from tests.support.closings import CUSTOMERS, closed
from tests.support.company import Caller, Company, found_company
from tests.support.databases import Server
from tests.support.rabbitmq import RabbitNode
from tests.support.system import over_rabbitmq

TIMEOUT_SECONDS = 3.0
"""The tests wait for a hung database several times."""

SETTINGS = {
    "CARELOOP_LOG_LEVEL": "WARNING",
    "CARELOOP_DATABASE_POOL": "4",
    "CARELOOP_DATABASE_TIMEOUT": str(TIMEOUT_SECONDS),
}


@dataclass
class House:
    """A company at work, what it was answered, and the PostgreSQL below it."""

    postgres: Postgres
    disk: SmallDisk | None
    company: Company
    customers: Sequence[Caller]
    answers: Answers
    tickets: list[Any] = field(default_factory=list)

    async def close(self, count: int) -> None:
        """Let every customer file his share, one after the other, and play all to their end."""
        first = len(self.tickets)

        async def share(customer: Caller, numbers: range) -> None:
            for number in numbers:
                self.tickets.append(await closed(self.company, customer, number))

        async with asyncio.TaskGroup() as group:
            for place, customer in enumerate(self.customers):
                numbers = range(first + place, first + count, len(self.customers))
                group.create_task(share(customer, numbers))

    async def chief(self, database: str = "postgres") -> asyncpg.Connection:
        """Return a connection of the superuser."""
        return await asyncpg.connect(
            host=str(self.postgres.sockets), port=PORT, user="postgres", database=database
        )

    def named(self, service: str) -> str:
        """Return the name of a service's database."""
        return str(self.company.running.databases[service].engine.url.database)


@pytest.fixture(scope="package")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk | None]:
    """A file system of its own for the databases, where this machine lets us mount one."""
    if not may_mount():
        yield None
        return
    with small_disk(tmp_path_factory.mktemp("disk")) as mounted:
        yield mounted


@pytest.fixture(scope="package")
def durable(disk: SmallDisk | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL that keeps what it confirmed when it is killed, unlike that of other tests."""
    postgres = Postgres(tmp_path_factory.mktemp("durable") / "data")
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.stop()


@pytest.fixture(scope="package")
async def house(
    durable: Postgres,
    disk: SmallDisk | None,
    rabbit: RabbitNode,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[House]:
    if disk is not None:
        await disk.carry_databases(durable)
    folder = tmp_path_factory.mktemp("house")
    async with over_rabbitmq(Server(durable), rabbit.url, folder, SETTINGS) as running:
        company = await found_company(running)
        customers = [await company.customer(f"客户{n}") for n in range(CUSTOMERS)]
        answers = Answers()
        answers.watch(running.client)
        yield House(durable, disk, company, customers, answers)
