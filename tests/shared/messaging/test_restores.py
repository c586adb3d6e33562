"""After a restore: all is said again in parts, what was forgotten is passed over, spans end."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text
from structlog.testing import capture_logs

from shared.clock import utcnow
from shared.contracts.restores import EventsVoided
from shared.errors import NotFoundError
from shared.ids import first_id_at, new_id
from shared.inbox.handlers import Received
from shared.inbox.tables import INBOX_KEPT
from shared.outbox.tables import outbox
from shared.partitions import WEEK, week_of
from shared.restores import statements
from shared.restores.epochs import raise_epoch, unless_forgotten
from shared.restores.hear import forget_spans, keep_spans
from shared.restores.statements import LAST_ID, make_due_again
from shared.restores.tables import void_spans
from tests.shared.messaging.test_void import envelope
from tests.support.databases import Databases
from tests.support.sample_service import sample_service

DAY = timedelta(days=1)


async def nothing() -> str:
    raise NotFoundError("ticket_not_found", "There is no such ticket.")


async def something() -> str:
    return "here"


async def test_only_what_was_made_between_a_backup_and_its_restore_is_passed_over(
    databases: Databases,
) -> None:
    database, now = await databases.open(sample_service()), utcnow()
    async with database.transaction() as session:

        async def about(made: datetime) -> str | None:
            return await unless_forgotten(session, nothing(), first_id_at(made), what="ticket")

        with pytest.raises(NotFoundError):
            await about(now - DAY)
        for backup_at in (now - 30 * DAY, now - 2 * DAY):
            restored_at = backup_at + DAY
            await raise_epoch(session, backup_at=backup_at, now=restored_at)
        with capture_logs() as logged:
            assert await about(now - DAY * 1.5) is None
            assert await about(now - DAY * 29.5) is None
        assert [one["event"] for one in logged] == ["forgotten_passed_over"] * 2
        for never in (now - 40 * DAY, now - 10 * DAY, now):
            with pytest.raises(NotFoundError):
                await about(never)
        found = await unless_forgotten(session, something(), first_id_at(now - DAY), what="ticket")
        assert found == "here"


async def test_spans_are_forgotten_with_the_week_of_the_inbox_in_which_they_were_said(
    databases: Databases,
) -> None:
    database = await databases.open(sample_service())
    said = EventsVoided(
        service="tickets", before_epoch=2, first=UUID(int=0), last=LAST_ID, kept=(new_id(),)
    )
    async with database.transaction() as session:
        await keep_spans(session, [Received(envelope("tickets", 2), said)])
        gone_at = week_of(utcnow()) + WEEK + INBOX_KEPT
        kept = select(func.count()).select_from(void_spans)
        await forget_spans(session, now=gone_at - timedelta(seconds=1))
        assert await session.scalar(kept) == 1
        await forget_spans(session, now=gone_at)
        assert await session.scalar(kept) == 0


async def test_what_was_said_is_said_again_in_parts(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "PART", 10)
    database, now = await databases.open(sample_service()), utcnow()

    def said(recipient: str | None, published_at: datetime | None, made: datetime) -> UUID:
        row_id = UUID(int=first_id_at(made).int + 1 + len(rows))
        row: dict[str, object] = {"id": row_id, "subject": new_id()}
        row |= {"type": "counted", "version": 1, "sequence": 1, "origin": "live", "time": now}
        row |= {"correlation_id": "", "recipient": recipient, "published_at": published_at}
        rows.append(row)
        return row_id

    rows: list[dict[str, object]] = []
    before = said(None, now, now - timedelta(hours=1))
    events = {said(None, now, now) for _ in range(25)}
    letter, waiting = said("other", now, now), said(None, None, now)
    async with database.transaction() as session:
        await session.execute(insert(outbox), rows)
    assert await make_due_again(database, now - timedelta(minutes=30)) == len(events)

    async with database.transaction() as session:
        due = select(outbox.c.id).where(outbox.c.published_at.is_(None))
        assert set(await session.scalars(due)) == events | {waiting}
        kept = select(outbox.c.id).where(outbox.c.published_at.is_not(None))
        assert set(await session.scalars(kept)) == {before, letter}
        changed = "SELECT count(DISTINCT CAST(xmin AS text)) FROM outbox WHERE published_at IS NULL"
        assert await session.scalar(text(changed)) == 4  # three parts, and what was waiting
