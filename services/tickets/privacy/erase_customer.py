"""Erase one customer, or tell what is known of him; his tickets stay, and are nobody's words."""

from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from services.tickets.customers.queries import Customer, get_customer
from services.tickets.privacy.queries import (
    erase_identity,
    erase_references,
    erase_words,
    messages_in,
    tickets_of,
)
from shared.contracts.privacy import CustomerErased
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import NotFoundError
from shared.outbox.emit import Saying, emit
from shared.privacy.forgetting import Erased, Forgetting, Found
from shared.privacy.traces import Traces


def forgetting(service: str, vault: Vault) -> Forgetting:
    """Return what tickets does about one customer."""

    async def erase(
        session: Session, customer_id: UUID, *, first: bool, now: datetime, cause: Cause
    ) -> Erased:
        return await erase_customer(session, vault, customer_id, first=first, now=now, cause=cause)

    async def find(session: Session, customer_id: UUID) -> Found:
        return await find_customer(session, vault, customer_id)

    return Forgetting(service, vault, erase, find)


async def erase_customer(
    session: Session,
    vault: Vault,
    customer_id: UUID,
    *,
    first: bool,
    now: datetime,
    cause: Cause,
) -> Erased:
    """Take name, addresses and words away; numbers, instants and what was decided stay."""
    known = await _known(session, vault, customer_id)
    addresses = set(known.contacts.values()) if known else set()
    ticket_ids = [row.id for row in await tickets_of(session, customer_id, lock=True)]
    rows = await erase_words(session, customer_id, ticket_ids)
    rows += await erase_references(session, ticket_ids, addresses)
    if known is not None and first:
        identity = await erase_identity(session, vault, customer_id, now=now)
        if identity is not None:
            rows += 1 + identity.contacts
            told = CustomerErased(customer_id=customer_id, erased_at=now)
            await emit(session, Saying(told, customer_id, identity.sequence, now, cause=cause))
    return Erased(rows, Traces(customer_id, frozenset(ticket_ids), frozenset(addresses)))


async def find_customer(session: Session, vault: Vault, customer_id: UUID) -> Found:
    """Return the customer, his tickets and what was said about them, notes among us included."""
    known = await _known(session, vault, customer_id)
    tickets = await tickets_of(session, customer_id)
    messages = await messages_in(session, [row.id for row in tickets])
    return {
        "customer": [] if known is None else [_customer(known)],
        "tickets": [
            {
                "number": row.number,
                "kind": row.kind,
                "channel": row.channel,
                "state": row.state,
                "subject": row.subject,
                "description": row.description,
                "solution": row.solution,
                "created_at": row.created_at.isoformat(),
                "closed_at": row.closed_at and row.closed_at.isoformat(),
            }
            for row in tickets
        ],
        "messages": [
            {
                "ticket_id": str(row.ticket_id),
                "author": row.author_kind,
                "visibility": row.visibility,
                "body": row.body,
                "said_at": row.said_at.isoformat(),
            }
            for row in messages
        ],
    }


async def _known(session: Session, vault: Vault, customer_id: UUID) -> Customer | None:
    try:
        return await get_customer(session, vault, customer_id)
    except NotFoundError:
        return None


def _customer(known: Customer) -> dict[str, JsonValue]:
    return {
        "name": known.name,
        "grade": known.grade,
        "language": known.language,
        "created_at": known.created_at.isoformat(),
        **{str(kind): value for kind, value in known.contacts.items()},
    }
