"""What recovery hears of: loop cases that were opened."""

from collections.abc import Sequence

from services.tickets.recovery.take_recovery import take_recovery
from services.tickets.tickets.open_ticket import Intake
from shared.contracts.feedback import LoopOpened
from shared.correlation import answering_to
from shared.crypto.vault import Vault
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on


def recovery_handlers(vault: Vault, intake: Intake) -> tuple[Handler, ...]:
    """Return the handlers; batches are handled in the order of their tickets, against deadlocks."""

    async def opened(session: Session, received: Sequence[Received[LoopOpened]]) -> None:
        for one in sorted(received, key=lambda r: (r.data.ticket_id, r.data.case_id)):
            origin = one.envelope.origin
            with answering_to(one.cause):
                await take_recovery(session, vault, one.data, intake=intake, origin=origin)

    return (on(LoopOpened, opened),)
