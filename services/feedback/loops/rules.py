"""When the clocks of a loop case stop, and what its verdict is: a function of what was heard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.feedback.loops.vocabulary import LoopOutcome, LoopState

CONTENT_FROM: Final = 4
"""Of 5: who gives less after a recovery is not won back."""

NOTHING_RUNS: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""The deadline of a case that has none: it stands behind all others."""


class What(StrEnum):
    """What can happen to a ticket that matters to a case."""

    RESPONDED = "responded"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long after the answer the customer is spoken to, and there is a result."""

    contact: timedelta
    result: timedelta


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to the handling ticket; a reopening names the cycle it begins."""

    what: What
    cycle_no: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the customer said after a cycle of the handling ticket."""

    response_id: UUID
    cycle_no: int
    satisfaction: int | None
    solved: bool | None
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class Restatement:
    """What stands in the place of the answer that opened the case."""

    low: bool
    withdrawn: bool
    restated_at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A line of the contact log."""

    reached: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """All that was heard about a case; without a handling cycle nobody has it in hand yet."""

    opened_at: datetime
    handling_cycle_no: int | None
    happenings: Sequence[Happening] = field(default_factory=tuple)
    answers: Sequence[Answer] = field(default_factory=tuple)
    restatements: Sequence[Restatement] = field(default_factory=tuple)
    contacts: Sequence[Contact] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case, when, and by which answer."""

    outcome: LoopOutcome
    at: datetime
    response_id: UUID | None


def contacted_at(course: Course) -> datetime | None:
    """Return when the customer was first spoken to after the case opened."""
    replies = [one.at for one in course.happenings if one.what is What.RESPONDED]
    reached = [one.at for one in course.contacts if one.reached]
    return min((at for at in (*replies, *reached) if at >= course.opened_at), default=None)


def resulted_at(course: Course) -> datetime | None:
    """Return when there was a first result; one that was there before counts from the opening."""
    return min((max(at, course.opened_at) for at in _resolutions(course)), default=None)


def verifying_since(course: Course) -> datetime | None:
    """Return since when the customer is asked: the last result, unless it was reopened since."""
    last = max(_resolutions(course), default=None)
    if last is None or any(
        one.what is What.REOPENED and one.at > last for one in course.happenings
    ):
        return None
    return last


def verdict_of(course: Course) -> Verdict | None:
    """Return the verdict, the earliest when there are several; None while there is none."""
    return min(_verdicts(course), key=lambda verdict: verdict.at, default=None)


def _verdicts(course: Course) -> Iterator[Verdict]:
    if course.handling_cycle_no is not None:
        for answer in course.answers:
            if answer.cycle_no >= course.handling_cycle_no:
                yield Verdict(_outcome(answer), answer.completed_at, answer.response_id)
        for one in course.happenings:
            if one.cycle_no >= course.handling_cycle_no and _is_silence(course, one):
                yield Verdict(LoopOutcome.UNREACHABLE, one.at, None)
    for restated in course.restatements:
        if _is_needless(restated, course):
            yield Verdict(LoopOutcome.NOT_NEEDED, restated.restated_at, None)


def _outcome(answer: Answer) -> LoopOutcome:
    content = answer.satisfaction is not None and answer.satisfaction >= CONTENT_FROM
    if content and answer.solved is not False:
        return LoopOutcome.RECOVERED
    return LoopOutcome.NOT_RECOVERED


def _is_silence(course: Course, one: Happening) -> bool:
    """Return whether nobody will answer any more; a ticket that was reopened is asked again."""
    if one.what is What.EXPIRED:
        return not any(
            later.what is What.REOPENED and later.cycle_no > one.cycle_no and later.at <= one.at
            for later in course.happenings
        )
    return one.what is What.SUPPRESSED


def _is_needless(restated: Restatement, course: Course) -> bool:
    """Return whether the answer was taken back before anybody acted on the case.

    What was restated before the case opened is not meant: an answer may become low that way.
    """
    taken_back = restated.withdrawn or not restated.low
    since = restated.restated_at >= course.opened_at
    return taken_back and since and not _acted(course, restated.restated_at)


def _acted(course: Course, until: datetime) -> bool:
    """Return whether somebody of ours had acted on the case by then."""
    tried = [one.at for one in course.contacts]
    done = [at for at in (contacted_at(course), resulted_at(course)) if at is not None]
    return any(at <= until for at in (*tried, *done))


def _resolutions(course: Course) -> list[datetime]:
    if course.handling_cycle_no is None:
        return []
    return [
        one.at
        for one in course.happenings
        if one.what is What.RESOLVED and one.cycle_no >= course.handling_cycle_no
    ]


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a case as it stands; `seconds_left` is None when it runs no more."""

    due_at: datetime
    stopped_at: datetime | None
    overdue: bool
    seconds_left: int | None


def read_clock(
    due_at: datetime, stopped_at: datetime | None, closed_at: datetime | None, *, now: datetime
) -> Clock:
    """Return a clock: stopped by what it waits for, or still for ever when the case closed."""
    ended = stopped_at or closed_at
    left = None if ended is not None else int((due_at - now).total_seconds())
    return Clock(due_at, stopped_at, overdue=(ended or now) > due_at, seconds_left=left)


def nearest_due(
    *,
    contact_due_at: datetime,
    contacted_at: datetime | None,
    result_due_at: datetime,
    resulted_at: datetime | None,
    closed_at: datetime | None,
) -> datetime:
    """Return the deadline by which something must happen next."""
    if closed_at is not None:
        return NOTHING_RUNS
    running = [
        due
        for due, stopped in ((contact_due_at, contacted_at), (result_due_at, resulted_at))
        if stopped is None
    ]
    return min(running, default=NOTHING_RUNS)


def state_of(
    *, contacted_at: datetime | None, verifying_since: datetime | None, closed_at: datetime | None
) -> LoopState:
    """Return how far a case has come."""
    if closed_at is not None:
        return LoopState.CLOSED
    if verifying_since is not None:
        return LoopState.VERIFYING
    return LoopState.OPEN if contacted_at is None else LoopState.CONTACTED
