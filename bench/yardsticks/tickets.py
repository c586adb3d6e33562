"""The yardstick of tickets: FastAPI and raw asyncpg write and read the same rows, and no more.

No authentication, no rights, no idempotency, no log. It works on the schema of the tickets
service, so that PostgreSQL has the same indexes and partitions to keep.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import asyncpg
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from uuid_utils.compat import uuid7

from bench.yardsticks.relay import relay

POOL: Final = 8

INSERT: Final = """
INSERT INTO tickets (id, number, kind, channel, priority, tier, state, stage, org_unit_id,
    org_path, requester, subject, description, created_at, first_response_due_at,
    resolution_due_at, updated_at, origin, sequence)
VALUES ($1, 'Y' || nextval('ticket_number'), $2, $3, $4, 'l1', 'new', 'accepted', $5,
    ARRAY[$5::uuid], 'customer', $6, $7, $8, $9, $10, $8, 'live', 1)
RETURNING *"""

CLOSE: Final = """
UPDATE tickets SET state = 'closed', closed_at = $2, close_actor = 'staff', close_due_at = NULL,
    version = version + 1, sequence = sequence + 1, move_count = move_count + 1, updated_at = $2
WHERE id = $1 AND state = 'resolved' RETURNING *"""

MOVE: Final = """
INSERT INTO ticket_moves (ticket_id, number, move, state, stage, tier, cycle_no, actor_kind,
    org_unit_id, detail, moved_at)
VALUES ($1, $2, $3, $4, $5, 'l1', 1, 'staff', $6, '{}', $7)"""

SAY: Final = """
INSERT INTO outbox (id, type, version, subject, sequence, origin, time, correlation_id, data)
VALUES ($1, $2, 1, $3, $4, 'live', $5, '', $6)"""

PAGE: Final = """
SELECT id, number, kind, channel, priority, tier, state, category_id, org_unit_id, assignee_id,
    customer_id, subject, created_at, first_response_due_at, first_responded_at,
    resolution_due_at, version
FROM tickets WHERE org_unit_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2"""


class Kind(StrEnum):
    """What is asked."""

    COMPLAINT = "complaint"
    REPAIR = "repair"


class Asked(BaseModel):
    """A request."""

    kind: Kind
    channel: str = Field(max_length=40)
    subject: str = Field(min_length=1, max_length=200)
    description: str = Field(min_length=1, max_length=10_000)
    priority: str = Field("normal", max_length=40)
    org_unit_id: UUID


class Line(BaseModel):
    """A ticket in a list."""

    id: UUID
    number: str
    kind: str
    channel: str
    priority: str
    tier: str
    state: str
    category_id: UUID | None
    org_unit_id: UUID | None
    assignee_id: UUID | None
    customer_id: UUID | None
    subject: str
    created_at: datetime
    first_response_due_at: datetime
    first_responded_at: datetime | None
    resolution_due_at: datetime
    version: int


class Whole(Line):
    """A ticket with all that its own page shows."""

    stage: str
    waiting_reason: str | None
    requester: str
    description: str
    source: str | None
    source_ref: str | None
    recovers_ticket_id: UUID | None
    recovery_ticket_id: UUID | None
    loop_case_id: UUID | None
    cycle_no: int
    resolved_at: datetime | None
    resolution_reason: str | None
    solution: str | None
    close_due_at: datetime | None
    closed_at: datetime | None
    close_actor: str | None
    cancelled_at: datetime | None
    updated_at: datetime


@asynccontextmanager
async def app(url: str, amqp: str | None = None, queue: str = "") -> AsyncIterator[FastAPI]:
    """Run the application on the database of `url`; with a broker also a relay beside it."""
    dsn, wake = url.replace("+asyncpg", ""), asyncio.Event()
    async with asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL) as pool:
        made = FastAPI(openapi_url=None)
        _writes(made, pool, wake)
        _reads(made, pool)
        relaying = asyncio.create_task(relay(pool, amqp, queue, wake)) if amqp else None
        yield made
        if relaying is not None:
            relaying.cancel()


def _writes(app: FastAPI, pool: asyncpg.Pool, wake: asyncio.Event) -> None:
    @app.post("/tickets", status_code=201)
    async def take(body: Asked) -> Whole:
        now = datetime.now(UTC)
        async with pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                INSERT,
                uuid7(),
                body.kind,
                body.channel,
                body.priority,
                body.org_unit_id,
                body.subject,
                body.description,
                now,
                now + timedelta(minutes=30),
                now + timedelta(days=2),
            )
            await _follow(connection, row, "open", "ticket.created", now)
        wake.set()
        return Whole.model_validate(dict(row))

    @app.post("/tickets/{ticket_id}/close")
    async def close(ticket_id: UUID) -> Whole:
        now = datetime.now(UTC)
        async with pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(CLOSE, ticket_id, now)
            if row is None:
                raise HTTPException(409)
            await _follow(connection, row, "close", "ticket.closed", now)
        wake.set()
        return Whole.model_validate(dict(row))


def _reads(app: FastAPI, pool: asyncpg.Pool) -> None:
    @app.get("/tickets/{ticket_id}")
    async def get(ticket_id: UUID) -> Whole:
        row = await pool.fetchrow("SELECT * FROM tickets WHERE id = $1", ticket_id)
        if row is None:
            raise HTTPException(404)
        return Whole.model_validate(dict(row))

    @app.get("/tickets")
    async def page(org_unit_id: UUID, limit: int = 50) -> list[Line]:
        rows = await pool.fetch(PAGE, org_unit_id, limit)
        return [Line.model_validate(dict(row)) for row in rows]


async def _follow(connection: Any, row: Any, move: str, event: str, now: datetime) -> None:
    """Write the line of history and the message that follow from a change."""
    await connection.execute(
        MOVE,
        row["id"],
        row["move_count"],
        move,
        row["state"],
        row["stage"],
        row["org_unit_id"],
        now,
    )
    names = ("id", "kind", "channel", "org_unit_id", "priority", "tier", "created_at", "closed_at")
    said = json.dumps({name: row[name] for name in names}, default=str)
    await connection.execute(SAY, uuid7(), event, row["id"], row["sequence"], now, said)
