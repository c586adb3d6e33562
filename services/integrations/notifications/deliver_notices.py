"""Deliver what is due: claim with a lease, hand over outside any transaction, settle."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.integrations.contacts.queries import Contact, contacts_of
from services.integrations.notifications.carriers import CarriageError, Carrier
from services.integrations.notifications.queries import (
    Notice,
    claim_due,
    lock_claimed,
    write_postponed,
    write_settled,
)
from services.integrations.notifications.rules import pause_after
from services.integrations.notifications.telling import tell_delivered, tell_failed
from services.integrations.notifications.vocabulary import NoticeState, Reason, Template
from services.integrations.notifications.wording import Letterhead, WordingError, word_notice
from shared.crypto.vault import Vault
from shared.database import Database, Session

LEASE: Final = timedelta(minutes=10)
"""Longer than a mail may hang: some ten answers of 20 seconds each are under four minutes."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What delivering works with in one installation."""

    vault: Vault
    carrier: Carrier
    head: Letterhead


async def deliver_next(database: Database, delivery: Delivery, *, now: datetime) -> int:
    """Deliver the notice that waits longest; return 0 when none is due."""
    async with database.transaction() as session:
        claimed = await claim_due(session, delivery.vault, now=now, lease=LEASE, limit=1)
        known = await contacts_of(session, delivery.vault, {n.customer_id for n in claimed})
    for notice in claimed:
        failure = await _failure(delivery, notice, known.get(notice.customer_id), now)
        async with database.transaction() as session:
            await _settle(session, delivery, notice, failure, now=now)
    return len(claimed)


async def _failure(
    delivery: Delivery, notice: Notice, contact: Contact | None, now: datetime
) -> CarriageError | None:
    """Hand a notice over; return why it did not leave, None when it did."""
    try:
        await _hand_over(delivery, notice, contact, now)
    except CarriageError as error:
        log.warning("notice_not_sent", notice_id=str(notice.id), reason=error.reason)
        return error
    return None


async def _hand_over(
    delivery: Delivery, notice: Notice, contact: Contact | None, now: datetime
) -> None:
    if contact is None:
        raise CarriageError(Reason.NO_CONTACT, again=False)
    if notice.expires_at <= now:
        raise CarriageError(Reason.EXPIRED, again=False)
    if notice.template not in set(Template):
        raise CarriageError(Reason.UNKNOWN_TEMPLATE, again=False)
    if notice.parameters is None:
        raise CarriageError(Reason.UNREADABLE, again=False)
    try:
        wording = word_notice(
            Template(notice.template),
            notice.parameters,
            name=contact.name,
            language=contact.language,
            head=delivery.head,
        )
    except WordingError as error:
        raise CarriageError(Reason.UNREADABLE, again=False) from error
    await delivery.carrier.carry(notice.id, contact, wording)


async def _settle(
    session: Session,
    delivery: Delivery,
    notice: Notice,
    failure: CarriageError | None,
    *,
    now: datetime,
) -> None:
    """Write down how an attempt ended, unless somebody took it over meanwhile."""
    if not await lock_claimed(session, notice):
        return
    if failure is None:
        channel = delivery.carrier.channel
        await write_settled(
            session, notice.id, state=NoticeState.DELIVERED, now=now, channel=channel
        )
        await tell_delivered(session, notice, channel=channel, now=now)
        return
    pause = pause_after(notice.attempts) if failure.again else None
    if pause is not None:
        due_at = min(now + pause, notice.expires_at)
        await write_postponed(session, notice.id, due_at=due_at, reason=failure.reason)
        return
    await write_settled(
        session, notice.id, state=NoticeState.FAILED, now=now, reason=failure.reason
    )
    await tell_failed(session, notice, reason=failure.reason, now=now)
