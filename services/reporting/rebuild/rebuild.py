"""Make all facts anew from the log, beside the present ones, and put them in their place.

The same code folds into a second schema. While it runs the present facts are read and kept up to
date; the folder stands still only for the last events and the change of names.
"""

import contextlib
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema, DropSchema

from services.reporting.facts.fold import BATCH, fold
from services.reporting.facts.queries import progress, wait_for_lock
from services.reporting.facts.tables import FACT_TABLES
from services.reporting.log.queries import events_after
from services.reporting.rebuild.queries import finish_rebuild, waiting_rebuild
from services.reporting.tables import FACTS, FACTS_NEXT, FACTS_OLD, metadata
from shared.database import Database, Session
from shared.locks import FOLD, REBUILD, try_lock

LOCK_TIMEOUT: Final = "3s"
"""Who reads the old facts is let finish; behind a longer wait new readers would queue."""

LITTLE: Final = BATCH // 2
"""So few events are folded under the lock in less time than a reader notices."""


async def rebuild(database: Database, zone: tzinfo) -> int | None:
    """Rebuild the facts; return up to which position, or None while another rebuild runs.

    When this process ends in the middle the present facts are as they were.
    """
    async with database.transaction() as running:
        if not await try_lock(running, REBUILD):
            return None
        await _begin(database)
        while await _catch_up(database, zone) > LITTLE:
            pass
        position = await _swap(database, zone)
        await _drop_old(database)
    return position


async def rebuild_if_asked(database: Database, zone: tzinfo, now: datetime) -> int:
    """Do the rebuild that waits; return whether there was one that this process could do."""
    async with database.transaction() as session:
        wanted = await waiting_rebuild(session)
    if wanted is None:
        return 0
    position = await rebuild(database, zone)
    if position is None:
        return 0
    async with database.transaction() as session:
        await finish_rebuild(session, wanted.id, position=position, now=now)
    return 1


async def _begin(database: Database) -> None:
    async with database.transaction() as session:
        for left in (FACTS_OLD, FACTS_NEXT):  # by a rebuild that was broken off
            await session.execute(DropSchema(left, cascade=True, if_exists=True))
        await session.execute(CreateSchema(FACTS_NEXT))
        following = await _into_next(session)
        await following.run_sync(lambda c: metadata.create_all(c, FACT_TABLES, checkfirst=False))


async def _catch_up(database: Database, zone: tzinfo) -> int:
    """Fold a batch of what the present facts know already; return how many events."""
    async with database.transaction() as session:
        return await _fold_known(session, zone)


async def _fold_known(session: Session, zone: tzinfo) -> int:
    following = await _into_next(session)
    events = await events_after(following, (await progress(following)).position, BATCH)
    await fold(following, events, zone)
    return len(events)


async def _swap(database: Database, zone: tzinfo) -> int:
    """Fold the rest while no other folder works, then let the new facts take the place."""
    async with database.transaction() as session:
        await wait_for_lock(session, FOLD)
        while await _fold_known(session, zone):
            pass
        position = (await progress(await _into_next(session))).position
        await session.execute(text(f"ALTER SCHEMA {FACTS} RENAME TO {FACTS_OLD}"))
        await session.execute(text(f"ALTER SCHEMA {FACTS_NEXT} RENAME TO {FACTS}"))
    return position


async def _drop_old(database: Database) -> None:
    """Drop what was replaced; if somebody still reads it, the next rebuild does."""
    with contextlib.suppress(DBAPIError):
        async with database.transaction() as session:
            await session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            await session.execute(DropSchema(FACTS_OLD, cascade=True, if_exists=True))


async def _into_next(session: Session) -> Session:
    """Return the session with the facts' schema meaning the one that is being made."""
    return await session.execution_options(schema_translate_map={FACTS: FACTS_NEXT})
