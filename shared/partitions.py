"""Tables cut by time: their key is a UUIDv7, so a week of rows is a range of keys.

A unique key then spans all partitions, and what is too old is dropped without a DELETE.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from shared.database import Database, Session
from shared.ids import first_id_at
from shared.locks import PARTITIONS

WEEK = timedelta(days=7)
WEEKS_AHEAD = 3
"""A worker that stands still for two weeks still finds a partition to write to."""

LOCK_TIMEOUT = "3s"
"""Behind a statement that waits longer for a table, every message would wait too."""

FIRST_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table cut by weeks of its `key`.

    A week is dropped when it is older than `keep` (None: never) and all its rows are `finished`,
    a condition in SQL. Of a table that is `append_only` nothing else ever goes.
    """

    table: str
    key: str
    keep: timedelta | None
    finished: str = "true"
    append_only: bool = False


def week_of(instant: datetime) -> datetime:
    """Return the Monday 00:00 UTC on which the week of an instant begins."""
    return FIRST_MONDAY + WEEK * ((instant - FIRST_MONDAY) // WEEK)


async def ensure_partitions(
    session: Session, tables: Sequence[Partitioned], *, now: datetime
) -> None:
    """Create the partitions of this week and the next ones, and the one for all other rows."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PARTITIONS})
    for table in tables:
        rest = f"{table.table}_default PARTITION OF {table.table} DEFAULT"
        await session.execute(text(f"CREATE TABLE IF NOT EXISTS {rest}"))
        for ahead in range(WEEKS_AHEAD + 1):
            await _ensure_week(session, table, week_of(now) + WEEK * ahead)
        if table.append_only:
            await _keep_whole(session, table)


async def drop_expired_partitions(
    session: Session, tables: Sequence[Partitioned], *, now: datetime
) -> list[str]:
    """Drop the partitions that are old enough and hold only finished rows; return their names.

    What lies in a default partition is deleted row by row by the same rule.
    """
    dropped = []
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PARTITIONS})
    for table in tables:
        if table.keep is None:
            continue
        oldest_kept = week_of(now - table.keep)
        for name in await _weeks_before(session, table, oldest_kept):
            unfinished = text(f"SELECT EXISTS (SELECT FROM {name} WHERE NOT ({table.finished}))")  # noqa: S608 - names come from the catalogue
            if not await session.scalar(unfinished):
                await session.execute(text(f"DROP TABLE {name}"))
                dropped.append(name)
        if table.append_only:
            continue
        strays = text(
            f"DELETE FROM {table.table}_default WHERE {table.key} < :first AND ({table.finished})"  # noqa: S608 - names are constants of ours
        )
        await session.execute(strays, {"first": first_id_at(oldest_kept)})
    return dropped


async def keep_partitions(
    database: Database, tables: Sequence[Partitioned], *, now: datetime
) -> int:
    """Make room for the coming weeks and drop what is kept no longer: a sweep of every worker.

    One table a transaction: both need the whole table, and nobody shall wait for two.
    """
    for table in tables:
        async with database.transaction() as session:
            await session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            await ensure_partitions(session, [table], now=now)
            await drop_expired_partitions(session, [table], now=now)
    return 0


async def oldest_week(session: Session, table: Partitioned) -> datetime | None:
    """Return when the first week begins of which a table has a partition; None without any."""
    weeks = [name for name in await _partitions(session, table) if not name.endswith("_default")]
    return datetime.strptime(weeks[0][-8:], "%Y%m%d").replace(tzinfo=UTC) if weeks else None


async def _weeks_before(session: Session, table: Partitioned, begin: datetime) -> list[str]:
    """Return the names of a table's partitions of the weeks before the one that begins then."""
    first = _partition(table.table, begin)
    names = await _partitions(session, table)
    return [name for name in names if name < first and not name.endswith("_default")]


async def _partitions(session: Session, table: Partitioned) -> Sequence[str]:
    """Return the names of all partitions of a table, the oldest first."""
    names = await session.scalars(
        text(
            "SELECT inhrelid::regclass::text FROM pg_inherits "
            "WHERE inhparent = CAST(:parent AS regclass) ORDER BY 1"
        ),
        {"parent": table.table},
    )
    return names.all()


async def _keep_whole(session: Session, table: Partitioned) -> None:
    """Let each partition refuse TRUNCATE: unlike those of rows, this trigger is not inherited."""
    for name in await _partitions(session, table):
        known = text(
            "SELECT EXISTS (SELECT FROM pg_trigger "
            "WHERE tgrelid = CAST(:name AS regclass) AND tgname = 'stays_whole')"
        )
        if not await session.scalar(known, {"name": name}):
            await session.execute(
                text(
                    f"CREATE TRIGGER stays_whole BEFORE TRUNCATE ON {name} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION keep_as_written()"
                )
            )


async def _ensure_week(session: Session, table: Partitioned, begin: datetime) -> None:
    """Create a week's partition, unless rows of that week already lie in the default one."""
    name = _partition(table.table, begin)
    first, end = first_id_at(begin), first_id_at(begin + WEEK)
    if await session.scalar(text("SELECT to_regclass(:name)"), {"name": name}):
        return
    strays = text(
        f"SELECT EXISTS (SELECT FROM {table.table}_default "  # noqa: S608 - names are constants of ours
        f"WHERE {table.key} >= :first AND {table.key} < :end)"
    )
    if await session.scalar(strays, {"first": first, "end": end}):
        return
    week = f"FOR VALUES FROM ('{first}') TO ('{end}')"
    await session.execute(text(f"CREATE TABLE {name} PARTITION OF {table.table} {week}"))


def _partition(table: str, begin: datetime) -> str:
    return f"{table}_{begin:%Y%m%d}"
