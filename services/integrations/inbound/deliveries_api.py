"""What partners' systems sent, over HTTP, for who can mend its mapping."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.integrations.inbound.delivery_queries import (
    InboundDelivery,
    body_of,
    delivery_page,
    get_delivery,
)
from services.integrations.inbound.delivery_schemas import (
    InboundDeliveryDetail,
    InboundDeliveryOut,
    delivery_detail,
    delivery_out,
)
from services.integrations.inbound.rerun_delivery import rerun_delivery
from services.integrations.inbound.vocabulary import DeliveryState
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction
from shared.texts import Line

router = APIRouter(
    prefix="/api/v1/inbound-deliveries",
    tags=["partners"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 422),
)

Reader = Annotated[Actor, Depends(allowed(Permission.PARTNERS_READ))]
Writer = Annotated[Actor, Depends(allowed(Permission.PARTNERS_WRITE))]


@router.get("", operation_id="list_inbound_deliveries")
async def list_deliveries(
    request: Request,
    response: Response,
    session: Transaction,
    _reader: Reader,
    source: Annotated[Line | None, Query(description="Only of the source with this slug")] = None,
    state: Annotated[DeliveryState | None, Query(description="Only those that are so far")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[InboundDeliveryOut]:
    """List what was received, newest first: what became of each, not what it says."""
    rows = await delivery_page(
        session, source=source, state=state, before=keyset(request).read(cursor), limit=limit + 1
    )
    shown = page(request, response, rows, limit, at=_at, out=delivery_out)
    return Page[InboundDeliveryOut](**shown)


@router.get("/{delivery_id}", operation_id="get_inbound_delivery")
async def get(
    delivery_id: UUID, request: Request, session: Transaction, _reader: Reader
) -> InboundDeliveryDetail:
    """Show a delivery with the shape of its body: places and types, no values."""
    delivery = await get_delivery(session, delivery_id)
    return delivery_detail(delivery, body_of(request.app.state.vault, delivery))


@router.post("/{delivery_id}/rerun", status_code=202, operation_id="rerun_inbound_delivery")
async def rerun(delivery_id: UUID, session: Transaction, writer: Writer) -> InboundDeliveryOut:
    """Map a delivery again with the present mapping; one that is on its way just goes on."""
    return delivery_out(await rerun_delivery(session, delivery_id, actor=writer, now=utcnow()))


def _at(delivery: InboundDelivery) -> tuple[datetime, UUID]:
    return delivery.received_at, delivery.id
