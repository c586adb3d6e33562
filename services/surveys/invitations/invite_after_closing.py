"""Every closed cycle is asked about once, or there is one row that says why not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.surveys.invitations.cancel_after_reopening import cancel_unsent
from services.surveys.invitations.links import new_link
from services.surveys.invitations.queries import Invitation, hold_cycle, lock_cycle
from services.surveys.invitations.recovery_cycles import asked_in_another_cycle
from services.surveys.invitations.rules import RECOVERY, Closing, Timing, reason_not_to_ask
from services.surveys.invitations.tables import invitations, reopened_cycles
from services.surveys.invitations.telling import tell
from services.surveys.invitations.vocabulary import InvitationState
from services.surveys.questionnaires.queries import latest_version
from services.surveys.questionnaires.shipped import code_for
from shared.contracts.surveys import SurveyEvent, SurveyInvited, SurveySuppressed
from shared.contracts.tickets import TicketClosed, TicketEvent
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.inbox.handlers import Received

CARRIED_ON: Final = (*TicketEvent.model_fields, "closed_at")
"""What the row knows of its ticket, as of the closing."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What inviting works with."""

    vault: Vault
    timing: Timing


async def invite_after_closing(
    session: Session,
    asking: Asking,
    received: Received[TicketClosed],
    *,
    erased: bool = False,
    now: datetime,
) -> None:
    """Write the row of a closed cycle and tell of it; a cycle that has one is left alone.

    An `erased` customer is not asked.
    """
    closed = received.data
    recovery = closed.kind == RECOVERY
    for cycle_no in range(1 if recovery else closed.cycle_no, closed.cycle_no + 1):
        await hold_cycle(session, closed.ticket_id, cycle_no)
    asked_before = recovery and await asked_in_another_cycle(session, closed, received.cause)
    values = await _row(
        session, asking, received, asked_before=asked_before, erased=erased, now=now
    )
    added = await session.scalar(
        insert(invitations)
        .values(values)
        .on_conflict_do_nothing(index_elements=["ticket_id", "cycle_no"])
        .returning(invitations.c.id)
    )
    if added is None:
        return
    invitation = await lock_cycle(session, closed.ticket_id, closed.cycle_no)
    if invitation is None:
        msg = "the row that was just written is gone"
        raise LookupError(msg)
    await _tell(session, invitation, now=now, cause=received.cause)
    reopened_at = await _reopened_at(session, closed)
    if reopened_at is not None:
        await cancel_unsent(session, invitation, reopened_at=reopened_at, cause=received.cause)


async def _tell(session: Session, invitation: Invitation, *, now: datetime, cause: Cause) -> None:
    """Tell that a cycle will be asked about, or why not."""
    if invitation.state is InvitationState.SUPPRESSED:
        event: type[SurveyEvent] = SurveySuppressed
        facts: dict[str, Any] = {"reason": invitation.reason, "suppressed_at": now}
    else:
        event = SurveyInvited
        facts = {"questionnaire": invitation.questionnaire, "invited_at": now}
    await tell(session, invitation, event, now=now, cause=cause, **facts)


async def _row(
    session: Session,
    asking: Asking,
    received: Received[TicketClosed],
    *,
    asked_before: bool,
    erased: bool,
    now: datetime,
) -> dict[str, Any]:
    closed, origin = received.data, received.envelope.origin
    row = {name: getattr(closed, name) for name in CARRIED_ON}
    row |= {"id": new_id(), "origin": origin, "created_at": now, "sequence": 1}
    closing = Closing(
        resolution_reason=closed.resolution_reason,
        requester=closed.requester,
        has_customer=closed.customer_id is not None,
        origin=origin,
        closed_at=closed.closed_at,
        asked_before=asked_before,
        erased=erased,
    )
    reason = reason_not_to_ask(closing, asking.timing, now=now)
    if reason is not None:
        return row | {"state": InvitationState.SUPPRESSED, "reason": reason, "ended_at": now}
    code = code_for(closed.kind)
    version = await latest_version(session, code)
    link = new_link(asking.vault, row["id"])
    return row | {
        "state": InvitationState.SCHEDULED,
        "questionnaire": code,
        "version_no": version.number,
        "token_hash": link.token_hash,
        "token_sealed": link.token_sealed,
        "send_at": closed.closed_at + asking.timing.delay,
    }


async def _reopened_at(session: Session, closed: TicketClosed) -> datetime | None:
    """Return when this cycle was followed by the next one, if that was heard of before."""
    found: datetime | None = await session.scalar(
        select(reopened_cycles.c.reopened_at).where(
            reopened_cycles.c.ticket_id == closed.ticket_id,
            reopened_cycles.c.cycle_no == closed.cycle_no,
        )
    )
    return found
