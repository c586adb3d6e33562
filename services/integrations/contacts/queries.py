"""Named reads and writes of contacts; outside this file nobody sees a ciphertext."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from uuid import UUID

import orjson
from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.integrations.contacts.tables import contacts
from shared.crypto.vault import Vault
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer's name, language and addresses in clear text."""

    name: str
    language: str
    email: str | None
    phone: str | None


async def keep_contact(
    session: Session,
    vault: Vault,
    customer_id: UUID,
    contact: Contact,
    *,
    epoch: int,
    sequence: int,
) -> None:
    """Write where a customer can be reached, unless something newer stands there."""
    sealed = vault.encrypt(orjson.dumps(asdict(contact)).decode(), context=_context(customer_id))
    statement = insert(contacts).values(
        customer_id=customer_id, sealed=sealed, epoch=epoch, sequence=sequence
    )
    new = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["customer_id"],
            set_={"sealed": new.sealed, "epoch": new.epoch, "sequence": new.sequence},
            where=tuple_(contacts.c.epoch, contacts.c.sequence) < tuple_(new.epoch, new.sequence),
        )
    )


async def forget_contact(session: Session, customer_id: UUID) -> int:
    """Delete where a customer could be reached; return how many rows."""
    gone = await session.execute(delete(contacts).where(contacts.c.customer_id == customer_id))
    return gone.rowcount


async def contacts_of(
    session: Session, vault: Vault, customer_ids: Collection[UUID]
) -> dict[UUID, Contact]:
    """Return the contacts that are known of these customers."""
    rows = await session.execute(
        select(contacts.c.customer_id, contacts.c.sealed).where(
            contacts.c.customer_id.in_(set(customer_ids))
        )
    )
    return {
        row.customer_id: Contact(
            **orjson.loads(vault.decrypt(row.sealed, context=_context(row.customer_id)))
        )
        for row in rows
    }


def _context(customer_id: UUID) -> str:
    return f"contact:{customer_id}"
