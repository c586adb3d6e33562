"""Take a request that a partner's system has: one ticket, however often it is sent."""

from datetime import datetime

from services.tickets.categories.queries import category_with
from services.tickets.customers.keep_customer import add_stub
from services.tickets.intake.queries import lock_external_customer, ticket_from
from services.tickets.intake.rules import KINDS, RequestRecord, Taken, word_of
from services.tickets.intake.vocabulary import IntakeResult
from services.tickets.tickets.open_ticket import Intake, TicketRequest, open_ticket
from services.tickets.tickets.vocabulary import Channel, Kind, Priority
from shared.auth.actor import Actor
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import ConflictError, InvalidError
from shared.privacy.tombstones import require_not_erased


async def take_request(
    session: Session,
    vault: Vault,
    record: RequestRecord,
    *,
    intake: Intake,
    actor: Actor,
    now: datetime,
) -> Taken:
    """Open a ticket for a record, unless it has one: the ticket is ours and is not changed.

    A customer who is not known yet gets a place that his own record fills. Raises InvalidError
    for a word that is none of ours, ConflictError for an erased customer.
    """
    ticket = await ticket_from(session, record.source, record.external_id)
    if ticket is not None:
        return Taken(IntakeResult.KNOWN, ticket.id, ticket.customer_id)
    request = await _request(session, vault, record, now=now)
    savepoint = await session.begin_nested()
    try:
        ticket = await open_ticket(session, vault, request, intake=intake, actor=actor, now=now)
    except ConflictError:
        await savepoint.rollback()
        ticket = await ticket_from(session, record.source, record.external_id)
        if ticket is None:
            raise
        return Taken(IntakeResult.KNOWN, ticket.id, ticket.customer_id)
    await savepoint.commit()
    return Taken(IntakeResult.CREATED, ticket.id, ticket.customer_id)


async def _request(
    session: Session, vault: Vault, record: RequestRecord, *, now: datetime
) -> TicketRequest:
    kind = word_of(Kind, record.kind)
    if kind not in KINDS:
        raise InvalidError("unknown_kind", "Partners cannot send requests of this kind.")
    channel = word_of(Channel, record.channel)
    if channel is None:
        raise InvalidError("unknown_channel", "There is no such channel.")
    priority = word_of(Priority, record.priority or Priority.NORMAL)
    if priority is None:
        raise InvalidError("unknown_priority", "There is no such priority.")
    category_id = await category_with(session, record.category) if record.category else None
    customer_id = None
    if record.customer_external_id is not None:
        known = await lock_external_customer(
            session, vault, record.source, record.customer_external_id
        )
        customer_id = known.customer_id
        await require_not_erased(session, customer_id)
        await add_stub(session, vault, customer_id, now=now)
    return TicketRequest(
        kind=kind,
        channel=channel,
        priority=priority,
        subject=record.subject,
        description=record.description,
        customer_id=customer_id,
        category_id=category_id,
        source=record.source,
        source_ref=record.external_id,
    )
