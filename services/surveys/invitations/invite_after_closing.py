"""Every closed cycle is asked about once, or there is one row that says why not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final
from uuid import UUID

from services.surveys.invitations.cancel_after_reopening import cancel_unsent
from services.surveys.invitations.links import new_link
from services.surveys.invitations.queries import (
    Invitation,
    add_cycles,
    hold_cycles,
    reopenings_of,
)
from services.surveys.invitations.recovery_cycles import asked_in_another_cycle
from services.surveys.invitations.rules import RECOVERY, Closing, Timing, reason_not_to_ask
from services.surveys.invitations.telling import saying_of
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
from shared.outbox.emit import Saying, emit

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
    received: Sequence[Received[TicketClosed]],
    *,
    erased: Collection[UUID] = (),
    now: datetime,
) -> None:
    """Write the rows of closed cycles and tell of them; a cycle that has one is left alone.

    Customers who were `erased` are not asked. Recoveries come one by one, since whether one is
    asked about depends on its other cycles; an import brings its thousands together.
    """
    ordered = sorted(received, key=lambda one: (one.data.ticket_id, one.data.cycle_no))
    await hold_cycles(session, chain.from_iterable(_decides(one.data) for one in ordered))
    others = [one for one in ordered if one.data.kind != RECOVERY]
    recoveries = [one for one in ordered if one.data.kind == RECOVERY]
    for some in (others, *([one] for one in recoveries)):
        await _invite(session, asking, some, erased=erased, now=now)


def _decides(closed: TicketClosed) -> Iterator[tuple[UUID, int]]:
    """Give the cycles that a closing may decide about."""
    first = 1 if closed.kind == RECOVERY else closed.cycle_no
    return ((closed.ticket_id, number) for number in range(first, closed.cycle_no + 1))


async def _invite(
    session: Session,
    asking: Asking,
    received: Sequence[Received[TicketClosed]],
    *,
    erased: Collection[UUID],
    now: datetime,
) -> None:
    codes = sorted({code_for(one.data.kind) for one in received})
    numbers = {code: (await latest_version(session, code)).number for code in codes}
    rows, causes = [], {}
    for closing in received:
        row = await _row(session, asking, closing, numbers=numbers, erased=erased, now=now)
        rows.append(row)
        causes[row["id"]] = closing.cause
    added = await add_cycles(session, rows)
    await emit(session, *(_decision(one, causes[one.id], now=now) for one in added))
    reopened = await reopenings_of(session, {(one.ticket_id, one.cycle_no) for one in added})
    for one in added:
        reopened_at = reopened.get((one.ticket_id, one.cycle_no))
        if reopened_at is not None:
            await cancel_unsent(session, one, reopened_at=reopened_at, cause=causes[one.id])


def _decision(invitation: Invitation, cause: Cause, *, now: datetime) -> Saying:
    """Return what tells that a cycle will be asked about, or why not."""
    if invitation.state is InvitationState.SUPPRESSED:
        event: type[SurveyEvent] = SurveySuppressed
        facts: dict[str, Any] = {"reason": invitation.reason, "suppressed_at": now}
    else:
        event = SurveyInvited
        facts = {"questionnaire": invitation.questionnaire, "invited_at": now}
    return saying_of(invitation, event, now=now, cause=cause, **facts)


async def _row(
    session: Session,
    asking: Asking,
    received: Received[TicketClosed],
    *,
    numbers: Mapping[str, int],
    erased: Collection[UUID],
    now: datetime,
) -> dict[str, Any]:
    closed, origin = received.data, received.envelope.origin
    asked_before = closed.kind == RECOVERY and await asked_in_another_cycle(
        session, closed, received.cause
    )
    row = {name: getattr(closed, name) for name in CARRIED_ON}
    row |= {"id": new_id(), "origin": origin, "created_at": now, "sequence": 1}
    row |= {"closed_epoch": received.envelope.epoch}
    closing = Closing(
        resolution_reason=closed.resolution_reason,
        requester=closed.requester,
        has_customer=closed.customer_id is not None,
        origin=origin,
        closed_at=closed.closed_at,
        asked_before=asked_before,
        erased=closed.customer_id in erased,
    )
    reason = reason_not_to_ask(closing, asking.timing, now=now)
    if reason is not None:
        return row | {"state": InvitationState.SUPPRESSED, "reason": reason, "ended_at": now}
    code = code_for(closed.kind)
    link = new_link(asking.vault, row["id"])
    return row | {
        "state": InvitationState.SCHEDULED,
        "questionnaire": code,
        "version_no": numbers[code],
        "token_hash": link.token_hash,
        "token_sealed": link.token_sealed,
        "send_at": closed.closed_at + asking.timing.delay,
    }
