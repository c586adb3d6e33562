"""Keep what tickets say to the other tickets of their customers."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from services.reporting.directory.queries import tops
from services.reporting.facts.contact_queries import (
    contacts_among,
    follow_categories,
    remove_contacts,
    resolved_before,
    save_contacts,
)
from services.reporting.facts.contact_rules import contact_of
from services.reporting.facts.ticket_rules import TicketFact
from shared.database import Session


async def keep_contacts(
    session: Session,
    facts: Mapping[UUID, TicketFact],
    undone: Collection[UUID],
    categories: Collection[UUID],
) -> set[UUID]:
    """Keep the tickets as contacts; return the other tickets that may now count otherwise.

    `undone` are tickets that never were, `categories` those that may have another top than before.
    """
    old = await contacts_among(session, facts.keys() | set(undone))
    told = {id: contact for id, fact in facts.items() if (contact := contact_of(fact))}
    roots = await tops(session, {c.category_id for c in told.values() if c.category_id})
    new = {
        id: replace(contact, top_category_id=roots.get(contact.category_id, contact.category_id))
        for id, contact in told.items()
    }
    await remove_contacts(session, old.keys() - new.keys())
    await save_contacts(session, [c for id, c in new.items() if c != old.get(id)])
    moved = await follow_categories(session, categories)
    seen = [
        contact
        for here, there in ((old, new), (new, old))
        for id, contact in here.items()
        if not contact.seen_alike(there.get(id))
    ]
    others = await resolved_before(session, [*seen, *moved])
    return (others | {contact.ticket_id for contact in moved}) - facts.keys() - set(undone)
