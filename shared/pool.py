"""A process's open connections to one database, kept between the transactions that use them."""

import asyncio
from typing import cast

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class Pool:
    """At most `size` connections of an engine that keeps none itself; the last used comes first.

    SQLAlchemy's own pool changes to another greenlet to take one and to give it back: with what
    it does there, a sixth of a small request.
    """

    def __init__(self, engine: AsyncEngine, size: int, *, patience: float) -> None:
        """Who waits longer than `patience` seconds for a connection gets TimeoutError."""
        self.size = size
        self._engine = engine
        self._patience = patience
        self._free = asyncio.Semaphore(size)
        self._idle: list[AsyncConnection] = []
        self._disposed = False
        self.in_use = 0

    async def take(self) -> AsyncConnection:
        """Return a connection that is open as far as the driver knows, until `give_back`.

        The driver learns at once when the server ends one; to ask would be a way to the server.
        Raises TimeoutError, and what connecting raises.
        """
        if self._free.locked():
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        else:
            await self._free.acquire()
        self.in_use += 1
        try:
            while self._idle:
                session = self._idle.pop()
                if not driver_of(session).is_closed():
                    return session
                await _end(session)
            return await self._engine.connect()
        except BaseException:
            self._release()
            raise

    async def give_back(self, session: AsyncConnection) -> None:
        """Keep a connection for the next one, or end it: a broken one, or when nobody is to come.

        One that was given options of its own ends, too: they hold as long as it does.
        """
        try:
            if session.invalidated or self._disposed or self._has_options(session):
                await session.close()
                return
            if session.in_transaction():  # SQLAlchemy's own idea of one; there is none
                await session.rollback()
            self._idle.append(session)
        finally:
            self._release()

    async def dispose(self) -> None:
        """End what is idle now, and the others when they are given back."""
        self._disposed = True
        while self._idle:
            await self._idle.pop().close()
        await self._engine.dispose()

    def _has_options(self, session: AsyncConnection) -> bool:
        own = cast("Connection", session.sync_connection).get_execution_options()
        return own != self._engine.sync_engine.get_execution_options()

    def _release(self) -> None:
        self.in_use -= 1
        self._free.release()


def driver_of(session: AsyncConnection) -> asyncpg.Connection:
    """Return the driver's connection under a session."""
    open_one = cast("Connection", session.sync_connection)
    driver: asyncpg.Connection = open_one.connection.driver_connection
    return driver


async def _end(session: AsyncConnection) -> None:
    await session.invalidate()
    await session.close()
