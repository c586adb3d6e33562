"""A bad answer opens the one case of its root ticket, or joins the one that is open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.feedback.duties.queries import owner_for
from services.feedback.loops.queries import (
    LoopCase,
    add_case,
    add_score,
    is_known_score,
    lock_case_for_answer,
)
from services.feedback.loops.rules import Limits
from services.feedback.loops.settle_case import settle_case
from services.feedback.loops.telling import notify_owner, tell
from services.feedback.loops.vocabulary import RECOVERY
from shared.contracts.feedback import LoopOpened
from shared.contracts.surveys import SurveyLowScore
from shared.contracts.tickets import TicketEvent
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.inbox.handlers import Received

SCORES: Final = ("response_id", "satisfaction", "nps", "solved")


@dataclass(frozen=True, slots=True)
class Caring:
    """What loop cases work with."""

    vault: Vault
    limits: Limits


async def open_case(
    session: Session, caring: Caring, received: Received[SurveyLowScore], *, now: datetime
) -> None:
    """Open a case or attach a further score; an answer that was heard of before is left alone.

    The root ticket must be held. The answer about a recovery is its case's verdict, and opens none.
    """
    low = received.data
    if low.kind == RECOVERY or await is_known_score(session, low.response_id):
        return
    case = await lock_case_for_answer(session, low.ticket_id, low.response_id)
    if case is None:
        case = await add_case(session, await _values(session, caring, received, now=now))
        if case is None:
            msg = "the ticket has an open case that cannot be seen: it was not held"
            raise LookupError(msg)
        await _tell(session, caring.vault, case, now=now, cause=received.cause)
    score = {name: getattr(low, name) for name in (*SCORES, "cycle_no", "completed_at")}
    await add_score(session, score | {"case_id": case.id})
    await settle_case(session, caring.vault, case, now=now, cause=received.cause)


async def _values(
    session: Session, caring: Caring, received: Received[SurveyLowScore], *, now: datetime
) -> dict[str, Any]:
    """Return a new case; its clocks run from the answer, whenever it is heard of."""
    low = received.data
    values = {name: getattr(low, name) for name in (*TicketEvent.model_fields, *SCORES)}
    return values | {
        "id": new_id(),
        "origin": received.envelope.origin,
        "opened_at": low.completed_at,
        "contact_due_at": low.completed_at + caring.limits.contact,
        "result_due_at": low.completed_at + caring.limits.result,
        "level": 1,
        "owner_id": await owner_for(
            session, category_id=low.category_id, org_path=low.org_path, level=1
        ),
        "heard_at": now,
    }


async def _tell(
    session: Session, vault: Vault, case: LoopCase, *, now: datetime, cause: Cause
) -> None:
    facts = {name: getattr(case, name) for name in (*SCORES, "contact_due_at", "result_due_at")}
    await tell(
        session,
        case,
        LoopOpened,
        at=case.opened_at,
        cause=cause,
        owner_id=case.owner_id,
        opened_at=case.opened_at,
        **facts,
    )
    due = case.contact_due_at.isoformat()
    await notify_owner(session, vault, case, "loop_opened", now=now, cause=cause, due_at=due)
