"""What undoing hears of: events of tickets that were taken back, and closings that replace them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.surveys.invitations.queries import hold_cycles
from services.surveys.undoing.queries import Cycle, begun_by, older_than
from services.surveys.undoing.undo_cycles import undo_cycles
from shared.contracts.restores import EventsVoided
from shared.contracts.tickets import TicketClosed
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on
from shared.restores.epochs import FIRST_EPOCH
from shared.restores.hear import sender_of


def undo_handlers(clock: Callable[[], datetime]) -> tuple[Handler, ...]:
    """Return the handlers; they come before those that invite, which find the cycle free."""

    async def taken_back(session: Session, received: Sequence[Received[EventsVoided]]) -> None:
        cycles: dict[UUID, Cycle] = {}
        for one in received:
            if sender_of(one.envelope) in TicketClosed.SENDERS:
                cycles |= await begun_by(session, one.data, one.envelope.id)
        await undo_cycles(session, cycles, now=clock())

    async def closed_again(session: Session, received: Sequence[Received[TicketClosed]]) -> None:
        """Undo the row of a cycle that is closed in a newer epoch: its own closing was forgotten.

        It may be heard of before the statement that says so.
        """
        newer = {
            (one.data.ticket_id, one.data.cycle_no): one.envelope.epoch
            for one in received
            if one.envelope.epoch > FIRST_EPOCH
        }
        if newer:
            await hold_cycles(session, newer)
            await undo_cycles(session, await older_than(session, newer), now=clock())

    return on(EventsVoided, taken_back), on(TicketClosed, closed_again)
