"""A service's own PostgreSQL database: one engine, and one way to open a transaction."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from shared.metrics import POOL_WAIT
from shared.pool import Pool, driver_of

T = TypeVar("T")

Session = AsyncConnection
"""The unit of work: one request, or one batch of messages, is one transaction of it."""

EMITTED = "careloop_emitted"
"""Set in `session.info` by the outbox: the commit of this transaction wakes the relay."""

BEGUN = "careloop_begun"
"""The driver's transaction in `session.info`, from `begin` to its end."""

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
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",  # transactions are begun and ended by us
            hide_parameters=True,
            connect_args=arguments,
        )
        self.pool = Pool(self.engine, pool_size, patience=POOL_TIMEOUT_SECONDS)
        self.emitted = asyncio.Event()
        self._waited = POOL_WAIT.labels(self.name)

    @property
    def name(self) -> str:
        """Return the name of the database on its server, such as careloop_tickets."""
        return self.engine.url.database or ""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Open a transaction: committed when the block ends, rolled back when it raises."""
        session = await self.connect()
        try:
            await self.begin(session)
            yield session
        except BaseException:
            await self.roll_back(session)
            raise
        await self.commit(session)

    async def connect(self) -> Session:
        """Take a connection until `commit` or `roll_back`; until `begin` it has no transaction."""
        began = time.perf_counter()
        session = await self.pool.take()
        self._waited.observe(time.perf_counter() - began)
        info = session.info
        for left in (BEGUN, EMITTED, AFTER_COMMIT):
            info.pop(left, None)
        return session

    async def begin(self, session: Session) -> None:
        """Begin a transaction; the driver does it, as SQLAlchemy would need a statement first."""
        driver = driver_of(session)
        begun = session.info[BEGUN] = driver.transaction()
        await driven(driver, begun.start())

    async def commit(self, session: Session) -> None:
        """Commit what was begun, give the connection back, and wake who waits for what it did."""
        try:
            info = session.info
            emitted, following = info.pop(EMITTED, False), info.pop(AFTER_COMMIT, ())
            begun = info.get(BEGUN)
            if begun is not None:
                await _committed(driver_of(session), begun)
                del info[BEGUN]
        except BaseException:
            await self.roll_back(session)
            raise
        await self.pool.give_back(session)
        if emitted:
            self.emitted.set()
        for call in following:
            call()

    async def roll_back(self, session: Session) -> None:
        """Undo what was begun and give the connection back, also when its task is cancelled."""
        await asyncio.shield(self._undone(session))

    async def dispose(self) -> None:
        """Close every connection."""
        await self.pool.dispose()

    async def _undone(self, session: Session) -> None:
        """Give the connection back, unless it may still be in a transaction.

        Who got it next would be inside, and never commit. So it is after a BEGIN or COMMIT that
        was broken off on its way.
        """
        if not session.invalidated:
            begun = session.info.pop(BEGUN, None)
            if begun is not None and not await _rolled_back(begun):
                await session.invalidate()
        await self.pool.give_back(session)


async def driven(driver: asyncpg.Connection, call: Awaitable[T]) -> T:
    """Await what the driver does. Raises ConnectionResetError when its connection is lost.

    Of itself it raises the same for this and for a value that fits no column.
    """
    try:
        return await call
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        if driver.is_closed():
            raise ConnectionResetError("the database ended the connection") from error
        raise


async def _committed(driver: asyncpg.Connection, begun: Any) -> None:
    await driven(driver, begun.commit())
    if driver.is_in_transaction():
        raise ConnectionResetError("another transaction was open around this one")


async def _rolled_back(begun: Any) -> bool:
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await begun.rollback()
        return True
    return False
