"""Named reads and locks of what partners' records are here."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.tickets.intake.rules import RecordVersion
from services.tickets.intake.tables import external_customers
from services.tickets.tickets.queries import Ticket, ticket_of
from services.tickets.tickets.tables import tickets
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import NotFoundError
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class ExternalCustomer:
    """Who a partner's customer is here; without a version only a request has named him yet."""

    source: str
    external_index: bytes
    customer_id: UUID
    version: RecordVersion | None


async def lock_external_customer(
    session: Session, vault: Vault, source: str, external_id: str
) -> ExternalCustomer:
    """Return who a partner's customer is here, locked; whoever is new gets an id of ours."""
    index = vault.blind_index(f"external:{source}:{external_id}")
    table = external_customers
    await session.execute(
        insert(table)
        .values(source=source, external_index=index, customer_id=new_id())
        .on_conflict_do_nothing()
    )
    row = (
        await session.execute(
            select(table)
            .where(table.c.source == source, table.c.external_index == index)
            .with_for_update()
        )
    ).one()
    version = RecordVersion(row.occurred_at, row.delivery_id) if row.occurred_at else None
    return ExternalCustomer(source, index, row.customer_id, version)


async def write_version(
    session: Session, known: ExternalCustomer, version: RecordVersion, *, deleted: bool
) -> None:
    """Write which version of a locked record counts now, and whether it ended it."""
    await session.execute(
        update(external_customers)
        .where(
            external_customers.c.source == known.source,
            external_customers.c.external_index == known.external_index,
        )
        .values(occurred_at=version.occurred_at, delivery_id=version.delivery_id, deleted=deleted)
    )


async def get_ticket_from(session: Session, source: str, source_ref: str) -> Ticket:
    """Return the ticket that a record of another system became. Raises NotFoundError."""
    ticket = await ticket_from(session, source, source_ref)
    if ticket is None:
        raise NotFoundError("ticket_not_found", "There is no such ticket.")
    return ticket


async def ticket_from(session: Session, source: str, source_ref: str) -> Ticket | None:
    """Return the ticket that a record of another system became."""
    statement = select(tickets).where(
        tickets.c.source == source, tickets.c.source_ref == source_ref
    )
    row = (await session.execute(statement)).mappings().one_or_none()
    return None if row is None else ticket_of(row)
