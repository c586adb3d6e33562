"""What is known about the survey of one closed cycle, and what it adds to the figures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import IntEnum
from typing import Final
from uuid import UUID

from services.reporting.facts.rules import (
    COMPLAINT,
    RECOVERY,
    Contribution,
    Dimensions,
    LoggedEvent,
    Measure,
    contribution,
    day_of,
    dimensions_of,
)

REFERENCE: Final = "survey_invitation"
DELIVERED: Final = "notification.delivered"
EVENTS: Final = frozenset(
    {"survey.invited", "survey.suppressed", "survey.completed", "survey.expired"}
    | {"survey.cancelled", "survey.response_restated", DELIVERED}
)


class InvitationState(IntEnum):
    """What became of a closed cycle's survey; the numbers are buckets of the roll-up."""

    OPEN = 0
    COMPLETED = 1
    EXPIRED = 2
    CANCELLED = 3
    SUPPRESSED = 4


ENDINGS: Final = {
    "survey.expired": InvitationState.EXPIRED,
    "survey.cancelled": InvitationState.CANCELLED,
    "survey.completed": InvitationState.COMPLETED,
}


@dataclass(slots=True)
class InvitationFact:
    """An invitation or the reason why there is none, with the dimensions as of the closing."""

    invitation_id: UUID
    ticket_id: UUID
    cycle_no: int
    origin: str
    dimensions: Dimensions
    org_path: tuple[UUID, ...]
    closed_at: datetime
    state: InvitationState = InvitationState.OPEN
    reason: str | None = None
    delivered_at: datetime | None = None
    completed_at: datetime | None = None
    satisfaction: int | None = None
    nps: int | None = None
    solved: bool | None = None
    after_reopen: bool = False
    withdrawn: bool = False


def invitation_fact(events: Iterable[LoggedEvent]) -> InvitationFact | None:
    """Return what the events say together; None until the invitation or suppression is known."""
    ordered = sorted(events, key=lambda event: event.order)
    beginning = next(
        (event for event in ordered if event.type in {"survey.invited", "survey.suppressed"}), None
    )
    if beginning is None:
        return None
    data = beginning.data
    fact = InvitationFact(
        invitation_id=UUID(data["invitation_id"]),
        ticket_id=UUID(data["ticket_id"]),
        cycle_no=data["cycle_no"],
        origin=beginning.origin,
        dimensions=dimensions_of(beginning),
        org_path=tuple(map(UUID, data["org_path"])),
        closed_at=beginning.instant("closed_at"),
    )
    for event in ordered:
        _learn(fact, event)
    restated = [event for event in ordered if event.type == "survey.response_restated"]
    if restated and fact.state is InvitationState.COMPLETED:
        _learn_scores(fact, restated[-1])
    return fact


def _learn(fact: InvitationFact, event: LoggedEvent) -> None:
    match event.type:
        case "survey.suppressed":
            fact.state = InvitationState.SUPPRESSED
            fact.reason = event.data["reason"]
        case _ if event.type == DELIVERED:
            # A reminder is delivered too; the customer was reached by the first of them.
            at = event.instant("delivered_at")
            fact.delivered_at = min(at, fact.delivered_at or at)
        case "survey.completed" | "survey.expired" | "survey.cancelled":
            fact.state = ENDINGS[event.type]
            if fact.state is InvitationState.COMPLETED:
                _learn_answer(fact, event)
        case _:
            pass


def _learn_answer(fact: InvitationFact, event: LoggedEvent) -> None:
    fact.completed_at = event.instant("completed_at")
    fact.after_reopen = event.data["after_reopen"]
    _learn_scores(fact, event)


def _learn_scores(fact: InvitationFact, event: LoggedEvent) -> None:
    """Take the scores; of an answer that was taken back none is left, whatever it says."""
    fact.withdrawn = event.data.get("withdrawn", False)
    kept = {} if fact.withdrawn else event.data
    fact.satisfaction, fact.nps = kept.get("satisfaction"), kept.get("nps")
    fact.solved = kept.get("solved")


def invitation_contributions(fact: InvitationFact, zone: tzinfo) -> list[Contribution]:
    """Return the rows of an invitation; recovery is in the books, never in the scores."""
    closed_on = day_of(fact.closed_at, zone)
    rows = [
        contribution(
            Measure.INVITATION, closed_on, fact.dimensions, bucket=fact.state, value=fact.cycle_no
        )
    ]
    if fact.dimensions.kind != RECOVERY:
        rows.extend(_scores(fact, zone))
    return rows


def _scores(fact: InvitationFact, zone: tzinfo) -> Iterator[Contribution]:
    closed_on, at = day_of(fact.closed_at, zone), fact.dimensions
    if fact.delivered_at is not None:
        answered = fact.state is InvitationState.COMPLETED and not fact.withdrawn
        delivered_on = day_of(fact.delivered_at, zone)
        yield contribution(Measure.RESPONSE_RATE, delivered_on, at, bucket=int(answered))
    if (score := fact.satisfaction) is not None:
        yield contribution(Measure.CSAT, closed_on, at, bucket=score, value=score)
        if at.kind == COMPLAINT:
            yield contribution(
                Measure.COMPLAINT_SATISFACTION, closed_on, at, bucket=score, value=score
            )
    if (score := fact.nps) is not None:
        yield contribution(Measure.NPS, closed_on, at, bucket=score, value=score)
