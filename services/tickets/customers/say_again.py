"""Say the present customers again, for a copy that begins or has lost something."""

from collections.abc import Iterator
from uuid import UUID

from services.tickets.customers.keep_customer import contact_of, customer_changed
from services.tickets.customers.queries import Customer, customers_after
from shared.contracts.tickets import CustomerContactChanged
from shared.crypto.vault import Vault
from shared.database import Session
from shared.messages.contract import Contract
from shared.privacy.tombstones import erased_among
from shared.snapshots.say_again import Again, Wanted, fact


async def say_customers_again(session: Session, vault: Vault, wanted: Wanted) -> list[Again]:
    """Return the next customers; who writes to people is told where to reach them.

    Of an erased customer there is nothing to say but that he was one.
    """
    after = None if wanted.position is None else UUID(wanted.position)
    known = await customers_after(session, vault, after, limit=wanted.limit)
    silent = await erased_among(session, (customer.id for customer in known))
    if wanted.recipient != CustomerContactChanged.RECIPIENT:
        silent = {customer.id for customer in known}
    return [
        fact(vault, content, one.id, one.sequence, one.updated_at)
        for one in known
        for content in _said_of(one, silent)
    ]


def _said_of(customer: Customer, silent: set[UUID]) -> Iterator[Contract]:
    """Give what is said of a customer; of the `silent` no address."""
    yield customer_changed(customer)
    if customer.id not in silent:
        yield contact_of(customer)
