"""Years of reporting and of an outbox: the product folds some tickets, PostgreSQL copies them.

A copy has ids of its own and lies some days further back; of what is only kept, such as the events
of a fact, the ids inside stay those of the original.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from bench.events import STEPS, lives
from services.reporting.facts.fold import fold_next
from services.reporting.log.tables import LOG_PARTITIONS
from shared.bus.interface import Message
from shared.database import Database
from shared.outbox.tables import OUTBOX_KEPT, OUTBOX_PARTITIONS
from shared.partitions import WEEK, Partitioned, ensure_partitions

DAYS: Final = 300
"""So far back the copies reach."""
ZONE: Final = ZoneInfo("Asia/Shanghai")

COPY: Final = Path(__file__).with_name("history.sql")

HOW_OFTEN: Final = """
CREATE TEMPORARY TABLE copies AS
SELECT k, k * {days} / ({copies} + 1) AS days, {events}::bigint AS events
FROM generate_series(1, {copies}) AS k"""

SENT: Final = """
INSERT INTO outbox (id, type, version, subject, sequence, origin, time, correlation_id, data,
    due_at, published_at)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008' ||
        lpad(to_hex(i), 15, '0'))::uuid, 'ticket.closed', 1, gen_random_uuid(), 3, 'live', at,
    md5(i::text), $2::jsonb, at, at
FROM generate_series(1, $1::int) AS i,
LATERAL (SELECT now() - i * ($3::interval / $1::int) AS at) AS t"""
"""What was published in the days for which the outbox keeps it."""


def dsn_of(url: str) -> str:
    """Return an address of SQLAlchemy as asyncpg knows it."""
    return url.replace("+asyncpg", "")


async def hear(url: str, messages: Iterable[Message]) -> None:
    """Write events into reporting's log as its inbox does; they wait to be folded."""
    columns = ("id", "type", "version", "subject", "epoch", "sequence", "time", "origin", "data")
    rows = []
    for one in messages:
        said = orjson.loads(one.body)
        event = {**said, "id": one.id, "version": 1, "time": datetime.fromisoformat(said["time"])}
        event["data"] = orjson.dumps(said["data"]).decode()
        rows.append(tuple(event[name] for name in columns))
    connection = await asyncpg.connect(dsn_of(url))
    try:
        await connection.copy_records_to_table(
            "event_log", schema_name="events", columns=columns, records=rows
        )
    finally:
        await connection.close()


async def fold_all(url: str) -> None:
    """Fold what waits."""
    database = Database(url)
    try:
        while await fold_next(database, ZONE):
            pass
    finally:
        await database.dispose()


async def fill_reporting(url: str, tickets: int, folded: int) -> None:
    """Fill a database of reporting with the lives of tickets: `folded` of them by the product."""
    copies = tickets // folded - 1
    await _weeks(url, LOG_PARTITIONS, timedelta(days=DAYS))
    await hear(url, lives(folded, varied=True))
    await fold_all(url)
    connection = await asyncpg.connect(dsn_of(url))
    try:
        how_often = HOW_OFTEN.format(days=DAYS, copies=copies, events=folded * len(STEPS))
        await connection.execute(how_often)
        await connection.execute(COPY.read_text(), timeout=1200)
    finally:
        await connection.close()


async def fill_outbox(url: str, messages: int, data: str) -> None:
    """Fill an outbox with what was published."""
    await _weeks(url, OUTBOX_PARTITIONS, OUTBOX_KEPT)
    connection = await asyncpg.connect(dsn_of(url))
    try:
        await connection.execute(SENT, messages, data, OUTBOX_KEPT, timeout=600)
    finally:
        await connection.close()


async def _weeks(url: str, table: Partitioned, back: timedelta) -> None:
    """Make the partitions that a service has that has run for so long."""
    database, now = Database(url), datetime.now(UTC)
    try:
        async with database.transaction() as session:
            for weeks in range(back // WEEK + 1, 0, -1):
                await ensure_partitions(session, [table], now=now - weeks * WEEK)
    finally:
        await database.dispose()
