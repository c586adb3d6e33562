"""The delivery log over HTTP, and sending by hand."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.integrations.webhooks.attempt_queries import attempts_of
from services.integrations.webhooks.delivery_queries import (
    Delivery,
    body_of,
    delivery_page,
    get_delivery,
)
from services.integrations.webhooks.schemas import (
    RecoveredOut,
    RecoveryIn,
    WebhookDeliveryDetail,
    WebhookDeliveryOut,
    delivery_detail,
    delivery_out,
)
from services.integrations.webhooks.send_again import recover, redeliver, send_test
from services.integrations.webhooks.vocabulary import DeliveryState
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.database import AFTER_COMMIT, Session
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction
from shared.texts import Line

router = APIRouter(
    prefix="/api/v1",
    tags=["webhooks"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 422),
)

Reader = Annotated[Actor, Depends(allowed(Permission.PARTNERS_READ))]
Writer = Annotated[Actor, Depends(allowed(Permission.PARTNERS_WRITE))]


@router.get("/webhook-deliveries", operation_id="list_webhook_deliveries")
async def list_deliveries(
    request: Request,
    response: Response,
    session: Transaction,
    _reader: Reader,
    webhook_id: UUID | None = None,
    state: Annotated[DeliveryState | None, Query(description="`dead`: given up")] = None,
    type: Annotated[Line | None, Query(description="Such as ticket.closed")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[WebhookDeliveryOut]:
    """List deliveries, newest first."""
    rows = await delivery_page(
        session,
        webhook_id=webhook_id,
        state=state,
        event_type=type,
        before=keyset(request).read(cursor),
        limit=limit + 1,
    )
    shown = page(request, response, rows, limit, at=_at, out=delivery_out)
    return Page[WebhookDeliveryOut](**shown)


@router.get("/webhook-deliveries/{delivery_id}", operation_id="get_webhook_delivery")
async def get(
    delivery_id: UUID, request: Request, session: Transaction, _reader: Reader
) -> WebhookDeliveryDetail:
    """Show a delivery, what is sent with it, and every attempt."""
    delivery = await get_delivery(session, delivery_id)
    body = await body_of(session, delivery.message_id)
    attempts = await attempts_of(session, request.app.state.vault, delivery_id)
    return delivery_detail(delivery, body, attempts)


@router.post(
    "/webhook-deliveries/{delivery_id}/redeliver",
    status_code=202,
    operation_id="redeliver_webhook_delivery",
)
async def send_once_more(
    delivery_id: UUID, request: Request, session: Transaction, writer: Writer
) -> WebhookDeliveryOut:
    """Send a delivery once more, under the same id; what still waits for an attempt gets it now."""
    delivery = await redeliver(session, delivery_id, actor=writer, now=utcnow())
    _wake(request, session)
    return delivery_out(delivery)


@router.post("/webhooks/{webhook_id}/test", status_code=202, operation_id="test_webhook")
async def try_out(
    webhook_id: UUID, request: Request, session: Transaction, writer: Writer
) -> WebhookDeliveryOut:
    """Send a `webhook.test` on the way of every event; its delivery says what came of it."""
    delivery = await send_test(session, webhook_id, actor=writer, now=utcnow())
    _wake(request, session)
    return delivery_out(delivery)


@router.post("/webhooks/{webhook_id}/recover", status_code=202, operation_id="recover_webhook")
async def send_missed(
    webhook_id: UUID, body: RecoveryIn, request: Request, session: Transaction, writer: Writer
) -> RecoveredOut:
    """Send what was given up, put aside or failed since an instant, up to 10,000 at a time."""
    found = await recover(session, webhook_id, since=body.since, actor=writer, now=utcnow())
    _wake(request, session)
    return RecoveredOut(recovered=found)


def _wake(request: Request, session: Session) -> None:
    """Wake who delivers, when he is in this process; another looks by himself."""
    session.info.setdefault(AFTER_COMMIT, []).append(request.app.state.webhooks_due.set)


def _at(delivery: Delivery) -> tuple[datetime, UUID]:
    return delivery.created_at, delivery.id
