"""Named reads of what was heard, against what was noted for whoever wants it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from services.integrations.webhooks.rules import EVERY_TYPE
from shared.books.rules import Difference
from shared.contracts.registry import EVENTS
from shared.database import Session

CHUNK: Final = 20_000
"""Messages a transaction; with a dozen subscriptions about a second."""

SETTLING: Final = timedelta(minutes=1)
"""Who changes what he wants commits a moment after the instant that is written: an event that is
heard in between may be taken by the one list or the other."""

_CHUNK_END: Final = text(
    """
    SELECT max(message_id::text)::uuid AS last, count(*) AS messages FROM (
      SELECT message_id FROM inbox WHERE message_id > :after ORDER BY message_id LIMIT :limit
    ) AS chunk
    """
)

_UNDELIVERED: Final = text(
    """
    SELECT webhook.id AS webhook_id, heard.message_id, heard.type
    FROM inbox AS heard
    JOIN webhooks AS webhook
      ON heard.handled_at > webhook.event_types_since + :settling
     AND (:every = ANY (webhook.event_types)
          OR regexp_replace(heard.type, '\\.v[0-9]+$', '') = ANY (webhook.event_types))
    WHERE heard.message_id > :after AND heard.message_id <= :last
      AND heard.handled_at <= :until
      AND heard.type = ANY (CAST(:types AS text[]))
      AND NOT EXISTS (SELECT FROM webhook_deliveries AS delivery
                      WHERE delivery.webhook_id = webhook.id
                        AND delivery.message_id = heard.message_id)
      AND NOT EXISTS (SELECT FROM webhook_passed_over AS passed
                      WHERE passed.message_id = heard.message_id)
      AND NOT EXISTS (SELECT FROM void_span AS span
                      JOIN unnest(CAST(:types AS text[]), CAST(:senders AS text[]))
                        AS said (type, service) ON said.service = span.service
                      WHERE said.type = heard.type
                        AND heard.message_id BETWEEN span.first
                                             AND least(span.last, span.statement_id)
                        AND NOT heard.message_id = ANY (span.kept))
    ORDER BY webhook.id, heard.message_id
    LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of what was heard: the ids after one, up to another."""

    after: UUID
    last: UUID


async def next_stretch(session: Session, after: UUID) -> Stretch | None:
    """Return the next stretch of messages that were heard; None when there are no more."""
    row = (await session.execute(_CHUNK_END, {"after": after, "limit": CHUNK})).one()
    return None if row.last is None else Stretch(after, row.last)


async def undelivered(
    session: Session, stretch: Stretch, *, until: datetime, limit: int
) -> list[Difference]:
    """Return the events of a stretch that a subscription wanted and got no delivery of.

    What was heard before a subscription last changed its types is not held against it, and what
    its sender took back after a restore left nothing to deliver. A service takes back what it had
    said, never what it says after the statement.
    """
    said = [(type, sender) for type, event in EVENTS.items() for sender in event.SENDERS]
    rows = await session.execute(
        _UNDELIVERED,
        {
            "after": stretch.after,
            "last": stretch.last,
            "until": until,
            "types": [type for type, _ in said],
            "senders": [sender for _, sender in said],
            "settling": SETTLING,
            "every": EVERY_TYPE,
            "limit": limit,
        },
    )
    return [
        Difference(f"{row.webhook_id}/{row.message_id}", "undelivered", {"type": row.type})
        for row in rows
    ]
