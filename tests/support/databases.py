"""Fresh databases in 20 ms: each service is migrated once and then copied."""

import asyncio
import itertools
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from shared.database import Database
from shared.migrations import migrate
from shared.service import Service
from standalone.postgres import PORT, Postgres, create_databases


@dataclass
class Server:
    """A PostgreSQL of the tests, with a migrated template for each service asked for."""

    postgres: Postgres
    _templates: dict[Hashable, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def binaries(self) -> Path | None:
        """Return the programs that it runs, for a process that starts its own server."""
        return self.postgres.binaries

    async def empty(self, name: str) -> str:
        """Create an empty database with a role of its own and return its address."""
        made = f"{name}_{next(self._numbers)}"
        await create_databases(self.postgres, [made])
        return self.postgres.url(made)

    async def copy(self, service: Service) -> str:
        """Create a migrated database of the service and return its address.

        Its role is as weak as in production: it owns its database and can open no other.
        """
        async with self._lock:
            template = await self._template(service)
            made = f"{service.name}_{next(self._numbers)}"
            await self._run(
                f'CREATE DATABASE "{made}" TEMPLATE "{template}" STRATEGY file_copy '
                f'OWNER "{template}"'
            )
        return self.postgres.url(made, role=template)

    async def drop(self, url: str) -> None:
        """Drop a database and whoever is connected to it."""
        name = url.partition("@/")[2].partition("?")[0]
        async with self._lock:
            await self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _template(self, service: Service) -> str:
        key = (service.name, service.migrations, repr(service.all_partitioned), service.seed)
        if key not in self._templates:
            name = f"template_{service.name}_{next(self._numbers)}"
            await create_databases(self.postgres, [name])
            await migrate(service, self.postgres.url(name))
            self._templates[key] = name
        return self._templates[key]

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(
            host=str(self.postgres.sockets), port=PORT, user="postgres", database="postgres"
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@dataclass
class Databases:
    """The databases of one test; they are gone when it ends."""

    server: Server
    _urls: list[str] = field(default_factory=list)
    _opened: list[Database] = field(default_factory=list)

    async def url(self, service: Service) -> str:
        """Return the address of a new, migrated database of the service."""
        url = await self.server.copy(service)
        self._urls.append(url)
        return url

    async def empty(self, name: str = "empty") -> str:
        """Return the address of a new database without a table."""
        url = await self.server.empty(name)
        self._urls.append(url)
        return url

    async def open(self, service: Service, *, pool_size: int = 8) -> Database:
        """Return a new, migrated database of the service, closed when the test ends."""
        return self.connect(await self.url(service), pool_size=pool_size)

    def connect(self, url: str, *, pool_size: int = 8) -> Database:
        """Return one more pool to a database, closed when the test ends: a second replica."""
        database = Database(url, pool_size=pool_size)
        self._opened.append(database)
        return database

    async def close(self) -> None:
        """Close and drop all of them."""
        for database in self._opened:
            await database.dispose()
        for url in self._urls:
            await self.server.drop(url)
