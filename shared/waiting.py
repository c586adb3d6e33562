"""Who starts before its database, its migrations or its broker waits, and says so in a sentence."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.bus.batches import interrupted
from shared.bus.interface import BusUnavailableError, Queue
from shared.bus.rabbit.bus import RabbitBus
from shared.database import Database
from shared.migrations import at_head
from shared.remedies import remedy
from shared.service import Service
from shared.trouble import is_away

LOOK_AGAIN_SECONDS: Final = 1.0
"""A start that waits for others should not add to their time."""

log = structlog.get_logger()


async def wait_for_schema(service: Service, database: Database, stopped: asyncio.Event) -> bool:
    """Return whether the database has every migration of this code; False when asked to stop."""
    missing = partial(schema_missing, service, database)
    return await _wait(missing, "waiting_for_database", service.name, stopped)


async def wait_for_database(service: Service, database: Database) -> None:
    """Return when the database answers."""
    silence = partial(_silence, database)
    await _wait(silence, "waiting_for_database", service.name, asyncio.Event())


async def wait_for_queues(bus: RabbitBus, queues: tuple[Queue, ...], service: str) -> None:
    """Return when the broker has the service's queues, made by us where we may."""

    async def lacking() -> str:
        try:
            await bus.prepare(queues)
        except BusUnavailableError as error:
            return remedy(error) or str(error)
        return ""

    await _wait(lacking, "waiting_for_broker", service, asyncio.Event())


async def _wait(
    reason: Callable[[], Awaitable[str]], event: str, service: str, stopped: asyncio.Event
) -> bool:
    """Return True when there is no reason to wait any more; each is said once."""
    said = ""
    while why := await reason():
        if why != said:
            log.warning(event, service=service, reason=why)
        said = why
        if await interrupted(stopped, LOOK_AGAIN_SECONDS):
            return False
    return True


async def schema_missing(service: Service, database: Database) -> str:
    """Return why a service cannot work on its database yet; empty when it can."""
    reason = await _silence(database)
    if reason:
        return reason
    async with database.transaction() as session:
        if await at_head(session, service):
            return ""
    return f"the database is older than this release: run `migrate {service.name}`"


async def _silence(database: Database) -> str:
    """Return why a database does not answer; empty when it does."""
    try:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        if not is_away(error) and not isinstance(error, TimeoutError):
            raise
        url = database.engine.url
        cause = remedy(error) or str(getattr(error, "orig", None) or error).splitlines()[0]
        return f"{url.username} cannot use {url.database} on {url.host}: {cause}"
    return ""
