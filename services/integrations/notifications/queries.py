"""Named reads, claims and writes of notices; outside this file nobody sees a ciphertext."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, exists, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.integrations.contacts.tables import contacts
from services.integrations.notifications.tables import notifications
from services.integrations.notifications.vocabulary import NoticeState, Reason
from shared.correlation import Cause
from shared.crypto.vault import UnreadableError, Vault
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in clear text; `parameters` are None when their key is gone."""

    id: UUID
    customer_id: UUID
    template: str
    parameters: Mapping[str, str] | None
    reference_kind: str
    reference_id: UUID
    state: NoticeState
    reason: str | None
    channel: str | None
    attempts: int
    due_at: datetime
    requested_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    origin: str
    cause: Cause


async def insert_notice(session: Session, vault: Vault, notice: Notice) -> bool:
    """Write a notice that was asked for; return False when its id is known already."""
    sealed = vault.encrypt(orjson.dumps(notice.parameters).decode(), context=_context(notice.id))
    added = await session.scalar(
        insert(notifications)
        .values(
            id=notice.id,
            customer_id=notice.customer_id,
            template=notice.template,
            parameters_sealed=sealed,
            reference_kind=notice.reference_kind,
            reference_id=notice.reference_id,
            state=notice.state,
            reason=notice.reason,
            due_at=func.least(notice.due_at, func.now()),  # who asks may be ahead of us
            requested_at=notice.requested_at,
            expires_at=notice.expires_at,
            settled_at=notice.settled_at,
            origin=notice.origin,
            correlation_id=notice.cause.correlation_id,
            causation_id=notice.cause.causation_id,
            traceparent=notice.cause.traceparent,
        )
        .on_conflict_do_nothing()
        .returning(notifications.c.id)
    )
    return added is not None


async def claim_due(
    session: Session, vault: Vault, *, now: datetime, lease: timedelta, limit: int
) -> list[Notice]:
    """Claim notices whose time has come, until the lease ends, and count the attempt.

    A notice waits while its customer's contact is unknown; it is due when that is known or when
    it is worthless. Which of the two letters came first makes no difference.
    """
    known = exists().where(contacts.c.customer_id == notifications.c.customer_id)
    due = (
        select(notifications.c.id)
        .where(
            notifications.c.state.in_(
                [NoticeState.WAITING_CONTACT, NoticeState.PENDING, NoticeState.SENDING]
            ),
            notifications.c.due_at <= now,
            or_(
                notifications.c.state != NoticeState.WAITING_CONTACT,
                known,
                notifications.c.expires_at <= now,
            ),
        )
        .order_by(notifications.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await session.execute(
        update(notifications)
        .where(notifications.c.id.in_(due.scalar_subquery()))
        .values(
            state=NoticeState.SENDING,
            attempts=notifications.c.attempts + 1,
            due_at=literal(now + lease),
        )
        .returning(notifications)
    )
    return [_notice(vault, row) for row in rows]


async def lock_claimed(session: Session, notice: Notice) -> bool:
    """Return whether the attempt is still ours: nobody took it over after a lapsed lease."""
    found = await session.scalar(
        select(notifications.c.id)
        .where(
            notifications.c.id == notice.id,
            notifications.c.state == NoticeState.SENDING,
            notifications.c.attempts == notice.attempts,
        )
        .with_for_update()
    )
    return found is not None


async def notices_to(
    session: Session, vault: Vault, customer_id: UUID, *, lock: bool = False
) -> list[Notice]:
    """Return the notices to a customer, oldest first, locked if they shall be changed."""
    wanted = (
        select(notifications)
        .where(notifications.c.customer_id == customer_id)
        .order_by(notifications.c.requested_at, notifications.c.id)
    )
    rows = await session.execute(wanted.with_for_update() if lock else wanted)
    return [_notice(vault, row) for row in rows]


async def empty_notices(
    session: Session, vault: Vault, customer_id: UUID, *, now: datetime
) -> tuple[int, list[Notice]]:
    """Take the words out of a customer's notices; return how many, and those that end by it."""
    locked = await notices_to(session, vault, customer_id, lock=True)
    his = [notice for notice in locked if notice.parameters != {}]
    waiting = [notice for notice in locked if notice.settled_at is None]
    for notice in his:
        sealed = vault.encrypt("{}", context=_context(notice.id))
        await session.execute(
            update(notifications)
            .where(notifications.c.id == notice.id)
            .values(parameters_sealed=sealed)
        )
    for notice in waiting:
        await write_settled(
            session, notice.id, state=NoticeState.FAILED, now=now, reason=Reason.CUSTOMER_ERASED
        )
    return len(his), waiting


async def write_settled(
    session: Session,
    notice_id: UUID,
    *,
    state: NoticeState,
    now: datetime,
    channel: str | None = None,
    reason: str | None = None,
) -> None:
    """Write how a locked notice ended."""
    await session.execute(
        update(notifications)
        .where(notifications.c.id == notice_id)
        .values(state=state, channel=channel, reason=reason, settled_at=now, due_at=now)
    )


async def write_postponed(
    session: Session, notice_id: UUID, *, due_at: datetime, reason: str
) -> None:
    """Write when a locked notice is tried again, and why."""
    await session.execute(
        update(notifications)
        .where(notifications.c.id == notice_id)
        .values(state=NoticeState.PENDING, due_at=due_at, reason=reason)
    )


async def notice_page(
    session: Session,
    vault: Vault,
    *,
    state: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Notice]:
    """Return up to `limit` notices, newest first."""
    statement = select(notifications)
    if state is not None:
        statement = statement.where(notifications.c.state == state)
    if before is not None:
        statement = statement.where(
            tuple_(notifications.c.requested_at, notifications.c.id) < before
        )
    newest = (notifications.c.requested_at.desc(), notifications.c.id.desc())
    rows = await session.execute(statement.order_by(*newest).limit(limit))
    return [_notice(vault, row) for row in rows]


def _notice(vault: Vault, row: Row[Any]) -> Notice:
    try:
        parameters = orjson.loads(vault.decrypt(row.parameters_sealed, context=_context(row.id)))
    except UnreadableError:
        parameters = None
    return Notice(
        id=row.id,
        customer_id=row.customer_id,
        template=row.template,
        parameters=parameters,
        reference_kind=row.reference_kind,
        reference_id=row.reference_id,
        state=NoticeState(row.state),
        reason=row.reason,
        channel=row.channel,
        attempts=row.attempts,
        due_at=row.due_at,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        settled_at=row.settled_at,
        origin=row.origin,
        cause=Cause(row.correlation_id, row.causation_id, row.traceparent),
    )


def _context(notice_id: UUID) -> str:
    return f"notice:{notice_id}"
