"""A ticket as a contact: whether its customer asked about the same once more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.reporting.facts.ticket_rules import TicketFact

WINDOW: Final = timedelta(days=7)
"""Requirement T-32: who asks about the same within seven days was not helped at once."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What a ticket says to its customer's other tickets.

    `top_category_id` is the root of the category; tickets without one count as of one category.
    """

    ticket_id: UUID
    customer_id: UUID
    category_id: UUID | None
    top_category_id: UUID | None
    created_at: datetime
    resolved_at: datetime | None

    def seen_alike(self, other: "Contact | None") -> bool:
        """Return whether the customer's other tickets see no difference."""
        return other is not None and (
            (self.customer_id, self.top_category_id, self.created_at)
            == (other.customer_id, other.top_category_id, other.created_at)
        )


def contact_of(fact: TicketFact) -> Contact | None:
    """Return a ticket as a contact; None without a customer, and for work of our own."""
    if fact.customer_id is None or fact.ours:
        return None
    resolved = fact.last_resolved
    return Contact(
        ticket_id=fact.ticket_id,
        customer_id=fact.customer_id,
        category_id=fact.dimensions.category_id,
        top_category_id=fact.dimensions.category_id,
        created_at=fact.created_at,
        resolved_at=resolved.resolved_at if resolved else None,
    )
