"""What a bad answer and its recovery are heard by, as the other services would say it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.bus.interface import Message
from shared.clock import utcnow
from shared.contracts.surveys import (
    SurveyCallbackWanted,
    SurveyCancelled,
    SurveyCompleted,
    SurveyEvent,
    SurveyExpired,
    SurveyLowScore,
    SurveyResponseRestated,
    SurveySuppressed,
)
from shared.contracts.tickets import (
    RecoveryTaken,
    TicketEvent,
    TicketReopened,
    TicketResolved,
    TicketResponded,
)
from shared.ids import new_id
from tests.feedback.conftest import Feedback, message

ANSWERED_AT = utcnow().replace(microsecond=0)
ROOT, HANDLING = new_id(), new_id()
FIRST, VERDICT = new_id(), new_id()


def after(**time: float) -> datetime:
    """Return an instant after the answer."""
    return ANSWERED_AT + timedelta(**time)


def dimensions(
    ticket_id: UUID, cycle_no: int, *, kind: str = "complaint", org_path: Sequence[UUID] = ()
) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "cycle_no": cycle_no,
        "customer_id": UUID(int=7),
        "kind": kind,
        "channel": "wechat",
        "category_id": None,
        "org_unit_id": org_path[-1] if org_path else None,
        "org_path": tuple(org_path),
        "priority": "normal",
        "tier": "l1",
    }


def survey(
    contract: type[SurveyEvent],
    ticket_id: UUID,
    cycle_no: int,
    *,
    origin: str = "live",
    kind: str = "complaint",
    org_path: Sequence[UUID] = (),
    closed_at: datetime | None = None,
    **data: Any,
) -> Message:
    facts = dimensions(ticket_id, cycle_no, kind=kind, org_path=org_path)
    invitation_id = new_id()
    at = closed_at or ANSWERED_AT - timedelta(hours=1)
    content = contract(**facts, invitation_id=invitation_id, closed_at=at, **data)
    return message(content, invitation_id, origin=origin)


def ticket(contract: type[TicketEvent], ticket_id: UUID, cycle_no: int, **data: Any) -> Message:
    return message(contract(**dimensions(ticket_id, cycle_no), **data), ticket_id)


def low_score(
    root: UUID = ROOT,
    response_id: UUID = FIRST,
    cycle_no: int = 1,
    *,
    at: datetime = ANSWERED_AT,
    **facts: Any,
) -> Message:
    """Return a bad answer: 1 of 5, not solved."""
    scores: dict[str, Any] = {"satisfaction": 1, "nps": 2, "solved": False}
    return survey(
        SurveyLowScore,
        root,
        cycle_no,
        **scores
        | {"response_id": response_id, "callback_wanted": False, "completed_at": at}
        | facts,
    )


def completed(
    satisfaction: int | None,
    *,
    at: datetime,
    ticket_id: UUID = HANDLING,
    response_id: UUID = VERDICT,
    cycle_no: int = 1,
    solved: bool | None = True,
) -> Message:
    """Return an answer about the recovery."""
    return survey(
        SurveyCompleted,
        ticket_id,
        cycle_no,
        questionnaire="recovery_check_v1",
        response_id=response_id,
        satisfaction=satisfaction,
        nps=None,
        solved=solved,
        low=False,
        after_reopen=False,
        completed_at=at,
    )


def taken(
    case_id: UUID,
    root: UUID = ROOT,
    handling: UUID = HANDLING,
    cycle_no: int = 1,
    *,
    noted: bool = False,
) -> Message:
    """Return that a case is handled in this ticket and cycle."""
    return ticket(
        RecoveryTaken,
        handling,
        cycle_no,
        case_id=case_id,
        root_ticket_id=root,
        noted=noted,
        taken_at=after(seconds=1),
    )


def responded(at: datetime, ticket_id: UUID = HANDLING, cycle_no: int = 1) -> Message:
    return ticket(TicketResponded, ticket_id, cycle_no, first=False, responded_at=at)


def resolved(at: datetime, ticket_id: UUID = HANDLING, cycle_no: int = 1) -> Message:
    return ticket(TicketResolved, ticket_id, cycle_no, resolution_reason="solved", resolved_at=at)


def reopened(at: datetime, ticket_id: UUID = HANDLING, cycle_no: int = 2) -> Message:
    return ticket(
        TicketReopened,
        ticket_id,
        cycle_no,
        reason="not_solved",
        resolution_due_at=at + timedelta(days=2),
        reopened_at=at,
    )


def expired(at: datetime, ticket_id: UUID = HANDLING, cycle_no: int = 1) -> Message:
    return survey(SurveyExpired, ticket_id, cycle_no, expired_at=at)


def suppressed(at: datetime, reason: str, ticket_id: UUID = HANDLING, cycle_no: int = 1) -> Message:
    return survey(
        SurveySuppressed, ticket_id, cycle_no, closed_at=at, reason=reason, suppressed_at=at
    )


def cancelled(at: datetime, ticket_id: UUID = HANDLING, cycle_no: int = 1) -> Message:
    return survey(SurveyCancelled, ticket_id, cycle_no, reason="reopened", cancelled_at=at)


def call_wanted(at: datetime, time: str = "evening", root: UUID = ROOT) -> Message:
    return survey(
        SurveyCallbackWanted, root, 1, response_id=FIRST, callback_time=time, wanted_at=at
    )


def restated(at: datetime, *, low: bool, withdrawn: bool = False, root: UUID = ROOT) -> Message:
    return survey(
        SurveyResponseRestated,
        root,
        1,
        response_id=FIRST,
        satisfaction=None if withdrawn else 2 if low else 5,
        nps=None,
        solved=None if withdrawn else not low,
        low=low,
        withdrawn=withdrawn,
        reason="wrong_entry",
        restated_at=at,
    )


async def case_of(feedback: Feedback, root: UUID = ROOT) -> UUID:
    """Return the id of the latest case that was opened for a ticket."""
    said = await feedback.said("feedback.loop_opened")
    return UUID([one.data["case_id"] for one in said if one.data["ticket_id"] == str(root)][-1])
