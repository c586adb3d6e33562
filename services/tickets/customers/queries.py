"""Named reads and writes of customers; outside this file nobody sees a ciphertext."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.tickets.customers.rules import ContactKind, ending_of, normalise
from services.tickets.customers.tables import contact_identities, customers
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import InvalidError, NotFoundError, StaleError


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer in clear text, addresses normalised."""

    id: UUID
    name: str
    grade: str
    language: str
    contacts: Mapping[ContactKind, str]
    created_at: datetime
    updated_at: datetime
    version: int
    sequence: int


async def require_customer(session: Session, customer_id: UUID | None) -> None:
    """Raise InvalidError unless the customer is None or exists."""
    if customer_id is None:
        return
    statement = select(customers.c.id).where(customers.c.id == customer_id)
    if await session.scalar(statement) is None:
        raise InvalidError("unknown_customer", "There is no such customer.")


async def get_customer(session: Session, vault: Vault, customer_id: UUID) -> Customer:
    """Return a customer. Raises NotFoundError."""
    return await _customer(session, vault, select(customers).where(customers.c.id == customer_id))


async def lock_customer(
    session: Session, vault: Vault, customer_id: UUID, *, version: int | None
) -> Customer:
    """Return a customer, locked. Raises NotFoundError, or StaleError for an old `version`."""
    wanted = select(customers).where(customers.c.id == customer_id).with_for_update()
    customer = await _customer(session, vault, wanted)
    if version is not None and version != customer.version:
        raise StaleError(
            "stale_version", "The customer was changed meanwhile.", version=customer.version
        )
    return customer


async def customer_page(
    session: Session,
    vault: Vault,
    *,
    phone: str | None,
    phone_ending: str | None,
    email: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Customer]:
    """Return up to `limit` customers, newest first, found by a whole address or a phone's ending.

    Raises InvalidError for an address that cannot be one.
    """
    wanted = select(customers)
    for kind, value in ((ContactKind.PHONE, phone), (ContactKind.EMAIL, email)):
        if value is not None:
            index = vault.blind_index(normalise(kind, value))
            wanted = wanted.where(_has(contact_identities.c.index_full == index))
    if phone_ending is not None:
        wanted = wanted.where(
            _has(contact_identities.c.index_ending == vault.blind_index(phone_ending))
        )
    if before is not None:
        wanted = wanted.where(tuple_(customers.c.created_at, customers.c.id) < before)
    newest = wanted.order_by(customers.c.created_at.desc(), customers.c.id.desc()).limit(limit)
    return await _customers(session, vault, (await session.execute(newest)).all())


async def customers_after(
    session: Session, vault: Vault, customer_id: UUID | None, *, limit: int
) -> list[Customer]:
    """Return up to `limit` customers by id, those after one of them."""
    wanted = select(customers).order_by(customers.c.id).limit(limit)
    if customer_id is not None:
        wanted = wanted.where(customers.c.id > customer_id)
    return await _customers(session, vault, (await session.execute(wanted)).all())


async def insert_customer(
    session: Session, vault: Vault, customer: Customer, *, only_if_new: bool = False
) -> bool:
    """Write a new customer with his contacts; return whether he was new."""
    statement = upsert(customers).values(
        id=customer.id,
        name_sealed=vault.encrypt(customer.name, context=f"customer:{customer.id}"),
        grade=customer.grade,
        language=customer.language,
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        version=customer.version,
        sequence=customer.sequence,
    )
    if only_if_new:
        statement = statement.on_conflict_do_nothing()
    added = await session.scalar(statement.returning(customers.c.id)) is not None
    if added:
        await write_contacts(session, vault, customer)
    return added


async def update_customer(session: Session, vault: Vault, customer: Customer) -> None:
    """Write a locked customer's present state."""
    await session.execute(
        update(customers)
        .where(customers.c.id == customer.id)
        .values(
            name_sealed=vault.encrypt(customer.name, context=f"customer:{customer.id}"),
            grade=customer.grade,
            language=customer.language,
            updated_at=customer.updated_at,
            version=customer.version,
            sequence=customer.sequence,
        )
    )
    await session.execute(
        delete(contact_identities).where(contact_identities.c.customer_id == customer.id)
    )
    await write_contacts(session, vault, customer)


async def write_contacts(session: Session, vault: Vault, customer: Customer) -> None:
    """Write the contacts of a customer who has none stored."""
    rows = [
        {
            "customer_id": customer.id,
            "kind": kind,
            "value_sealed": vault.encrypt(value, context=f"contact:{customer.id}"),
            "index_full": vault.blind_index(value),
            "index_ending": vault.blind_index(ending)
            if (ending := ending_of(kind, value))
            else None,
            "changed_at": customer.updated_at,
        }
        for kind, value in customer.contacts.items()
    ]
    if rows:
        await session.execute(insert(contact_identities), rows)


def _has(condition: Any) -> Any:
    return (
        select(contact_identities.c.customer_id)
        .where(contact_identities.c.customer_id == customers.c.id, condition)
        .exists()
    )


async def _customer(session: Session, vault: Vault, wanted: Select[Any]) -> Customer:
    row = (await session.execute(wanted)).one_or_none()
    if row is None:
        raise NotFoundError("customer_not_found", "There is no such customer.")
    return (await _customers(session, vault, [row]))[0]


async def _customers(session: Session, vault: Vault, rows: Sequence[Row[Any]]) -> list[Customer]:
    identities = await session.execute(
        select(contact_identities).where(
            contact_identities.c.customer_id.in_([row.id for row in rows])
        )
    )
    contacts: dict[UUID, dict[ContactKind, str]] = {row.id: {} for row in rows}
    for identity in identities:
        clear = vault.decrypt(identity.value_sealed, context=f"contact:{identity.customer_id}")
        contacts[identity.customer_id][ContactKind(identity.kind)] = clear
    return [
        Customer(
            id=row.id,
            name=vault.decrypt(row.name_sealed, context=f"customer:{row.id}"),
            grade=row.grade,
            language=row.language,
            contacts=contacts[row.id],
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
            sequence=row.sequence,
        )
        for row in rows
    ]
