"""The books: closed cycles against invitations and suppressions."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.reporting.figures.metric_rules import Bilingual


class Problem(StrEnum):
    """What is wrong with one cycle."""

    UNACCOUNTED = "unaccounted"
    NEVER_CLOSED = "never_closed"
    TWICE = "twice"


WORDS: Final = {
    Problem.UNACCOUNTED: Bilingual(
        "已结案，但既没有邀请，也没有不发的原因", "closed, but neither invited nor suppressed"
    ),
    Problem.NEVER_CLOSED: Bilingual(
        "有邀请或不发的记录，但没有结案", "invited or suppressed, but never closed"
    ),
    Problem.TWICE: Bilingual("同一次结案记了不止一次", "one closing stands there more than once"),
}


@dataclass(frozen=True, slots=True)
class DifferingCycle:
    """A closed cycle that is not in the surveys' books exactly once, or the other way round."""

    ticket_id: UUID
    cycle_no: int
    problem: Problem

    @property
    def words(self) -> Bilingual:
        return WORDS[self.problem]


@dataclass(frozen=True, slots=True)
class Books:
    """Closed cycles against invitations and suppressions, and what became of the invitations.

    `differences` are the first of them; `more` says that there are others.
    """

    closed: int
    suppressed: int
    open: int
    completed: int
    expired: int
    cancelled: int
    differences: tuple[DifferingCycle, ...] = ()
    more: bool = False

    @property
    def invited(self) -> int:
        return self.open + self.completed + self.expired + self.cancelled

    @property
    def balanced(self) -> bool:
        return not self.differences and self.closed == self.invited + self.suppressed


def problem_of(closings: int, accounts: int) -> Problem:
    """Return what is wrong with a cycle that closed and was accounted for so often."""
    if closings > 1 or accounts > 1:
        return Problem.TWICE
    return Problem.NEVER_CLOSED if accounts else Problem.UNACCOUNTED
