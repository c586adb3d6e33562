"""The life of a ticket of the past, step by step, as its row and its log tell it together.

The row's instants win: its own first answer, solution and closing take the place of what the log
says of them in the last cycle. Only the log knows when a ticket was reopened, waited or changed
hands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.tickets.history.row_rules import HistoryEvent, HistoryRow
from services.tickets.history.vocabulary import Happening
from services.tickets.tickets.vocabulary import Move, State

ENDED: Final = frozenset({State.RESOLVED, State.CLOSED})

STATES: Final[Mapping[Happening, State]] = {
    Happening.NEW: State.NEW,
    Happening.OPEN: State.OPEN,
    Happening.WAITING_CUSTOMER: State.WAITING_CUSTOMER,
    Happening.WAITING_THIRD_PARTY: State.WAITING_THIRD_PARTY,
    Happening.RESOLVED: State.RESOLVED,
    Happening.CLOSED: State.CLOSED,
}

WAITS: Final[Mapping[State, Move]] = {
    State.WAITING_CUSTOMER: Move.AWAIT_CUSTOMER,
    State.WAITING_THIRD_PARTY: Move.AWAIT_THIRD_PARTY,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A move with what it led to; `told` says that others hear of it."""

    move: Move
    at: datetime
    state: State
    cycle_no: int
    org_unit: str | None
    told: bool = False
    first: bool = False
    customer_messages: int | None = None


def life_of(row: HistoryRow, events: Sequence[HistoryEvent]) -> list[Step]:
    """Return the steps of a ticket, the oldest first; `events` are in the order of the log."""
    first_unit = next((event.org_unit for event in events if event.org_unit), row.org_unit)
    life = _Life(row, first_unit, pending=row.first_responded_at, asked=_asked(events))
    life.add(Move.OPEN, row.created_at, told=True)
    last = _last_cycle(events)
    for number, event in enumerate(events):
        life.hear(event, keeps_ends=number < last)
    life.end()
    return life.steps


def _asked(events: Sequence[HistoryEvent]) -> int | None:
    """Return 0 where customers' words are counted at all; the first are the ticket itself."""
    return 0 if any(event.happening is Happening.ASKED for event in events) else None


def _last_cycle(events: Sequence[HistoryEvent]) -> int:
    """Return at which event the last cycle begins."""
    begins, ended = 0, False
    for number, state in _states(events):
        if ended and state not in ENDED:
            begins = number
        ended = state in ENDED
    return begins


def _states(events: Sequence[HistoryEvent]) -> Iterator[tuple[int, State]]:
    for number, event in enumerate(events):
        if event.happening in STATES:
            yield number, STATES[event.happening]


@dataclass(slots=True)
class _Life:
    row: HistoryRow
    org_unit: str | None
    pending: datetime | None
    asked: int | None
    state: State = State.NEW
    cycle_no: int = 1
    steps: list[Step] = field(default_factory=list)

    def add(
        self,
        move: Move,
        at: datetime,
        state: State | None = None,
        *,
        told: bool = False,
        first: bool = False,
    ) -> None:
        self.state = state or self.state
        self.steps.append(
            Step(move, at, self.state, self.cycle_no, self.org_unit, told, first, self.asked)
        )

    def hear(self, event: HistoryEvent, *, keeps_ends: bool) -> None:
        """Learn what the log says; `keeps_ends` is False in the last cycle, where the row wins."""
        answered = event.happening is Happening.ANSWERED
        if self.pending is not None and event.at >= self.pending:
            answered = answered and event.at != self.pending  # it is this one
            self.answer()
        if event.org_unit and event.org_unit != self.org_unit:
            self.org_unit = event.org_unit
            self.add(Move.ASSIGN, event.at, told=True)
        if event.happening is Happening.ASKED:
            self.ask(event.at)
        elif answered:
            self.add(Move.REPLY, event.at, self.begun(), told=True)
        elif event.happening in STATES:
            self.become(STATES[event.happening], event.at, keeps_ends=keeps_ends)

    def ask(self, at: datetime) -> None:
        """Take the customer's words; the first of them are the ticket itself."""
        self.asked = (self.asked or 0) + 1
        if self.asked > 1:
            self.add(Move.HEAR, at)

    def answer(self) -> None:
        """Give the first answer."""
        if self.pending is not None:
            self.add(Move.REPLY, self.pending, self.begun(), told=True, first=True)
            self.pending = None

    def begun(self) -> State:
        return State.OPEN if self.state is State.NEW else self.state

    def become(self, state: State, at: datetime, *, keeps_ends: bool) -> None:
        if state is State.NEW and self.state in ENDED:
            state = State.OPEN  # begun anew, but it was begun before
        if state is self.state or state is State.NEW:
            return
        if state in ENDED:
            if keeps_ends:
                told = state is State.CLOSED or self.row.resolved_at is not None
                move = Move.RESOLVE if state is State.RESOLVED else Move.CLOSE
                self.add(move, at, state, told=told)
            return
        if self.state in ENDED:
            self.cycle_no += 1
            self.add(Move.REOPEN, at, State.OPEN, told=True)
        if state in WAITS:
            self.add(WAITS[state], at, state)
        elif self.state is not state:
            self.add(Move.START if self.state is State.NEW else Move.RESUME, at, state)

    def end(self) -> None:
        """Let the row say how the last cycle ended, and whose it was."""
        self.answer()
        row = self.row
        ended_at = row.resolved_at or row.closed_at
        if row.org_unit and row.org_unit != self.org_unit:
            self.org_unit = row.org_unit
            self.add(Move.ASSIGN, ended_at or self.steps[-1].at, told=True)
        self.org_unit = row.org_unit
        if row.resolved_at is not None:
            self.add(Move.RESOLVE, row.resolved_at, State.RESOLVED, told=True)
        if row.closed_at is not None:
            self.add(Move.CLOSE, row.closed_at, State.CLOSED, told=True)
