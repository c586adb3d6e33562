"""What runs every second reads what is due, not the whole table, also when much lies open."""

from typing import Any

import sqlalchemy
from sqlalchemy import text

from tests.feedback.conftest import Feedback

MANY_UNANSWERED = text(
    "INSERT INTO items (id, source, source_ref, mode, kind, channel, state, cycle_no, org_path,"
    " language, low, public, safety, importance, importance_reasons, weighed_by_person,"
    " received_at, response_due_at, response_overdue_at, result_due_at, result_overdue_at,"
    " updated_at, origin, revision, step_count, version, sequence)"
    " SELECT gen_random_uuid(), 'survey_answer', n::text, 'solicited', 'opinion', 'web',"
    " 'received', 0, '{}', 'zh', false, false, false, 'normal', '{}', false,"
    " at, at, CASE WHEN n > 2000 THEN at END, at, CASE WHEN n > 2000 THEN at END,"
    " at, 'live', 1, 1, 1, 1"
    " FROM (SELECT n, now() + (2000 - n) * interval '1 minute' AS at"
    " FROM generate_series(1, 20000) AS n) AS many"
)
"""A tenth is not due yet, of the others all was told: nothing is to be done, and much lies open."""


async def test_the_sweep_of_broken_promises_finds_them_by_their_index(feedback: Feedback) -> None:
    async with feedback.database.transaction() as session:
        await session.execute(MANY_UNANSWERED)
    async with feedback.database.transaction() as session:
        await session.execute(text("ANALYZE items"))
    claims: list[tuple[str, Any]] = []

    def noted(*execution: Any) -> None:
        if "SKIP LOCKED" in execution[2]:
            claims.append((execution[2], execution[3]))

    engine = feedback.database.engine.sync_engine
    sqlalchemy.event.listen(engine, "before_cursor_execute", noted)
    await feedback.sweep("feedback_overdue")
    sqlalchemy.event.remove(engine, "before_cursor_execute", noted)

    assert claims
    async with feedback.database.transaction() as session:
        for statement, parameters in claims:
            rows = await session.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            plan = " ".join(row[0] for row in rows)
            assert "Seq Scan" not in plan
            assert "pk_items" not in plan
