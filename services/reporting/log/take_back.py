"""Mark what its sender took back; the facts then forget it, also those of a rebuild."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update

from services.reporting.log.queries import LogRow, log_rows
from services.reporting.log.tables import event_log
from shared.contracts.registry import EVENTS
from shared.contracts.restores import EventsVoided
from shared.database import Session


async def mark_taken_back(session: Session, events: Iterable[LogRow]) -> set[UUID]:
    """Mark in the log what statements among these events take back; return the ids.

    All of it is in the log: who appends it later passes it over.
    """
    marked: set[UUID] = set()
    for statement in statements_among(events):
        said = EventsVoided.model_validate(statement.data)
        marked |= set(
            await session.scalars(
                update(event_log)
                .where(
                    event_log.c.id.between(said.first, said.last),
                    event_log.c.id.not_in(said.kept),
                    event_log.c.epoch < said.before_epoch,
                    event_log.c.void_by.is_(None),
                    _said_by(said.service),
                )
                .values(void_by=statement.id)
                .returning(event_log.c.id)
            )
        )
    return marked


async def taken_back_by(session: Session, events: Iterable[LogRow]) -> list[LogRow]:
    """Return the events that statements among these took back, as far as they had been folded."""
    statements = statements_among(events)
    if not statements:
        return []
    first = min(EventsVoided.model_validate(one.data).first for one in statements)
    rows = await session.execute(
        select(event_log).where(
            event_log.c.id >= first,
            event_log.c.void_by.in_([one.id for one in statements]),
            event_log.c.position.is_not(None),
        )
    )
    return log_rows(rows)


def statements_among(events: Iterable[LogRow]) -> list[LogRow]:
    """Return those events that take others back."""
    return [one for one in events if one.type == EventsVoided.TYPE]


def _said_by(service: str) -> ColumnElement[bool]:
    """Return the condition that a service said an event; of what several say, the data tell."""
    own: list[str] = []
    shared: list[str] = []
    for contract in EVENTS.values():
        if service in contract.SENDERS:
            (own if len(contract.SENDERS) == 1 else shared).append(contract.TYPE)
    told = event_log.c.data["service"].astext == service
    return or_(event_log.c.type.in_(own), and_(event_log.c.type.in_(shared), told))
