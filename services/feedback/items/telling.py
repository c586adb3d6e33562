"""Tell the world about an item: events with its dimensions, notices to whoever owns it."""

from datetime import datetime
from typing import Any, Final

from services.feedback.items.queries import Item
from shared.contracts.feedback import FeedbackEvent
from shared.contracts.integrations import StaffNoticeRequest
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.messages.contract import Origin
from shared.outbox.emit import Saying, emit, send

REFERENCE: Final = "feedback_item"


async def tell(
    session: Session,
    item: Item,
    event: type[FeedbackEvent],
    *,
    now: datetime,
    cause: Cause | None = None,
    **data: Any,
) -> None:
    """Emit an event of an item as it stands now; its sequence was raised with the change."""
    content = event(
        item_id=item.id,
        ticket_id=item.ticket_id,
        cycle_no=item.cycle_no,
        customer_id=item.customer_id,
        source=item.source,
        mode=item.mode,
        kind=item.kind,
        channel=item.channel,
        category_id=item.category_id,
        org_unit_id=item.org_unit_id,
        org_path=item.org_path,
        importance=item.importance,
        sentiment=item.sentiment,
        response_due_at=item.response_due_at,
        result_due_at=item.result_due_at,
        **data,
    )
    await emit(session, Saying(content, item.id, item.sequence, now, item.origin, cause))


async def notify_owner(
    session: Session, vault: Vault, item: Item, template: str, *, now: datetime, **texts: str
) -> None:
    """Ask for a notice to whoever owns the item; nothing is sent about what is not live."""
    if item.owner_id is None or item.origin != Origin.LIVE:
        return
    notice = StaffNoticeRequest(
        notification_id=new_id(),
        staff_id=item.owner_id,
        template=template,
        parameters={"kind": item.kind, "importance": item.importance, **texts},
        reference_kind=REFERENCE,
        reference_id=item.id,
    )
    await send(session, vault, Saying(notice, item.id, item.sequence, now))
