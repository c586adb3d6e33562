"""Keep what services say of events that no longer hold, and pass such events over.

An event that was taken back may still be on its way: in a queue, on the ladder, among the dead
letters. Whoever hears it after the statement must not act on it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.restores import EventsVoided
from shared.database import Session
from shared.ids import first_id_at
from shared.inbox.handlers import Handler, Received, on
from shared.inbox.tables import INBOX_KEPT
from shared.messages.contract import Envelope
from shared.partitions import week_of
from shared.restores.tables import void_spans

KEEP_ALONE: Final = text("LOCK TABLE void_span IN EXCLUSIVE MODE")

ANY: Final = text("SELECT EXISTS (SELECT FROM void_span FOR KEY SHARE)")
"""Every batch holds the table until it is committed, by this FOR KEY SHARE, and takes that lock
before it looks. So each event is either there for who takes it back, or not let in any more.
As a rule there is no span, and the messages' ids need not be sent."""

VOID: Final = text(
    "SELECT heard.id FROM unnest(CAST(:ids AS uuid[]), CAST(:services AS text[]),"
    " CAST(:epochs AS integer[])) AS heard (id, service, epoch)"
    " WHERE EXISTS (SELECT FROM void_span AS span WHERE span.service = heard.service"
    " AND heard.epoch < span.before_epoch AND heard.id BETWEEN span.first AND span.last"
    " AND NOT heard.id = ANY (span.kept))"
)


async def void_among(session: Session, envelopes: Sequence[Envelope]) -> set[UUID]:
    """Return the ids of those messages that their sender has taken back."""
    if not envelopes or not await session.scalar(ANY):
        return set()
    found = await session.scalars(
        VOID,
        {
            "ids": [one.id for one in envelopes],
            "services": [sender_of(one) for one in envelopes],
            "epochs": [one.epoch for one in envelopes],
        },
    )
    return set(found)


async def keep_spans(session: Session, received: Iterable[Received[EventsVoided]]) -> None:
    """Keep what was said of events that do not hold; nobody can take back another's events."""
    await session.execute(KEEP_ALONE)
    rows: list[dict[str, Any]] = [
        {
            "statement_id": one.envelope.id,
            "service": sender_of(one.envelope),
            "before_epoch": one.data.before_epoch,
            "first": one.data.first,
            "last": one.data.last,
            "kept": list(one.data.kept),
        }
        for one in received
    ]
    await session.execute(insert(void_spans).on_conflict_do_nothing(), rows)


async def forget_spans(session: Session, *, now: datetime) -> None:
    """Forget spans together with the inbox's week in which they were said: nothing older comes."""
    first_kept = first_id_at(week_of(now - INBOX_KEPT))
    await session.execute(delete(void_spans).where(void_spans.c.statement_id < first_kept))


def sender_of(envelope: Envelope) -> str:
    """Return the service that says a message."""
    return envelope.source.rpartition("/")[2]


VOID_HANDLERS: Final[tuple[Handler, ...]] = (on(EventsVoided, keep_spans),)
"""For a service that does no more about it: what it did on an event that was taken back stays."""
