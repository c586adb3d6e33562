"""What tickets says of the records that were sent to it."""

from collections.abc import Sequence
from typing import Final

from services.integrations.inbound.outcome_queries import drop_these_bodies, write_answer
from shared.contracts.integrations import CrmRecordRefused, CrmRecordTaken
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on
from shared.privacy.tombstones import erased_among

ERASED: Final = "customer_erased"
"""What was sent about an erased customer is not kept until somebody mends it."""


async def _hear_taken(session: Session, received: Sequence[Received[CrmRecordTaken]]) -> None:
    for one in sorted(received, key=lambda r: r.data.delivery_id):
        answer, envelope = one.data, one.envelope
        await write_answer(
            session,
            answer.delivery_id,
            attempt=envelope.sequence,
            taken=True,
            now=envelope.time,
            result=answer.result,
            record_id=answer.record_id,
            customer_id=answer.customer_id,
        )
    erased = await erased_among(session, (one.data.customer_id for one in received))
    gone = [one.data.delivery_id for one in received if one.data.customer_id in erased]
    await drop_these_bodies(session, gone)


async def _hear_refused(session: Session, received: Sequence[Received[CrmRecordRefused]]) -> None:
    for one in sorted(received, key=lambda r: (r.data.delivery_id, r.envelope.sequence)):
        answer, envelope = one.data, one.envelope
        await write_answer(
            session,
            answer.delivery_id,
            attempt=envelope.sequence,
            taken=False,
            now=envelope.time,
            reason=answer.reason,
            field=answer.field,
        )
    gone = [one.data.delivery_id for one in received if one.data.reason == ERASED]
    await drop_these_bodies(session, gone)


HANDLERS: tuple[Handler, ...] = (
    on(CrmRecordTaken, _hear_taken),
    on(CrmRecordRefused, _hear_refused),
)
"""What this capability hears."""
