"""What the bench loads is what the product would have folded, only more of it."""

import asyncpg
import pytest

from bench.dashboards import ASKED, from_rows, from_sums, question
from bench.events import STEPS, lives
from bench.history import dsn_of, fill_reporting, fold_all, hear
from services.reporting import service as part
from shared.settings import CommonSettings
from tests.support.databases import Databases
from tests.support.people import VAULT

TICKETS, FOLDED = 60, 20

DIFFERENT = """
SELECT count(*) FROM (
    SELECT measure, day, org_unit_id, channel, category_id, priority, kind, tier, bucket,
        count(*) AS n, sum(value) AS total, sum(value * value) AS squares
    FROM facts.contributions GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9) AS counted
FULL JOIN facts.figures AS kept USING (measure, day, channel, priority, kind, tier, bucket, n,
    total, squares, org_unit_id, category_id)
WHERE kept.n IS NULL OR counted.n IS NULL"""

BY_ONE = """
SELECT count(*) FROM (
    SELECT measure, {day} AS day, {dimension} AS value, {bucket} AS bucket,
        count(*) AS n, sum(value) AS total, sum(value * value) AS squares
    FROM facts.contributions WHERE {rows} GROUP BY 1, 2, 3, 4) AS counted
FULL JOIN (
    SELECT measure, day, {dimension} AS value, bucket, n, total, squares
    FROM facts.narrow_figures WHERE form = $1 AND dimension = $2) AS kept
USING (measure, day, value, bucket, n, total, squares)
WHERE kept.n IS NULL OR counted.n IS NULL"""
SPREAD = "measure IN ('first_response', 'resolution', 'closed', 'feedback_closed')"
FORMS = {
    "day": ("day", f"CASE WHEN {SPREAD} THEN 0 ELSE bucket END", "true"),
    "day_buckets": ("day", "bucket", SPREAD),
    "month_buckets": ("date_trunc('month', day)::date", "bucket", SPREAD),
}

COUNTED = """
SELECT (SELECT count(*) FROM facts.ticket_facts) AS tickets,
    (SELECT count(*) FROM facts.contributions WHERE measure = 'ticket_created') AS created,
    (SELECT count(DISTINCT fact_id) FROM facts.contributions) AS facts,
    (SELECT count(*) FROM facts.contacts) AS contacts,
    (SELECT count(DISTINCT position) FROM events.event_log) AS events"""


@pytest.fixture
async def url(databases: Databases) -> str:
    made = await databases.url(part.create_service(CommonSettings(), VAULT))
    await fill_reporting(made, TICKETS, FOLDED)
    return made


async def test_copies_are_tickets_of_their_own_and_the_sums_are_those_of_the_rows(
    url: str,
) -> None:
    await hear(url, lives(1, varied=True))  # and the folder goes on where the copies end
    await fold_all(url)
    connection = await asyncpg.connect(dsn_of(url))
    try:
        counted = dict(await connection.fetchrow(COUNTED))
        different = await connection.fetchval(DIFFERENT)
    finally:
        await connection.close()
    tickets = TICKETS + 1
    assert counted.pop("events") == tickets * len(STEPS)
    assert counted == dict.fromkeys(counted, tickets)
    assert different == 0


async def test_the_sums_by_one_dimension_are_those_of_the_rows(url: str) -> None:
    connection = await asyncpg.connect(dsn_of(url))
    try:
        for form, (day, bucket, rows) in FORMS.items():
            known = ("org_unit_id", *(() if rows == SPREAD else ("channel", "kind", "priority")))
            for dimension in ("", *known):
                statement = BY_ONE.format(
                    day=day, bucket=bucket, rows=rows, dimension=dimension or "''"
                )
                assert await connection.fetchval(statement, form, dimension) == 0, form
                kept = "SELECT sum(n) FROM facts.narrow_figures WHERE form = $1 AND dimension = $2"
                assert await connection.fetchval(kept, form, dimension) > TICKETS
    finally:
        await connection.close()


async def test_both_ways_to_answer_count_the_same_rows(databases: Databases, url: str) -> None:
    connection = await asyncpg.connect(dsn_of(url))
    try:
        for _title, code, by, days in ASKED:
            asked = question(code, by, days)
            counted = await from_rows(connection, asked)
            assert counted == await from_sums(databases.connect(url), asked) > 0, code
    finally:
        await connection.close()
