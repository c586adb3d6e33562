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

FIRST_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table cut by weeks; rows are dropped `keep` after their week ended, `when` all fit."""

    table: str
    keep: timedelta | None
    finished: str = "true"


def week_of(instant: datetime) -> datetime:
    """Return the Monday 00:00 UTC on which the week of an instant begins."""
    return FIRST_MONDAY + WEEK * ((instant - FIRST_MONDAY) // WEEK)


async def ensure_partitions(
    session: Session, tables: Sequence[Partitioned], *, now: datetime
) -> None:
    """Create the partitions of this week and the next ones."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PARTITIONS})
    for table in tables:
        for ahead in range(WEEKS_AHEAD + 1):
            begin = week_of(now) + WEEK * ahead
            await session.execute(
                text(
                    f"CREATE TABLE IF NOT EXISTS {_partition(table.table, begin)} "
                    f"PARTITION OF {table.table} FOR VALUES FROM "
                    f"('{first_id_at(begin)}') TO ('{first_id_at(begin + WEEK)}')"
                )
            )


async def drop_expired_partitions(
    session: Session, tables: Sequence[Partitioned], *, now: datetime
) -> list[str]:
    """Drop the partitions that are old enough and hold only finished rows; return their names."""
    dropped = []
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PARTITIONS})
    for table in tables:
        if table.keep is None:
            continue
        newest = _partition(table.table, week_of(now - table.keep) - WEEK)
        names = await session.scalars(
            text(
                "SELECT inhrelid::regclass::text FROM pg_inherits "
                "WHERE inhparent = CAST(:parent AS regclass) ORDER BY 1"
            ),
            {"parent": table.table},
        )
        for name in names:
            if name.endswith("_default") or name > newest:
                continue
            unfinished = text(f"SELECT EXISTS (SELECT FROM {name} WHERE NOT ({table.finished}))")  # noqa: S608 - names come from the catalogue
            if not await session.scalar(unfinished):
                await session.execute(text(f"DROP TABLE {name}"))
                dropped.append(name)
    return dropped


async def keep_partitions(
    database: Database, tables: Sequence[Partitioned], *, now: datetime
) -> int:
    """Make room for the coming weeks and drop what is kept no longer: a sweep of every worker."""
    async with database.transaction() as session:
        await ensure_partitions(session, tables, now=now)
        await drop_expired_partitions(session, tables, now=now)
    return 0


def _partition(table: str, begin: datetime) -> str:
    return f"{table}_{begin:%Y%m%d}"
