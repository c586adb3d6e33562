"""The life of a ticket: which moves there are, from where, and where they lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.tickets.tickets.vocabulary import Kind, Move, Stage, State, Tier
from shared.errors import ConflictError

WORKING = frozenset({State.NEW, State.OPEN, State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY})
"""States in which the customer has no solution yet."""

PAUSED = frozenset({State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY})

ALIVE = WORKING | {State.RESOLVED}
"""States in which words are exchanged; a closed ticket is reopened first."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move starts and where it leads; None leaves the state as it is."""

    sources: frozenset[State]
    target: State | None


MOVES: Mapping[Move, Rule] = {
    Move.ASSIGN: Rule(ALIVE, None),
    Move.START: Rule(frozenset({State.NEW}), State.OPEN),
    Move.ADVANCE: Rule(frozenset({State.OPEN}), None),
    Move.AWAIT_CUSTOMER: Rule(WORKING - {State.WAITING_CUSTOMER}, State.WAITING_CUSTOMER),
    Move.AWAIT_THIRD_PARTY: Rule(WORKING - {State.WAITING_THIRD_PARTY}, State.WAITING_THIRD_PARTY),
    Move.RESUME: Rule(PAUSED, State.OPEN),
    Move.ESCALATE: Rule(WORKING, None),
    Move.RETURN: Rule(WORKING, None),
    Move.CORRECT: Rule(ALIVE, None),
    Move.REPLY: Rule(ALIVE, None),
    Move.HEAR: Rule(ALIVE, None),
    Move.NOTE: Rule(frozenset(State), None),
    Move.RESOLVE: Rule(WORKING, State.RESOLVED),
    Move.CLOSE: Rule(frozenset({State.RESOLVED}), State.CLOSED),
    Move.REOPEN: Rule(frozenset({State.RESOLVED, State.CLOSED}), State.OPEN),
    Move.CANCEL: Rule(WORKING, State.CANCELLED),
}

TIERS = (Tier.L1, Tier.L2, Tier.EXPERT)

NUMBER_LETTERS: Mapping[Kind, str] = {
    Kind.CONSULTATION: "Q",
    Kind.COMPLAINT: "C",
    Kind.REPAIR: "R",
    Kind.BUSINESS_REQUEST: "B",
    Kind.FIELD_JOB: "F",
    Kind.WIN_BACK: "W",
    Kind.RECOVERY: "V",
}


class IllegalMoveError(ConflictError):
    """The ticket's state does not allow the move; the answer lists what it allows."""

    def __init__(self, state: State, move: Move) -> None:
        super().__init__(
            "illegal_move",
            f"A ticket that is {state} does not allow {move}.",
            state=state,
            allowed=allowed_moves(state),
        )


def allowed_moves(state: State) -> list[Move]:
    """Return the moves that a state allows, in the order of a ticket's life."""
    return [move for move, rule in MOVES.items() if state in rule.sources]


def after(state: State, move: Move) -> State:
    """Return the state to which a move leads; raises `IllegalMoveError`."""
    rule = MOVES[move]
    if state not in rule.sources:
        raise IllegalMoveError(state, move)
    return rule.target or state


def tier_above(tier: Tier) -> Tier:
    """Return the next support tier; none is skipped. Raises ConflictError at the top."""
    if tier is TIERS[-1]:
        raise ConflictError("highest_tier", "The ticket is with the experts already.")
    return TIERS[TIERS.index(tier) + 1]


def tier_below(tier: Tier) -> Tier:
    """Return the support tier to go back to. Raises ConflictError at the bottom."""
    if tier is TIERS[0]:
        raise ConflictError("lowest_tier", "The ticket is with the first line already.")
    return TIERS[TIERS.index(tier) - 1]


def time_in_tiers(
    steps: Sequence[tuple[State, Tier, datetime]], until: datetime
) -> dict[Tier, timedelta]:
    """Return how long each tier had a ticket, by its history; while it is ended nobody has it."""
    spent = dict.fromkeys(TIERS, timedelta())
    ends = [*(began_at for _, _, began_at in steps[1:]), until]
    for (state, tier, began_at), ended_at in zip(steps, ends, strict=True):
        if state in ALIVE:
            spent[tier] += ended_at - began_at
    return spent


def stage_after(present: Stage, wanted: Stage) -> Stage:
    """Return the wanted stage of the work. Raises ConflictError when it is the present one."""
    if present is wanted:
        raise ConflictError("same_stage", f"The ticket is in the stage {present} already.")
    return wanted


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a customer may have to wait, around the clock until there are calendars."""

    first_response: timedelta
    resolution: timedelta
    confirmation: timedelta

    def first_response_due(self, created_at: datetime) -> datetime:
        """Return when the first reply of a person is due."""
        return created_at + self.first_response

    def resolution_due(self, begun_at: datetime) -> datetime:
        """Return when a cycle's solution is due."""
        return begun_at + self.resolution

    def close_due(self, resolved_at: datetime) -> datetime:
        """Return when a resolved ticket closes by itself, unless the customer speaks."""
        return resolved_at + self.confirmation
