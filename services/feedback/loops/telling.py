"""Tell the world about a case, and our own people what they have to do with it."""

from datetime import datetime
from typing import Any

from services.feedback.loops.queries import LoopCase
from services.feedback.loops.vocabulary import REFERENCE
from shared.contracts.feedback import LoopEvent
from shared.contracts.integrations import StaffNoticeRequest
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.messages.contract import Origin
from shared.outbox.emit import Saying, emit, send


async def tell(
    session: Session,
    case: LoopCase,
    event: type[LoopEvent],
    *,
    at: datetime,
    cause: Cause | None = None,
    **data: Any,
) -> None:
    """Emit an event of a case; its sequence was raised with the change."""
    content = event(
        case_id=case.id,
        ticket_id=case.ticket_id,
        cycle_no=case.cycle_no,
        customer_id=case.customer_id,
        kind=case.kind,
        channel=case.channel,
        category_id=case.category_id,
        org_unit_id=case.org_unit_id,
        org_path=case.org_path,
        priority=case.priority,
        tier=case.tier,
        level=case.level,
        **data,
    )
    await emit(session, Saying(content, case.id, case.sequence, at, case.origin, cause))


async def notify_owner(
    session: Session,
    vault: Vault,
    case: LoopCase,
    template: str,
    *,
    now: datetime,
    cause: Cause | None = None,
    **parameters: str,
) -> None:
    """Ask for a notice to whoever has the case; nobody is told of what is not live."""
    if case.owner_id is None or case.origin != Origin.LIVE:
        return
    notice = StaffNoticeRequest(
        notification_id=new_id(),
        staff_id=case.owner_id,
        template=template,
        parameters={"level": str(case.level), **parameters},
        reference_kind=REFERENCE,
        reference_id=case.id,
    )
    await send(session, vault, Saying(notice, case.id, case.sequence, now, cause=cause))
