"""Named reads and deletions of what came of closings that never were."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Row, delete, select, tuple_

from services.surveys.invitations.tables import invitations, reopened_cycles
from services.surveys.responses.tables import responses
from services.surveys.restatements.tables import former_answers
from shared.contracts.restores import EventsVoided
from shared.contracts.surveys import SurveyInvited, SurveySuppressed
from shared.database import Session
from shared.ids import first_id_at, instant_of
from shared.outbox.tables import outbox

Cycle = tuple[UUID, int]

TURN: Final = timedelta(minutes=1)
"""A clock that is set back in between makes an event's id older than its invitation's."""

BEGINNINGS = (SurveyInvited.TYPE, SurveySuppressed.TYPE)


async def begun_by(session: Session, said: EventsVoided, before: UUID) -> dict[UUID, Cycle]:
    """Return, by their ids, the cycles' rows that came of events taken back.

    `before` is the id of the statement: what was said after it is not meant.
    """
    rows = await session.execute(
        select(invitations.c.id, invitations.c.ticket_id, invitations.c.cycle_no)
        .join(outbox, outbox.c.subject == invitations.c.id)
        .where(
            outbox.c.id >= said.first,
            outbox.c.type.in_(BEGINNINGS),
            outbox.c.causation_id.between(said.first, min(said.last, before)),
            outbox.c.causation_id.not_in(said.kept),
        )
    )
    return {row.id: (row.ticket_id, row.cycle_no) for row in rows}


async def older_than(session: Session, epochs: dict[Cycle, int]) -> dict[UUID, Cycle]:
    """Return, by their ids, the rows of these cycles that came of a closing of an older epoch."""
    cycle = tuple_(invitations.c.ticket_id, invitations.c.cycle_no)
    rows = await session.execute(
        select(
            invitations.c.id,
            invitations.c.ticket_id,
            invitations.c.cycle_no,
            invitations.c.closed_epoch,
        ).where(cycle.in_(sorted(epochs)))
    )
    return {
        row.id: (row.ticket_id, row.cycle_no)
        for row in rows
        if row.closed_epoch < epochs[row.ticket_id, row.cycle_no]
    }


async def events_about(session: Session, invitation_ids: Collection[UUID]) -> Sequence[UUID]:
    """Return the ids of the events that were said about these invitations, none before its row."""
    said = select(outbox.c.id).where(
        outbox.c.id >= first_id_at(instant_of(min(invitation_ids)) - TURN),
        outbox.c.subject.in_(sorted(invitation_ids)),
        outbox.c.recipient.is_(None),
    )
    return (await session.scalars(said.order_by(outbox.c.id))).all()


async def delete_cycles(session: Session, cycles: dict[UUID, Cycle]) -> Sequence[Row[tuple[UUID]]]:
    """Delete the rows of cycles with their answers; return the ids of those that were there."""
    ids = sorted(cycles)
    answers = select(responses.c.id).where(responses.c.invitation_id.in_(ids))
    await session.execute(delete(former_answers).where(former_answers.c.response_id.in_(answers)))
    await session.execute(delete(responses).where(responses.c.invitation_id.in_(ids)))
    marks = tuple_(reopened_cycles.c.ticket_id, reopened_cycles.c.cycle_no)
    await session.execute(delete(reopened_cycles).where(marks.in_(sorted(cycles.values()))))
    gone = delete(invitations).where(invitations.c.id.in_(ids)).returning(invitations.c.id)
    return (await session.execute(gone)).all()
