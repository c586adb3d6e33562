"""Add and change customers, and tell whoever keeps a copy."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.tickets.customers.queries import (
    Customer,
    insert_customer,
    lock_customer,
    update_customer,
)
from services.tickets.customers.rules import ContactKind, Grade, Language, normalise
from shared.audit import audit
from shared.auth.actor import Actor
from shared.changes import difference
from shared.contracts.tickets import CustomerChanged, CustomerContactChanged
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.messages.contract import Origin
from shared.outbox.emit import Saying, emit, send
from shared.privacy.tombstones import require_not_erased

PERSONAL: Final = ("name", *ContactKind)


async def add_customer(
    session: Session,
    vault: Vault,
    *,
    name: str,
    contacts: Mapping[ContactKind, str],
    grade: Grade,
    language: Language,
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    customer_id: UUID | None = None,
) -> Customer:
    """Add a customer, under an id that was given out before or a new one.

    Raises InvalidError for an address that cannot be one.
    """
    customer = _new(
        customer_id or new_id(),
        now,
        name=name,
        contacts=_normalised(contacts),
        grade=grade,
        language=language,
    )
    await insert_customer(session, vault, customer)
    await _tell(session, vault, customer, now=now, origin=origin)
    await _note(session, "customer.added", None, customer, actor=actor, now=now)
    return customer


async def add_stub(session: Session, vault: Vault, customer_id: UUID, *, now: datetime) -> None:
    """Make room for a customer whom only his token names; what is known stays as it is."""
    stub = _new(customer_id, now)
    if await insert_customer(session, vault, stub, only_if_new=True):
        await _tell(session, vault, stub, now=now, origin=Origin.LIVE)


async def change_customer(
    session: Session,
    vault: Vault,
    customer_id: UUID,
    *,
    changes: Mapping[str, Any],
    version: int | None,
    actor: Actor,
    now: datetime,
) -> Customer:
    """Change name, grade, language or contacts; a contact given as None is removed.

    Raises NotFoundError, StaleError, InvalidError for an address that cannot be one, or
    ConflictError for an erased customer.
    """
    await require_not_erased(session, customer_id)
    present = await lock_customer(session, vault, customer_id, version=version)
    contacts = {**present.contacts, **changes.get("contacts", {})}
    kept = {kind: value for kind, value in contacts.items() if value is not None}
    plain = {name: value for name, value in changes.items() if name != "contacts"}
    changed = replace(
        present,
        **plain,
        contacts=_normalised(kept),
        updated_at=now,
        version=present.version + 1,
        sequence=present.sequence + 1,
    )
    await update_customer(session, vault, changed)
    await _tell(session, vault, changed, now=now, origin=Origin.LIVE)
    await _note(session, "customer.changed", present, changed, actor=actor, now=now)
    return changed


def _new(
    customer_id: UUID,
    now: datetime,
    *,
    name: str = "",
    contacts: Mapping[ContactKind, str] | None = None,
    grade: Grade = Grade.STANDARD,
    language: Language = Language.ZH,
) -> Customer:
    return Customer(
        id=customer_id,
        name=name,
        grade=grade,
        language=language,
        contacts=contacts or {},
        created_at=now,
        updated_at=now,
        version=1,
        sequence=1,
    )


def _normalised(contacts: Mapping[ContactKind, str]) -> dict[ContactKind, str]:
    return {kind: normalise(kind, value) for kind, value in contacts.items()}


def customer_changed(customer: Customer) -> CustomerChanged:
    """Return what everybody may know of a customer."""
    return CustomerChanged(
        customer_id=customer.id,
        grade=customer.grade,
        language=customer.language,
        reachable_by=tuple(sorted(customer.contacts)),
    )


def contact_of(customer: Customer) -> CustomerContactChanged:
    """Return where a customer can be reached, for who writes to people."""
    return CustomerContactChanged(
        customer_id=customer.id,
        name=customer.name,
        language=customer.language,
        email=customer.contacts.get(ContactKind.EMAIL),
        phone=customer.contacts.get(ContactKind.PHONE),
    )


async def _tell(
    session: Session, vault: Vault, customer: Customer, *, now: datetime, origin: str
) -> None:
    changed, letter = customer_changed(customer), contact_of(customer)
    await emit(session, Saying(changed, customer.id, customer.sequence, now, origin))
    await send(session, vault, Saying(letter, customer.id, customer.sequence, now, origin))


async def _note(
    session: Session,
    action: str,
    before: Customer | None,
    after: Customer,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    await audit(
        session,
        action,
        actor=actor,
        subject_kind="customer",
        subject_id=after.id,
        now=now,
        changes=difference(_known(before), _known(after), hidden=PERSONAL),
    )


def _known(customer: Customer | None) -> dict[str, Any]:
    if customer is None:
        return {}
    contacts = {str(kind): address for kind, address in customer.contacts.items()}
    return contacts | {name: getattr(customer, name) for name in ("name", "grade", "language")}
