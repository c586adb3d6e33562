"""Fill a tickets database fast: PostgreSQL makes the rows itself, as the use cases leave them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg

from bench.ground import TEAMS, agent, team

TICKETS_A_CUSTOMER: Final = 8

STAFF: Final = """
INSERT INTO staff_copy (staff_id, roles, org_unit_ids, active, epoch, sequence)
VALUES ($1, ARRAY['agent'], ARRAY[$2::uuid], true, 1, 1)"""

UNIT: Final = """
INSERT INTO org_units (id, kind, name, path, valid_from)
VALUES ($1, 'team', '客服组', ARRAY[$1::uuid], now() - interval '2 years')"""

TICKETS: Final = """
INSERT INTO tickets (id, number, kind, channel, priority, tier, state, stage, org_unit_id,
    org_path, customer_id, requester, subject, description, move_count, created_at,
    first_response_due_at, resolution_due_at, resolved_at, resolution_reason, solution,
    close_due_at, closed_at, close_actor, updated_at, origin, sequence)
SELECT (lpad(to_hex(i), 8, '0') || '-0000-7000-8000-000000000000')::uuid,
    'C20260101-' || lpad(i::text, 7, '0'), 'complaint', 'wechat', 'normal', 'l1',
    CASE WHEN t.closed THEN 'closed' ELSE 'resolved' END, 'solution', t.unit, ARRAY[t.unit],
    t.customer, 'customer', '表具故障', repeat('已经三天没有人上门。', 8),
    CASE WHEN t.closed THEN 3 ELSE 2 END, t.at, t.at + interval '30 min',
    t.at + interval '2 days', t.at + interval '1 day', 'solved', '已更换表具。',
    CASE WHEN NOT t.closed THEN now() + interval '30 days' END,
    CASE WHEN t.closed THEN t.at + interval '3 days' END,
    CASE WHEN t.closed THEN 'customer' END, t.at, 'live', 2
FROM generate_series(0, $1::int - 1) AS i,
LATERAL (SELECT ($2::uuid[])[1 + i % cardinality($2::uuid[])] AS unit, i % $3::int > 0 AS closed,
    (lpad(to_hex(i / $4::int), 8, '0') || '-0000-4000-8000-000000000000')::uuid AS customer,
    now() - interval '300 days' + i * (interval '300 days' / $1::int) AS at) AS t"""

MOVES: Final = """
INSERT INTO ticket_moves (ticket_id, number, move, state, stage, tier, cycle_no, actor_kind,
    detail, moved_at)
SELECT id, n, (ARRAY['open', 'resolve', 'close'])[n], (ARRAY['new', 'resolved', 'closed'])[n],
    'solution', 'l1', 1, 'staff', '{}', created_at
FROM tickets, generate_series(1, move_count) AS n"""

RESOLVED_AGAIN: Final = """
UPDATE tickets SET state = 'resolved', closed_at = NULL, close_actor = NULL,
    close_due_at = now() + interval '30 days' WHERE state = 'closed' AND close_actor = 'staff'"""


def ticket_id(number: int) -> UUID:
    """Return the id of the made-up ticket of this number; it belongs to the team of it."""
    return UUID(f"{number:08x}-0000-7000-8000-000000000000")


async def fill_tickets(
    dsn: str, count: int, *, of_teams: Sequence[int] = range(TEAMS), resolved_each: int = 1
) -> None:
    """Write `count` tickets with their history, evenly over 300 days.

    They belong in turn to the teams of these numbers. One of `resolved_each` waits to be closed,
    the others are; a customer has eight.
    """
    connection = await asyncpg.connect(dsn)
    try:
        for number in range(TEAMS):
            await connection.execute(UNIT, team(number))
            await connection.execute(STAFF, agent(number), team(number))
        teams = [team(number) for number in of_teams]
        await connection.execute(
            TICKETS, count, teams, resolved_each, TICKETS_A_CUSTOMER, timeout=1200
        )
        await connection.execute(MOVES, timeout=1200)
    finally:
        await connection.close()
    await tidy(dsn)


async def resolve_again(dsn: str) -> None:
    """Let the closed tickets be resolved again, so that the next round may close them."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(RESOLVED_AGAIN, timeout=300)
    finally:
        await connection.close()
    await tidy(dsn)


async def tidy(dsn: str) -> None:
    """Leave no dead rows and no checkpoint behind, and let the planner know what is there.

    The address is that of a superuser: no other role may ask for a checkpoint.
    """
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("VACUUM (ANALYZE)", timeout=1200)
        await connection.execute("CHECKPOINT", timeout=300)
    finally:
        await connection.close()
