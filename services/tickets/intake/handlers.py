"""What is heard from partners' systems: their customers, and requests that they took."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from uuid import UUID

from services.tickets.customers.rules import ContactKind
from services.tickets.intake.rules import (
    FIELDS,
    CustomerRecord,
    RecordVersion,
    RequestRecord,
    Taken,
)
from services.tickets.intake.take_customer import take_customer
from services.tickets.intake.take_request import take_request
from services.tickets.tickets.open_ticket import Intake
from shared.auth.actor import SYSTEM
from shared.contracts.integrations import (
    CrmAnswer,
    CrmComplaintReceived,
    CrmCustomerReceived,
    CrmLetter,
    CrmRecordRefused,
    CrmRecordTaken,
)
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import DomainError
from shared.inbox.handlers import Handler, Received, on
from shared.outbox.emit import Saying, emit


def intake_handlers(vault: Vault, intake: Intake) -> tuple[Handler, ...]:
    """Return the handlers of this capability; each letter is answered, taken or refused."""

    async def hear_customers(
        session: Session, received: Sequence[Received[CrmCustomerReceived]]
    ) -> None:
        for one in sorted(received, key=_order):
            taking = take_customer(
                session, vault, _customer(one.data), actor=SYSTEM, now=one.envelope.time
            )
            await _answer(session, one, "customer", taking)

    async def hear_requests(
        session: Session, received: Sequence[Received[CrmComplaintReceived]]
    ) -> None:
        for one in sorted(received, key=_order):
            now = one.envelope.time
            taking = take_request(
                session, vault, _request(one.data), intake=intake, actor=SYSTEM, now=now
            )
            await _answer(session, one, "complaint", taking)

    return on(CrmCustomerReceived, hear_customers), on(CrmComplaintReceived, hear_requests)


def _order(
    received: Received[CrmCustomerReceived] | Received[CrmComplaintReceived],
) -> tuple[str, str, datetime, UUID]:
    """Return where a letter stands in its batch: whoever locks two rows locks them in one order."""
    letter = received.data
    return letter.source, letter.external_id, letter.occurred_at, letter.delivery_id


async def _answer(
    session: Session,
    received: Received[CrmCustomerReceived] | Received[CrmComplaintReceived],
    record: str,
    taking: Awaitable[Taken],
) -> None:
    letter, envelope = received.data, received.envelope
    savepoint = await session.begin_nested()
    answer: CrmAnswer
    try:
        taken = await taking
    except DomainError as refusal:
        await savepoint.rollback()
        answer = _refused(letter, record, refusal, received)
    else:
        await savepoint.commit()
        answer = CrmRecordTaken(
            delivery_id=letter.delivery_id,
            source=letter.source,
            record=record,
            record_id=taken.record_id,
            customer_id=taken.customer_id,
            result=taken.result,
            taken_at=envelope.time,
        )
    saying = Saying(
        answer, letter.delivery_id, envelope.sequence, envelope.time, cause=received.cause
    )
    await emit(session, saying)


def _refused(
    letter: CrmLetter,
    record: str,
    refusal: DomainError,
    received: Received[CrmCustomerReceived] | Received[CrmComplaintReceived],
) -> CrmRecordRefused:
    return CrmRecordRefused(
        delivery_id=letter.delivery_id,
        source=letter.source,
        record=record,
        reason=refusal.code,
        field=FIELDS.get(refusal.code),
        refused_at=received.envelope.time,
    )


def _customer(letter: CrmCustomerReceived) -> CustomerRecord:
    given = {kind: getattr(letter, kind) for kind in ContactKind}
    return CustomerRecord(
        source=letter.source,
        external_id=letter.external_id,
        version=RecordVersion(letter.occurred_at, letter.delivery_id),
        contacts={kind: value for kind, value in given.items() if value is not None},
        name=letter.name,
        grade=letter.grade,
        language=letter.language,
        deleted=letter.deleted,
    )


def _request(letter: CrmComplaintReceived) -> RequestRecord:
    return RequestRecord(
        source=letter.source,
        external_id=letter.external_id,
        customer_external_id=letter.customer_external_id,
        kind=letter.kind,
        channel=letter.channel,
        priority=letter.priority,
        category=letter.category,
        subject=letter.subject,
        description=letter.description,
    )
