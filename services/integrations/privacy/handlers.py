"""What is heard: services answer, this one among them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.integrations.privacy.rules import PrivacyTimes
from services.integrations.privacy.take_answer import take_erased, take_found
from shared.contracts.privacy import DataFound, ErasureDone, ExportRequested
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on
from shared.privacy.forgetting import Forgetting, erasure_handler


def answer_handlers(
    forgetting: Forgetting, times: PrivacyTimes, clock: Callable[[], datetime]
) -> tuple[Handler, ...]:
    """Return the handlers of this capability; it needs no letter to itself."""
    vault = forgetting.vault

    async def erased(session: Session, received: Sequence[Received[ErasureDone]]) -> None:
        for one in sorted(received, key=lambda r: (r.data.request_id, r.data.service)):
            await take_erased(session, forgetting, one.data, now=clock(), cause=one.cause)

    async def found(session: Session, received: Sequence[Received[DataFound]]) -> None:
        for one in sorted(received, key=lambda r: (r.data.request_id, r.data.service)):
            said = one.data
            await take_found(
                session,
                vault,
                said.request_id,
                said.service,
                said.found,
                times=times,
                now=clock(),
            )

    async def look_here(session: Session, received: Sequence[Received[ExportRequested]]) -> None:
        for one in sorted(received, key=lambda r: r.data.request_id):
            await take_found(
                session,
                vault,
                one.data.request_id,
                forgetting.service,
                await forgetting.find(session, one.data.customer_id),
                times=times,
                now=clock(),
            )

    return (
        erasure_handler(forgetting, clock),
        on(ErasureDone, erased),
        on(DataFound, found),
        on(ExportRequested, look_here),
    )
