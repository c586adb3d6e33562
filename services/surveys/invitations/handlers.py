"""What invitations hear of: closings, reopenings, and what became of notices."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import func, update

from services.surveys.invitations.cancel_after_reopening import cancel_after_reopening
from services.surveys.invitations.invite_after_closing import Asking, invite_after_closing
from services.surveys.invitations.queries import hold_cycles
from services.surveys.invitations.tables import invitations
from services.surveys.invitations.vocabulary import REFERENCE
from shared.contracts.integrations import NotificationDelivered, NotificationFailed
from shared.contracts.tickets import TicketClosed, TicketReopened
from shared.database import AFTER_COMMIT, Session
from shared.inbox.handlers import Handler, Received, on
from shared.messages.contract import Origin
from shared.metrics import LOOP
from shared.privacy.tombstones import erased_among


def invitation_handlers(asking: Asking, clock: Callable[[], datetime]) -> tuple[Handler, ...]:
    """Return the handlers; batches are handled in the order of their tickets, against deadlocks."""

    async def closed(session: Session, received: Sequence[Received[TicketClosed]]) -> None:
        erased = await erased_among(session, (one.data.customer_id for one in received))
        await invite_after_closing(session, asking, received, erased=erased, now=clock())
        measure = partial(_measure_loop, received, clock)
        session.info.setdefault(AFTER_COMMIT, []).append(measure)

    return (
        on(TicketClosed, closed),
        on(TicketReopened, _reopened),
        on(NotificationDelivered, _delivered),
        on(NotificationFailed, _failed),
    )


def _measure_loop(
    received: Sequence[Received[TicketClosed]], clock: Callable[[], datetime]
) -> None:
    """Note how long closings waited for what became of them; an import has waited for years."""
    now = clock()
    for one in received:
        if one.envelope.origin == Origin.LIVE:
            LOOP.observe((now - one.data.closed_at).total_seconds())


async def _reopened(session: Session, received: Sequence[Received[TicketReopened]]) -> None:
    await hold_cycles(session, ((one.data.ticket_id, one.data.cycle_no - 1) for one in received))
    for one in sorted(received, key=lambda r: (r.data.ticket_id, r.data.cycle_no)):
        await cancel_after_reopening(session, one)


async def _delivered(session: Session, received: Sequence[Received[NotificationDelivered]]) -> None:
    """Note the first delivery; the reminder's comes later and changes nothing."""
    for one in sorted(received, key=lambda r: r.data.reference_id):
        if one.data.reference_kind == REFERENCE:
            first = func.least(invitations.c.delivered_at, one.data.delivered_at)
            await session.execute(
                update(invitations)
                .where(invitations.c.id == one.data.reference_id)
                .values(delivered_at=first)
            )


async def _failed(session: Session, received: Sequence[Received[NotificationFailed]]) -> None:
    for one in sorted(received, key=lambda r: r.data.reference_id):
        if one.data.reference_kind == REFERENCE:
            await session.execute(
                update(invitations)
                .where(invitations.c.id == one.data.reference_id)
                .values(failed_because=func.least(invitations.c.failed_because, one.data.reason))
            )
