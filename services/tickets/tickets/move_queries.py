"""Writes of tickets: each is a move, and its line of history comes with it by one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Row, Text, Update, bindparam, cast, func, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from services.tickets.tickets.queries import Ticket, ticket_of
from services.tickets.tickets.rules import after
from services.tickets.tickets.tables import ticket_moves, ticket_numbers, tickets
from services.tickets.tickets.vocabulary import Move
from shared.auth.actor import Actor
from shared.database import Session
from shared.errors import ConflictError
from shared.statements import Direct

_COUNTER: Final = func.lpad(cast(ticket_numbers.next_value() % 1_000_000, Text), 6, "0")
_LINE: Final = ("move", "actor_kind", "actor_id", "detail", "moved_at")
"""What a line of history says of the move itself; the rest is how the ticket stands after it."""
_STANDS: Final = ("state", "stage", "tier", "cycle_no", "org_unit_id", "assignee_id")


def _with_line(write: Insert | Update) -> Direct:
    """Return the statement that writes a ticket and the line of its history, and gives the ticket.

    Every move runs it: two statements would be one more way to the database.
    """
    ticket = write.returning(tickets).cte("ticket")
    said = [bindparam(f"line_{name}", type_=ticket_moves.c[name].type) for name in _LINE]
    stands = [ticket.c[name] for name in _STANDS]
    line = insert(ticket_moves).from_select(
        ["ticket_id", "number", *_STANDS, *_LINE],
        select(ticket.c.id, ticket.c.move_count, *stands, *said),
    )
    return Direct(select(ticket).add_cte(line.cte("line")))


@lru_cache
def _add(names: tuple[str, ...]) -> Direct:
    number = func.concat(bindparam("day", type_=Text), _COUNTER)
    given = {name: bindparam(f"new_{name}", type_=tickets.c[name].type) for name in names}
    added = insert(tickets).values(given | {"number": number})
    return _with_line(added.on_conflict_do_nothing(index_elements=["source", "source_ref"]))


@lru_cache
def _change(names: tuple[str, ...]) -> Direct:
    given = {name: bindparam(f"new_{name}", type_=tickets.c[name].type) for name in names}
    counted = {
        "version": tickets.c.version + 1,
        "sequence": tickets.c.sequence + bindparam("said", type_=BigInteger),
        "move_count": tickets.c.move_count + 1,
    }
    wanted = tickets.c.id == bindparam("ticket_id")
    return _with_line(update(tickets).where(wanted).values(given | counted))


async def add_ticket(
    session: Session, values: dict[str, Any], *, day: str, actor: Actor, now: datetime
) -> Ticket:
    """Insert a ticket and the first line of its history; return it.

    Its number is `day` and a counter below a million. Raises ConflictError `source_taken` when a
    ticket has this source and reference already; of two that come at once, the second waits for
    the first.
    """
    line = _line(Move.OPEN, actor, now, {})
    row = await _add(tuple(values)).row(session, _new(values) | line | {"day": day})
    if row is None:
        raise ConflictError("source_taken", "The source's record was taken before.")
    return ticket_of(row)


async def change_ticket(
    session: Session,
    ticket: Ticket,
    move: Move,
    *,
    actor: Actor,
    now: datetime,
    detail: dict[str, Any] | None = None,
    said: int = 0,
    **changes: Any,
) -> Ticket:
    """Make a move: check it, write the changes and the line of history; return the new ticket.

    The ticket must be locked. `said` is how many events will be told of it: its sequence is
    raised by that in the same statement. Raises `IllegalMoveError`.
    """
    values = {"state": after(ticket.state, move)} | changes | {"updated_at": now}
    given = _new(values) | _line(move, actor, now, detail or {})
    (row,) = await _change(tuple(values)).rows(
        session, given | {"ticket_id": ticket.id, "said": said}
    )
    return ticket_of(row)


async def moves_of(session: Session, ticket_id: UUID) -> Sequence[Row[Any]]:
    """Return a ticket's history, oldest first."""
    return (
        await session.execute(
            select(ticket_moves)
            .where(ticket_moves.c.ticket_id == ticket_id)
            .order_by(ticket_moves.c.number)
        )
    ).all()


async def count_moves(session: Session, ticket_id: UUID, move: Move) -> int:
    """Return how often a move was made with a ticket."""
    statement = select(func.count()).where(
        ticket_moves.c.ticket_id == ticket_id, ticket_moves.c.move == move
    )
    return await session.scalar(statement) or 0


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


def _line(move: Move, actor: Actor, now: datetime, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "line_move": move,
        "line_actor_kind": actor.kind,
        "line_actor_id": actor.id,
        "line_detail": detail,
        "line_moved_at": now,
    }
