"""The yardstick of surveying: each batch notes its ids, writes a row a closing and a message."""

import json
import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import aio_pika
import asyncpg
from uuid_utils.compat import uuid7

from bench.yardsticks.broker import PREFETCH, QUORUM, Batches

NOTE: Final = """
INSERT INTO inbox (message_id, type) SELECT id, 'ticket.closed.v1' FROM unnest($1::uuid[]) AS id
ON CONFLICT DO NOTHING RETURNING message_id"""

INVITE: Final = """
INSERT INTO invitations (id, ticket_id, cycle_no, state, questionnaire, version_no, kind, channel,
    org_path, priority, tier, closed_at, origin, token_hash, token_sealed, created_at, send_at,
    sequence)
SELECT id, ticket_id, 1, 'scheduled', 'csat', 1, 'complaint', 'wechat', '{}', 'normal', 'l1',
    now(), 'live', uuid_send(id), '', now(), now(), 1
FROM unnest($1::uuid[], $2::uuid[]) AS new (id, ticket_id)"""

SAY: Final = """
INSERT INTO outbox (id, type, version, subject, sequence, origin, time, correlation_id, data)
SELECT id, 'survey.invited', 1, subject, 1, 'live', now(), '', data
FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[]) AS new (id, subject, data)"""


async def invite(url: str, queue: str, dsn: str, count: int | None) -> float:
    """Survey the closings of a queue, for ever when there is no count; return the seconds."""
    pool = await asyncpg.connect(dsn)
    connection = await aio_pika.connect_robust(url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        inflow = Batches(await channel.declare_queue(queue, durable=True, arguments=QUORUM))
        began, taken = time.perf_counter(), 0
        await inflow.begin()
        while count is None or taken < count:
            packets = await inflow.batch()
            await _survey(pool, [json.loads(packet.body) for packet in packets])
            await packets[-1].ack(multiple=True)
            taken += len(packets)
        return time.perf_counter() - began


async def _survey(connection: asyncpg.Connection, closings: Sequence[dict[str, Any]]) -> None:
    async with connection.transaction():
        noted = await connection.fetch(NOTE, [UUID(one["id"]) for one in closings])
        new = {row["message_id"] for row in noted}
        tickets = [UUID(one["subject"]) for one in closings if UUID(one["id"]) in new]
        ids = [uuid7() for _ in tickets]
        await connection.execute(INVITE, ids, tickets)
        said = [json.dumps({"ticket_id": str(ticket)}) for ticket in tickets]
        await connection.execute(SAY, [uuid7() for _ in tickets], ids, said)
