"""A service's own PostgreSQL database: one engine, and one way to open a transaction."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import MetaData, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.metrics import POOL_WAIT

Session = AsyncConnection
"""The unit of work: one request, or one batch of messages, is one transaction of it."""

EMITTED = "careloop_emitted"
"""Set in `session.info` by the outbox: the commit of this transaction wakes the relay."""

AFTER_COMMIT = "careloop_after_commit"
"""A list in `session.info` of functions without arguments to call when this is committed."""

COMMAND_TIMEOUT_SECONDS = 30
"""Longer than any statement of ours needs; a hung server must not hold a request for ever."""

CONNECT_TIMEOUT_SECONDS = 5
"""2 ms as a rule; a server that is stopped takes connections and says nothing, for a minute."""

POOL_TIMEOUT_SECONDS = 10
"""Who waited so long for a connection of ours finds all of them stuck: 503 is the better answer."""

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata(schema: str | None = None) -> MetaData:
    """Return a MetaData whose constraints are named alike everywhere: migrations name them."""
    return MetaData(schema=schema, naming_convention=CONSTRAINT_NAMES)


class Database:
    """The connections of one process to one service's database."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 8,
        statement_cache: bool = True,
        command_timeout: float = COMMAND_TIMEOUT_SECONDS,
    ) -> None:
        """Connect lazily to `url` (postgresql+asyncpg://…).

        `statement_cache=False` is for pgbouncer in transaction mode, which cannot keep prepared
        statements. A statement that takes longer than `command_timeout` seconds is given up.
        """
        arguments: dict[str, Any] = {
            "command_timeout": command_timeout,
            "timeout": CONNECT_TIMEOUT_SECONDS,
        }
        if not statement_cache:
            arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            hide_parameters=True,
            connect_args=arguments,
        )
        event.listen(self.engine.sync_engine, "checkout", _replace_when_closed)
        self.emitted = asyncio.Event()
        self._waited = POOL_WAIT.labels(self.name)

    @property
    def name(self) -> str:
        """Return the name of the database on its server, such as careloop_tickets."""
        return self.engine.url.database or ""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Open a transaction: committed when the block ends, rolled back when it raises."""
        session = await self.begin()
        try:
            yield session
        except BaseException:
            await self.roll_back(session)
            raise
        await self.commit(session)

    async def begin(self) -> Session:
        """Open a transaction that `commit` or `roll_back` ends."""
        began = time.perf_counter()
        session = await self.engine.connect()
        self._waited.observe(time.perf_counter() - began)
        await session.begin()
        session.info.pop(EMITTED, None)
        session.info.pop(AFTER_COMMIT, None)
        return session

    async def commit(self, session: Session) -> None:
        """Commit a transaction, give its connection back, and wake who waits for what it did."""
        emitted = session.info.pop(EMITTED, False)
        following = session.info.pop(AFTER_COMMIT, ())
        try:
            await session.commit()
        except BaseException:
            await self.roll_back(session)
            raise
        await session.close()
        if emitted:
            self.emitted.set()
        for call in following:
            call()

    async def roll_back(self, session: Session) -> None:
        """Undo a transaction and give its connection back, also when its task is cancelled."""
        await asyncio.shield(session.close())

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _replace_when_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Let the pool connect anew when the server ended this connection while it was idle.

    The driver knows without asking, so it costs 0.3 µs where `pool_pre_ping` costs a round trip.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError
