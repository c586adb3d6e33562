"""The life of a feedback item: its moves, its two limits, and what closing demands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.feedback.items.vocabulary import (
    SOURCE_GROUPS,
    ClosingStep,
    FeedbackKind,
    FeedbackSource,
    Importance,
    ItemClock,
    ItemMove,
    ItemState,
    SourceGroup,
    Verification,
)
from shared.errors import ConflictError

OPEN: Final = frozenset(ItemState) - {ItemState.CLOSED}
JUDGED: Final = OPEN - {ItemState.RECEIVED}
"""States in which a person has said what it is about and somebody owns it."""

ANSWERED: Final = frozenset({ItemState.REPLIED, ItemState.FOLLOWING_UP})


def _stay(states: frozenset[ItemState]) -> dict[ItemState, ItemState]:
    return {state: state for state in states}


MOVES: Final[Mapping[ItemMove, Mapping[ItemState, ItemState]]] = {
    ItemMove.RECEIVE: {},
    ItemMove.CLASSIFY: _stay(OPEN) | {ItemState.RECEIVED: ItemState.CLASSIFIED},
    ItemMove.ANALYZE: {ItemState.CLASSIFIED: ItemState.ANALYZED},
    ItemMove.PROCESS: {ItemState.ANALYZED: ItemState.PROCESSING},
    ItemMove.GIVE_RESULT: _stay(JUDGED),
    ItemMove.REPLY: _stay(OPEN) | {ItemState.PROCESSING: ItemState.REPLIED},
    ItemMove.FOLLOW_UP: {ItemState.REPLIED: ItemState.FOLLOWING_UP},
    ItemMove.VERIFY: {ItemState.FOLLOWING_UP: ItemState.FOLLOWING_UP},
    ItemMove.RESUME: dict.fromkeys(ANSWERED, ItemState.PROCESSING),
    ItemMove.CLOSE: {ItemState.FOLLOWING_UP: ItemState.CLOSED},
    ItemMove.ASSIGN: _stay(OPEN),
    ItemMove.WEIGH: _stay(OPEN),
    ItemMove.AMEND: _stay(frozenset(ItemState)),
    ItemMove.BECOME_OVERDUE: _stay(OPEN),
}
"""Where each move leads. An early answer stops the response clock and leaves the state."""

BY_ITSELF: Final = frozenset({ItemMove.RECEIVE, ItemMove.BECOME_OVERDUE})
"""Moves that no person makes."""


class IllegalItemMoveError(ConflictError):
    """The item's state does not allow the move; the answer lists what it allows."""

    def __init__(self, state: ItemState, move: ItemMove) -> None:
        super().__init__(
            "illegal_step",
            f"Feedback that is {state} does not allow {move}.",
            state=state,
            allowed=allowed_moves(state),
        )


class NotVerifiedError(ConflictError):
    """Something is missing before the item may be closed; it stays as it is."""

    def __init__(self, missing: list[ClosingStep]) -> None:
        super().__init__(
            "closing_incomplete",
            f"Before it is closed it must be: {', '.join(missing)}.",
            missing=missing,
        )


def allowed_moves(state: ItemState) -> list[ItemMove]:
    """Return the moves that a person may make now, in the order of an item's life."""
    return [move for move, paths in MOVES.items() if state in paths and move not in BY_ITSELF]


def after(state: ItemState, move: ItemMove) -> ItemState:
    """Return the state to which a move leads. Raises IllegalItemMoveError."""
    if state not in MOVES[move]:
        raise IllegalItemMoveError(state, move)
    return MOVES[move][state]


def group_of(source: FeedbackSource) -> SourceGroup:
    """Return the group of a source."""
    return next(group for group, sources in SOURCE_GROUPS.items() if source in sources)


@dataclass(frozen=True, slots=True)
class ItemLimits:
    """How long a first answer and a preliminary result may take."""

    response: timedelta
    result: timedelta


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits by importance, how long a closed item is kept, and in which zone days begin."""

    important: ItemLimits
    normal: ItemLimits
    kept: timedelta
    zone: ZoneInfo

    def due(self, importance: Importance, received_at: datetime) -> dict[str, datetime]:
        """Return both times by which something must have happened, named as they are stored."""
        limits = self.important if importance is Importance.IMPORTANT else self.normal
        return {
            "response_due_at": received_at + limits.response,
            "result_due_at": received_at + limits.result,
        }


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise: until when, when it was kept, when its breach was told."""

    kind: ItemClock
    due_at: datetime
    stopped_at: datetime | None
    told_at: datetime | None

    def newly_broken(self, now: datetime) -> bool:
        """Return whether it ran out and nobody was told; what happens on the dot is in time."""
        return self.stopped_at is None and self.told_at is None and self.due_at < now


def verification_of(
    kind: FeedbackKind, confirmed: Verification | None, *, resurveyed: bool
) -> Verification | None:
    """Return how an item is proven to be settled, None while it is not."""
    if confirmed is not None:
        return confirmed
    if resurveyed:
        return Verification.RESURVEY
    return Verification.NOT_NEEDED if kind is FeedbackKind.PRAISE else None


def missing_to_close(
    *, classified: bool, resulted: bool, answered: bool, verified: bool
) -> list[ClosingStep]:
    """Return what must still happen before an item may be closed."""
    steps = {
        ClosingStep.CLASSIFIED: classified,
        ClosingStep.RESULT: resulted,
        ClosingStep.ANSWERED: answered,
        ClosingStep.VERIFIED: verified,
    }
    return [step for step, done in steps.items() if not done]
