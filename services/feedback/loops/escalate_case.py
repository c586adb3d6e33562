"""Raise a case to the next level: whoever answers there has it from now on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from services.feedback.duties.queries import owner_for
from services.feedback.loops.queries import LoopCase, add_escalation, change_case
from services.feedback.loops.telling import notify_owner, tell
from services.feedback.loops.vocabulary import LoopEscalationReason
from shared.contracts.feedback import LoopEscalated
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import ConflictError

TEMPLATES: Final = {
    LoopEscalationReason.CONTACT_OVERDUE: "loop_overdue",
    LoopEscalationReason.RESULT_OVERDUE: "loop_overdue",
    LoopEscalationReason.NOT_RECOVERED: "loop_not_recovered",
}


@dataclass(frozen=True, slots=True)
class Raising:
    """Why a case goes up, and by whom; nobody when a clock or a verdict did it.

    `told` is what the notice to the next person says beside its level.
    """

    reason: LoopEscalationReason
    staff_id: UUID | None = None
    cause: Cause | None = None
    told: Mapping[str, str] = field(default_factory=dict)


async def escalate_case(
    session: Session, vault: Vault, case: LoopCase, raising: Raising, *, now: datetime
) -> LoopCase:
    """Raise a locked case one level; who has it now keeps it when nobody stands above."""
    level = case.level + 1
    owner = await owner_for(
        session, category_id=case.category_id, org_path=case.org_path, level=level
    )
    raised = await change_case(session, case, said=1, level=level, owner_id=owner or case.owner_id)
    await add_escalation(
        session,
        {
            "case_id": case.id,
            "level": level,
            "reason": raising.reason,
            "owner_id": raised.owner_id,
            "staff_id": raising.staff_id,
            "at": now,
        },
    )
    await tell(
        session,
        raised,
        LoopEscalated,
        at=now,
        cause=raising.cause,
        owner_id=raised.owner_id,
        reason=raising.reason,
        escalated_at=now,
    )
    template = TEMPLATES.get(raising.reason, "loop_escalated")
    await notify_owner(
        session, vault, raised, template, now=now, cause=raising.cause, **raising.told
    )
    return raised


async def escalate_by_hand(
    session: Session,
    vault: Vault,
    case: LoopCase,
    *,
    reason: LoopEscalationReason,
    staff_id: UUID | None,
    now: datetime,
) -> LoopCase:
    """Raise a locked case that is not closed. Raises ConflictError."""
    if case.closed_at is not None:
        raise ConflictError("loop_case_closed", "The case is closed.")
    return await escalate_case(session, vault, case, Raising(reason, staff_id), now=now)
