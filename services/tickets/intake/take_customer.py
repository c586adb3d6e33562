"""Take a partner's customer: the partner's word counts for what he says, the newest one last."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.tickets.customers.keep_customer import add_customer, change_customer
from services.tickets.customers.queries import Customer, lock_customer
from services.tickets.customers.rules import Grade, Language, normalise
from services.tickets.intake.queries import lock_external_customer, write_version
from services.tickets.intake.rules import CustomerRecord, Taken, why_nothing_changes, word_of
from services.tickets.intake.vocabulary import IntakeResult
from shared.auth.actor import Actor
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import InvalidError, NotFoundError
from shared.privacy.tombstones import require_not_erased


async def take_customer(
    session: Session, vault: Vault, record: CustomerRecord, *, actor: Actor, now: datetime
) -> Taken:
    """Add or change a customer by his id at the partner's; nobody is found by phone or mail.

    An older version than the one known changes nothing. Who is deleted at the partner's stays
    here with his tickets. Raises InvalidError for a word or an address that cannot be one,
    ConflictError for an erased customer.
    """
    changes = _changes(record)
    known = await lock_external_customer(session, vault, record.source, record.external_id)
    await require_not_erased(session, known.customer_id)
    result = why_nothing_changes(record.version, known.version)
    if result is None:
        await write_version(session, known, record.version, deleted=record.deleted)
        result = (
            IntakeResult.DELETED
            if record.deleted
            else await _write(session, vault, known.customer_id, changes, actor=actor, now=now)
        )
    return Taken(result, known.customer_id, known.customer_id)


def _changes(record: CustomerRecord) -> dict[str, Any]:
    """Return what the record says of the customer, in our words."""
    said: dict[str, Any] = {"name": record.name}
    if record.grade is not None:
        said["grade"] = word_of(Grade, record.grade)
        if said["grade"] is None:
            raise InvalidError("unknown_grade", "There is no such grade.")
    if record.language is not None:
        said["language"] = word_of(Language, record.language)
        if said["language"] is None:
            raise InvalidError("unknown_language", "There is no such language here.")
    contacts = {kind: normalise(kind, value) for kind, value in record.contacts.items()}
    return {name: value for name, value in said.items() if value is not None} | {
        "contacts": contacts
    }


async def _write(
    session: Session,
    vault: Vault,
    customer_id: UUID,
    changes: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> IntakeResult:
    try:
        present = await lock_customer(session, vault, customer_id, version=None)
    except NotFoundError:
        new = {"name": "", "grade": Grade.STANDARD, "language": Language.ZH} | changes
        await add_customer(session, vault, **new, actor=actor, now=now, customer_id=customer_id)
        return IntakeResult.CREATED
    if _says_nothing_new(present, changes):
        return IntakeResult.UNCHANGED
    await change_customer(
        session, vault, customer_id, changes=changes, version=None, actor=actor, now=now
    )
    return IntakeResult.UPDATED


def _says_nothing_new(present: Customer, changes: dict[str, Any]) -> bool:
    plain = {name: value for name, value in changes.items() if name != "contacts"}
    return changes["contacts"].items() <= present.contacts.items() and all(
        getattr(present, name) == value for name, value in plain.items()
    )
