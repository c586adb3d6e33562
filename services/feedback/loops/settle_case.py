"""Let a case follow from what was heard: stop its clocks, and close it with its verdict.

Whatever order the messages come in, the same ones lead to the same case.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.loops.escalate_case import Raising, escalate_case
from services.feedback.loops.heard_queries import course_of, wish_of
from services.feedback.loops.queries import LoopCase, change_case, lock_cases_about
from services.feedback.loops.rules import (
    Course,
    Verdict,
    contacted_at,
    resulted_at,
    verdict_of,
    verifying_since,
)
from services.feedback.loops.telling import tell
from services.feedback.loops.vocabulary import LoopEscalationReason, LoopOutcome, NotNeededReason
from shared.contracts.feedback import LoopClosed, LoopContacted, LoopResulted
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session


async def settle_cases_about(
    session: Session, vault: Vault, causes: Mapping[UUID, Cause], *, now: datetime
) -> None:
    """Settle the cases of these tickets; with each comes the message that told of it."""
    for case in await lock_cases_about(session, causes):
        cause = causes.get(case.handling_ticket_id or case.ticket_id) or causes.get(case.ticket_id)
        await settle_case(session, vault, case, now=now, cause=cause)


async def settle_case(
    session: Session, vault: Vault, case: LoopCase, *, now: datetime, cause: Cause | None = None
) -> LoopCase:
    """Bring a locked case to where all that was heard of it has led."""
    course = await course_of(session, case)
    case = await _note(session, case, course)
    case = await _stop_clocks(session, case, course, cause)
    verdict = verdict_of(course)
    if case.closed_at is None and verdict is not None:
        case = await _close(session, vault, case, verdict, now=now, cause=cause)
    return case


async def _note(session: Session, case: LoopCase, course: Course) -> LoopCase:
    """Write down what changes how a case looks, and nothing that is told."""
    seen: dict[str, Any] = {
        "verifying_since": verifying_since(course),
        "callback_time": await wish_of(session, case),
        "restated_at": max((one.restated_at for one in course.restatements), default=None),
    }
    changes = {name: value for name, value in seen.items() if value != getattr(case, name)}
    return await change_case(session, case, **changes) if changes else case


async def _stop_clocks(
    session: Session, case: LoopCase, course: Course, cause: Cause | None
) -> LoopCase:
    """Stop the clocks; should an earlier instant be heard of later, it is told and it counts."""
    contacted, resulted = contacted_at(course), resulted_at(course)
    if contacted is not None and contacted != case.contacted_at:
        case = await change_case(session, case, said=1, contacted_at=contacted)
        await tell(session, case, LoopContacted, at=contacted, cause=cause, contacted_at=contacted)
    if resulted is not None and resulted != case.resulted_at:
        case = await change_case(session, case, said=1, resulted_at=resulted)
        await tell(session, case, LoopResulted, at=resulted, cause=cause, resulted_at=resulted)
    return case


async def _close(
    session: Session,
    vault: Vault,
    case: LoopCase,
    verdict: Verdict,
    *,
    now: datetime,
    cause: Cause | None,
) -> LoopCase:
    """Close a case by its verdict; a customer who is not won back is told to the next level."""
    needless = verdict.outcome is LoopOutcome.NOT_NEEDED
    case = await change_case(
        session,
        case,
        said=1,
        outcome=verdict.outcome,
        close_reason=NotNeededReason.ANSWER_RESTATED if needless else None,
        closing_response_id=verdict.response_id,
        closed_at=verdict.at,
    )
    await tell_closing(session, case, at=verdict.at, cause=cause)
    if verdict.outcome is LoopOutcome.NOT_RECOVERED:
        raising = Raising(LoopEscalationReason.NOT_RECOVERED, cause=cause)
        case = await escalate_case(session, vault, case, raising, now=now)
    return case


async def tell_closing(
    session: Session, case: LoopCase, *, at: datetime, cause: Cause | None = None
) -> None:
    """Tell the verdict of a case that was just closed."""
    await tell(
        session,
        case,
        LoopClosed,
        at=at,
        cause=cause,
        outcome=case.outcome,
        handling_ticket_id=case.handling_ticket_id,
        response_id=case.closing_response_id,
        closed_at=at,
    )
