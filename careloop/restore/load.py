"""Put the saved rows of one service into its database, whatever is there now."""

from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

from careloop.backup.connections import connected
from careloop.backup.manifest import ServiceCopy
from careloop.backup.tables import (
    Connection,
    copy_in,
    empty,
    set_sequences,
    tables_of,
)
from shared.clock import utcnow
from shared.database import Database
from shared.migrations import migrate, migrate_to
from shared.partitions import ensure_partitions
from shared.service import Service
from standalone.place import StartError

DROPS: Final = """
SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass) FROM pg_class
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace IN (SELECT * FROM ours)
UNION ALL
SELECT format('DROP SEQUENCE IF EXISTS %s CASCADE', oid::regclass) FROM pg_class
WHERE relkind = 'S' AND relnamespace IN (SELECT * FROM ours)
UNION ALL
SELECT format('DROP FUNCTION %s CASCADE', oid::regprocedure) FROM pg_proc
WHERE prokind = 'f' AND pronamespace IN (SELECT * FROM ours)
UNION ALL
SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
WHERE nspname <> 'public' AND oid IN (SELECT * FROM ours)
"""
"""What the migrations make; `public` itself may have rights of its own and stays."""

OURS: Final = """
WITH ours AS (
    SELECT oid FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
)
"""


async def load(service: Service, url: str, copy: ServiceCopy, folder: Path) -> int:
    """Make the database what it was: the schema of then, the rows of then, and today's migrations.

    Returns the number of rows. The rows come in one transaction; broken off before, the database
    is empty and the restore can be done again.
    """
    async with connected(url) as connection:
        await _drop_everything(connection)
    await migrate_to(service, url, copy.revisions)
    await _make_weeks(service, url, copy)
    async with connected(url) as connection, connection.transaction():
        await empty(connection, await tables_of(connection))
        rows = 0
        for table in copy.tables:
            found = await copy_in(connection, table, folder)
            if found != table.rows:
                msg = f"{table.file} of {copy.service} has {found} rows, not {table.rows}."
                raise StartError(msg)
            rows += found
        await set_sequences(connection, copy.sequences)
        await connection.execute("ANALYZE")
    await migrate(service, url)
    return rows


async def _drop_everything(connection: Connection) -> None:
    async with connection.transaction():
        for (statement,) in await connection.fetch(OURS + DROPS):
            await connection.execute(statement)


async def _make_weeks(service: Service, url: str, copy: ServiceCopy) -> None:
    """Make the partitions that were there, before rows of theirs lie in the one for all others."""
    there = {(one.schema_name, one.name) for one in copy.tables}
    tables = [
        replace(table, append_only=False)  # the last migration adds what keeps it so
        for table in service.all_partitioned
        if tuple(table.table.rpartition(".")[::2]) in there or ("public", table.table) in there
    ]
    weeks = [datetime.combine(day, time(), UTC) for day in copy.weeks]
    database = Database(url, pool_size=1)
    try:
        for week in [*weeks, utcnow()]:
            async with database.transaction() as session:
                await ensure_partitions(session, tables, now=week)
    finally:
        await database.dispose()
