"""Plain connections to services' databases, without the time limit that serving needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection to the database of a SQLAlchemy URL while the block runs."""
    engine = create_async_engine(url, poolclass=NullPool)
    pooled = await engine.raw_connection()
    try:
        yield cast("asyncpg.Connection", pooled.driver_connection)
    finally:
        pooled.invalidate()
        await engine.dispose()
