"""Why an invitation is what it is: what happened when, and what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.surveys.invitations.vocabulary import InvitationState, InvitationStep


@dataclass(frozen=True, slots=True)
class Course:
    """The instants of an invitation."""

    state: InvitationState
    closed_at: datetime
    created_at: datetime
    send_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    failed_because: str | None
    opened_at: datetime | None
    remind_at: datetime | None
    reminded_at: datetime | None
    expires_at: datetime | None
    reopened_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened, or will; of a notice that did not arrive no instant is kept."""

    step: InvitationStep
    at: datetime | None


def steps(course: Course) -> list[Step]:
    """Return what happened, in the order of time; what has no instant comes last."""
    instants = {
        InvitationStep.CLOSED: course.closed_at,
        InvitationStep.HEARD: course.created_at,
        InvitationStep.SEND: course.sent_at,
        InvitationStep.DELIVERED: course.delivered_at,
        InvitationStep.OPENED: course.opened_at,
        InvitationStep.REMIND: course.reminded_at,
        InvitationStep.REOPENED: course.reopened_at,
        InvitationStep.END: course.ended_at,
    }
    dated = [(at, step) for step, at in instants.items() if at is not None]
    happened = [Step(step, at) for at, step in sorted(dated, key=lambda one: one[0])]
    missed = course.failed_because is not None and course.delivered_at is None
    return [*happened, Step(InvitationStep.UNDELIVERED, None)] if missed else happened


def next_step(course: Course) -> Step | None:
    """Return what comes next by itself; None when it is over."""
    return next(_ahead(course), None)


def _ahead(course: Course) -> Iterator[Step]:
    if course.state is InvitationState.SCHEDULED:
        yield Step(InvitationStep.SEND, course.send_at)
    if course.state is InvitationState.SENT:
        if course.reminded_at is None and _before(course.remind_at, course.expires_at):
            yield Step(InvitationStep.REMIND, course.remind_at)
        yield Step(InvitationStep.END, course.expires_at)


def _before(first: datetime | None, second: datetime | None) -> bool:
    return first is not None and second is not None and first < second
