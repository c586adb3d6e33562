"""What a dashboard asks, answered from the sums that are kept and from the single rows of facts."""

import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import asyncpg

from bench.history import DAYS, ZONE, dsn_of
from bench.table import Row
from services.reporting.figures.answer import answers
from services.reporting.figures.metric_rules import Shape
from services.reporting.figures.period_rules import Period
from services.reporting.figures.question_rules import Part, Question
from services.reporting.figures.registry import METRICS
from services.reporting.figures.vocabulary import By
from shared.database import Database

ASKED: Final = (
    ("complaints by day", "complaint_count", By.DAY, DAYS),
    ("resolution time by team", "resolution_time", By.ORG_UNIT, DAYS),
    ("kept limits by month", "within_deadline_rate", By.MONTH, DAYS),
    ("complaints of 30 days by category", "complaint_count", By.CATEGORY, 30),
)
TIMES: Final = 5
LIMIT: Final = 1 / 20

GROUPED: Final = {
    By.DAY: "day",
    By.MONTH: "date_trunc('month', day)",
    By.ORG_UNIT: "org_unit_id",
    By.CATEGORY: "category_id",
}
COUNTED: Final = "bucket, count(*), sum(value), sum(value * value)"
RANKED: Final = (
    "count(*), sum(value), percentile_disc(ARRAY[0.5, 0.9, 0.95]) WITHIN GROUP (ORDER BY value)"
)
SINGLE_ROWS: Final = """
SELECT {group}, measure, {sums} FROM facts.contributions
WHERE measure = ANY($1) AND day BETWEEN $2 AND $3 GROUP BY 1, 2{bucket}"""


async def dashboard_rows(url: str) -> list[Row]:
    """Return how long questions take over sums, beside the same over single rows."""
    database = Database(url)
    connection = await asyncpg.connect(dsn_of(url))
    try:
        rows = []
        for title, code, by, days in ASKED:
            asked = question(code, by, days)
            ours = await _median(partial(from_sums, database, asked))
            facts = await _median(partial(from_rows, connection, asked))
            told = f"{ours:.1f} ms", f"{facts:.0f} ms"
            rows.append(Row(title, *told, ours / facts, LIMIT, None, more=False))
    finally:
        await connection.close()
        await database.dispose()
    return rows


def question(code: str, by: By, days: int) -> Question:
    """Return a question about the last days."""
    now = datetime.now(UTC)
    today = now.astimezone(ZONE).date()
    period = Period(today - timedelta(days=days - 1), today)
    return Question(METRICS[code], period, Part(), None, now, ZONE, by)


async def from_sums(database: Database, asked: Question) -> int:
    """Answer as the dashboard does; return how many rows of the metric count."""
    async with database.transaction() as session:
        return sum(one.figure.n for one in await answers(session, asked))


async def from_rows(connection: asyncpg.Connection, asked: Question) -> int:
    """Answer by reading every row of the metric; return how many there are."""
    assert asked.by is not None
    ranked = asked.metric.shape is Shape.DURATION
    statement = SINGLE_ROWS.format(
        group=GROUPED[asked.by],
        sums=RANKED if ranked else COUNTED,
        bucket="" if ranked else ", bucket",
    )
    measures, period = list(asked.metric.measures), asked.period
    rows = await connection.fetch(statement, measures, period.first, period.last, timeout=300)
    return sum(row["count"] for row in rows if row["measure"] == asked.metric.measure)


async def _median(ask: Callable[[], Awaitable[Any]]) -> float:
    """Return how many milliseconds an answer takes when what it reads is in memory."""
    await ask()
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)
