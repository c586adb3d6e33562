"""Which fact an event belongs to, and what that fact adds."""

from collections.abc import Sequence
from datetime import tzinfo
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.reporting.facts import invitation_rules, ticket_rules
from services.reporting.facts.rules import Contribution, LoggedEvent


class FactKind(StrEnum):
    TICKET = "ticket"
    INVITATION = "invitation"


class FactKey(NamedTuple):
    kind: FactKind
    id: UUID


def fact_key(event: LoggedEvent) -> FactKey | None:
    """Return which fact an event tells about; None for events that move no figure."""
    if event.type in ticket_rules.EVENTS:
        return FactKey(FactKind.TICKET, UUID(event.data["ticket_id"]))
    if event.type not in invitation_rules.EVENTS:
        return None
    if event.type != "notification.delivered":
        return FactKey(FactKind.INVITATION, UUID(event.data["invitation_id"]))
    if event.data["reference_kind"] != invitation_rules.REFERENCE:
        return None
    return FactKey(FactKind.INVITATION, UUID(event.data["reference_id"]))


def contributions(
    kind: FactKind, events: Sequence[LoggedEvent], zone: tzinfo
) -> list[Contribution]:
    """Return the rows that all known events of one fact give together."""
    if kind is FactKind.TICKET:
        ticket = ticket_rules.ticket_fact(events)
        return ticket_rules.ticket_contributions(ticket, zone) if ticket else []
    invitation = invitation_rules.invitation_fact(events)
    return invitation_rules.invitation_contributions(invitation, zone) if invitation else []
