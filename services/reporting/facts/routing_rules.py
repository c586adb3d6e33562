"""Which fact an event belongs to, and what that fact adds."""

from collections.abc import Iterable
from datetime import tzinfo
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from services.reporting.facts import feedback_rules, invitation_rules, loop_rules, ticket_rules
from services.reporting.facts.feedback_rules import FeedbackFact, feedback_contributions
from services.reporting.facts.invitation_rules import InvitationFact, invitation_contributions
from services.reporting.facts.loop_rules import LoopFact, loop_contributions
from services.reporting.facts.rules import Contribution, LoggedEvent
from services.reporting.facts.ticket_row_rules import ticket_contributions
from services.reporting.facts.ticket_rules import TicketFact

Fact = TicketFact | InvitationFact | LoopFact | FeedbackFact


class FactKind(StrEnum):
    TICKET = "ticket"
    INVITATION = "invitation"
    LOOP = "loop"
    FEEDBACK = "feedback"


class FactKey(NamedTuple):
    kind: FactKind
    id: UUID


NAMED_BY: Final = {
    type: (kind, field)
    for kind, field, types in (
        (FactKind.TICKET, "ticket_id", ticket_rules.EVENTS),
        (FactKind.INVITATION, "invitation_id", invitation_rules.EVENTS),
        (FactKind.LOOP, "case_id", loop_rules.EVENTS),
        (FactKind.FEEDBACK, "item_id", feedback_rules.EVENTS),
    )
    for type in types
}


def fact_key(event: LoggedEvent) -> FactKey | None:
    """Return which fact an event tells about; None for events that move no figure."""
    if event.type == invitation_rules.DELIVERED:
        if event.data["reference_kind"] != invitation_rules.REFERENCE:
            return None
        return FactKey(FactKind.INVITATION, UUID(event.data["reference_id"]))
    kind, field = NAMED_BY.get(event.type, (None, ""))
    return None if kind is None else FactKey(kind, UUID(event.data[field]))


def fact_of(kind: FactKind, events: Iterable[LoggedEvent]) -> Fact | None:
    """Return what all known events of one fact say together; None until it has begun."""
    match kind:
        case FactKind.TICKET:
            return ticket_rules.ticket_fact(events)
        case FactKind.INVITATION:
            return invitation_rules.invitation_fact(events)
        case FactKind.LOOP:
            return loop_rules.loop_fact(events)
        case FactKind.FEEDBACK:
            return feedback_rules.feedback_fact(events)


def contributions(fact: Fact, zone: tzinfo, *, came_back: bool = False) -> list[Contribution]:
    """Return the rows that a fact adds; `came_back` as for `ticket_contributions`."""
    match fact:
        case TicketFact():
            return ticket_contributions(fact, zone, came_back=came_back)
        case InvitationFact():
            return invitation_contributions(fact, zone)
        case LoopFact():
            return loop_contributions(fact, zone)
        case FeedbackFact():
            return feedback_contributions(fact, zone)
