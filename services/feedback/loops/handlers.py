"""What loop cases hear of: bad answers, the recovery, and what the customer says of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table

from services.feedback.loops.heard_queries import note_heard
from services.feedback.loops.heard_tables import (
    heard_answers,
    heard_call_wishes,
    heard_happenings,
    heard_restatements,
)
from services.feedback.loops.open_case import Caring, open_case
from services.feedback.loops.queries import hold_tickets
from services.feedback.loops.rules import What
from services.feedback.loops.settle_case import settle_cases_about
from services.feedback.loops.take_recovery import take_recovery, tickets_of
from services.feedback.loops.vocabulary import ASKED_BEFORE
from shared.contracts.surveys import (
    SurveyCallbackWanted,
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
from shared.database import Session
from shared.inbox.handlers import Handle, Handler, Received, on
from shared.messages.contract import Origin

E = TypeVar("E", bound=TicketEvent | SurveyEvent)

CARED_FOR = frozenset({Origin.LIVE, Origin.DEMO})
"""Nobody can make good any more what imported history tells."""


def loop_handlers(caring: Caring, clock: Callable[[], datetime]) -> tuple[Handler, ...]:
    """Return the handlers; a batch holds all its tickets at once, in one order for everybody."""
    vault = caring.vault

    async def low_score(session: Session, received: Sequence[Received[SurveyLowScore]]) -> None:
        ours = [one for one in received if one.envelope.origin in CARED_FOR]
        await hold_tickets(session, {one.data.ticket_id for one in ours})
        for one in sorted(ours, key=lambda r: (r.data.ticket_id, r.data.completed_at)):
            await open_case(session, caring, one, now=clock())

    async def taken(session: Session, received: Sequence[Received[RecoveryTaken]]) -> None:
        held = {ticket_id for one in received for ticket_id in tickets_of(one.data)}
        await hold_tickets(session, held)
        for one in sorted(received, key=lambda r: r.data.case_id):
            await take_recovery(session, vault, one, now=clock())

    def noting(table: Table, row: Callable[[E], Mapping[str, Any] | None]) -> Handle[E]:
        async def note(session: Session, received: Sequence[Received[E]]) -> None:
            ours = [one for one in received if one.envelope.origin in CARED_FOR]
            rows = [(one, row(one.data)) for one in ours]
            causes = {one.data.ticket_id: one.cause for one, told in rows if told is not None}
            await hold_tickets(session, causes)
            await note_heard(session, table, [dict(told) for _, told in rows if told is not None])
            await settle_cases_about(session, vault, causes, now=clock())

        return note

    return (
        on(SurveyLowScore, low_score),
        on(RecoveryTaken, taken),
        on(TicketResponded, noting(heard_happenings, _responded)),
        on(TicketResolved, noting(heard_happenings, _resolved)),
        on(TicketReopened, noting(heard_happenings, _reopened)),
        on(SurveyExpired, noting(heard_happenings, _expired)),
        on(SurveySuppressed, noting(heard_happenings, _suppressed)),
        on(SurveyCompleted, noting(heard_answers, _completed)),
        on(SurveyResponseRestated, noting(heard_restatements, _restated)),
        on(SurveyCallbackWanted, noting(heard_call_wishes, _call_wanted)),
    )


def _happened(what: What, ticket_id: UUID, cycle_no: int, at: datetime) -> dict[str, Any]:
    return {"what": what, "ticket_id": ticket_id, "cycle_no": cycle_no, "at": at}


def _responded(said: TicketResponded) -> dict[str, Any]:
    return _happened(What.RESPONDED, said.ticket_id, said.cycle_no, said.responded_at)


def _resolved(said: TicketResolved) -> dict[str, Any]:
    return _happened(What.RESOLVED, said.ticket_id, said.cycle_no, said.resolved_at)


def _reopened(said: TicketReopened) -> dict[str, Any]:
    return _happened(What.REOPENED, said.ticket_id, said.cycle_no, said.reopened_at)


def _expired(said: SurveyExpired) -> dict[str, Any]:
    return _happened(What.EXPIRED, said.ticket_id, said.cycle_no, said.expired_at)


def _suppressed(said: SurveySuppressed) -> dict[str, Any] | None:
    if said.reason == ASKED_BEFORE:
        return None
    return _happened(What.SUPPRESSED, said.ticket_id, said.cycle_no, said.closed_at)


def _completed(said: SurveyCompleted) -> dict[str, Any]:
    return {
        "response_id": said.response_id,
        "ticket_id": said.ticket_id,
        "cycle_no": said.cycle_no,
        "satisfaction": said.satisfaction,
        "solved": said.solved,
        "at": said.completed_at,
    }


def _restated(said: SurveyResponseRestated) -> dict[str, Any]:
    return {
        "response_id": said.response_id,
        "at": said.restated_at,
        "satisfaction": said.satisfaction,
        "nps": said.nps,
        "solved": said.solved,
        "low": said.low,
        "withdrawn": said.withdrawn,
    }


def _call_wanted(said: SurveyCallbackWanted) -> dict[str, Any]:
    return {
        "response_id": said.response_id,
        "at": said.wanted_at,
        "callback_time": said.callback_time,
    }
