"""All that this service knows of one customer, read or erased; rows stay, words go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, delete, func, or_, select, update

from services.tickets.conversation.tables import ticket_messages
from services.tickets.customers.tables import contact_identities, customers
from services.tickets.tickets.tables import tickets
from shared.crypto.vault import Vault
from shared.database import Session
from shared.privacy.tombstones import ERASED_TEXT


@dataclass(frozen=True, slots=True)
class Identity:
    """A customer's row after a change, and how many contacts were taken from it."""

    sequence: int
    contacts: int


async def erase_identity(
    session: Session, vault: Vault, customer_id: UUID, *, now: datetime
) -> Identity | None:
    """Take name and addresses from a customer; None when there is none."""
    nameless = vault.encrypt("", context=f"customer:{customer_id}")
    sequence = await session.scalar(
        update(customers)
        .where(customers.c.id == customer_id)
        .values(
            name_sealed=nameless,
            updated_at=now,
            version=customers.c.version + 1,
            sequence=customers.c.sequence + 1,
        )
        .returning(customers.c.sequence)
    )
    if sequence is None:
        return None
    gone = await session.execute(
        delete(contact_identities).where(contact_identities.c.customer_id == customer_id)
    )
    return Identity(sequence, gone.rowcount)


async def erase_words(session: Session, customer_id: UUID, ticket_ids: list[UUID]) -> int:
    """Take what was written out of a customer's tickets; return how many rows had something."""
    words = (tickets.c.subject, tickets.c.description, tickets.c.solution)
    emptied = await session.execute(
        update(tickets)
        .where(tickets.c.customer_id == customer_id, or_(*(word != ERASED_TEXT for word in words)))
        .values(
            subject=ERASED_TEXT,
            description=ERASED_TEXT,
            solution=case((tickets.c.solution.is_(None), None), else_=ERASED_TEXT),
        )
    )
    silenced = await session.execute(
        update(ticket_messages)
        .where(ticket_messages.c.ticket_id.in_(ticket_ids), ticket_messages.c.body != ERASED_TEXT)
        .values(body=ERASED_TEXT)
    )
    return emptied.rowcount + silenced.rowcount


async def erase_references(session: Session, ticket_ids: list[UUID], addresses: set[str]) -> int:
    """Replace the references of other systems that are an address; return how many."""
    digits = {address.lstrip("+")[-11:] for address in addresses}
    if not digits:
        return 0
    changed = await session.execute(
        update(tickets)
        .where(
            tickets.c.id.in_(ticket_ids),
            or_(*(func.strpos(tickets.c.source_ref, one) > 0 for one in digits)),
        )
        .values(source_ref=func.concat("erased:", tickets.c.id))
    )
    return changed.rowcount


async def tickets_of(session: Session, customer_id: UUID, *, lock: bool = False) -> list[Row[Any]]:
    """Return a customer's tickets, oldest first, locked if they shall be erased."""
    wanted = select(tickets).where(tickets.c.customer_id == customer_id).order_by(tickets.c.id)
    rows = await session.execute(wanted.with_for_update() if lock else wanted)
    return list(rows.all())


async def messages_in(session: Session, ticket_ids: list[UUID]) -> list[Row[Any]]:
    """Return what was said about tickets."""
    rows = await session.execute(
        select(ticket_messages)
        .where(ticket_messages.c.ticket_id.in_(ticket_ids))
        .order_by(ticket_messages.c.said_at, ticket_messages.c.number)
    )
    return list(rows.all())
