"""Say which of one's former events hold, and let others hear again what was said meanwhile."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from shared.contracts.restores import EventsVoided
from shared.database import Database, Session
from shared.ids import first_id_at, new_id
from shared.outbox.emit import Saying, emit
from shared.outbox.tables import outbox

KEPT: Final = 500
"""Ids a statement: some 20 KB, far below what a broker or a webhook would mind."""

PART: Final = 5_000
"""Messages that are made due in one statement: below a second, where a large outbox at once would
take longer than a statement may."""

LAST_ID: Final = UUID(int=(1 << 128) - 1)

Span = tuple[UUID, UUID, tuple[UUID, ...]]
"""The first id, the last, and those between that hold."""


async def say_what_holds(
    session: Session, service: str, *, epoch: int, since: datetime, now: datetime
) -> None:
    """Say that of all events since an instant, and before this epoch, only the outbox's hold."""
    first = first_id_at(since)
    known = await session.scalars(
        select(outbox.c.id)
        .where(outbox.c.id >= first, outbox.c.recipient.is_(None), outbox.c.epoch < epoch)
        .order_by(outbox.c.id)
    )
    await _say(session, service, _spans(first, known.all()), before_epoch=epoch, now=now)


async def say_void(
    session: Session, service: str, ids: Iterable[UUID], *, epoch: int, now: datetime
) -> None:
    """Say of single events of this epoch, or of former ones, that they do not hold."""
    spans = [(id, id, ()) for id in ids]
    await _say(session, service, spans, before_epoch=epoch + 1, now=now)


async def make_due_again(database: Database, since: datetime) -> int:
    """Let everybody hear again what was said since an instant; return how many events.

    They keep their ids, so only who has forgotten them does anything. Letters are not among them:
    their words are gone once delivered. Broken off in between it can be done again.
    """
    again, after = 0, first_id_at(since)
    while after != LAST_ID:
        async with database.transaction() as session:
            last = await _end_of_part(session, after)
            again += await _make_part_due(session, after, last)
        after = last
    return again


async def _end_of_part(session: Session, after: UUID) -> UUID:
    ids = select(outbox.c.id).where(outbox.c.id > after).order_by(outbox.c.id)
    return await session.scalar(ids.offset(PART - 1).limit(1)) or LAST_ID


async def _make_part_due(session: Session, after: UUID, last: UUID) -> int:
    again = await session.execute(
        update(outbox)
        .where(
            outbox.c.id > after,
            outbox.c.id <= last,
            outbox.c.recipient.is_(None),
            outbox.c.published_at.is_not(None),
        )
        .values(published_at=None, due_at=func.now(), waits_from=func.now())
    )
    return again.rowcount


def _spans(first: UUID, known: Sequence[UUID]) -> Iterator[Span]:
    """Cut all time from an id on into spans of at most so many known ids; the last has no end."""
    for start in range(0, len(known), KEPT):
        kept = tuple(known[start : start + KEPT])
        last = kept[-1] if start + KEPT < len(known) else LAST_ID
        yield first, last, kept
        first = UUID(int=last.int + 1) if last != LAST_ID else last
    if not known:
        yield first, LAST_ID, ()


async def _say(
    session: Session, service: str, spans: Iterable[Span], *, before_epoch: int, now: datetime
) -> None:
    contents = [
        EventsVoided(service=service, before_epoch=before_epoch, first=first, last=last, kept=kept)
        for first, last, kept in spans
    ]
    await emit(session, *(Saying(content, new_id(), 1, now) for content in contents))
