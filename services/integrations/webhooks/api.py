"""Subscriptions over HTTP, for administrators."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.integrations.partners.standard_webhooks import SECRET_BYTES
from services.integrations.webhooks.keep_webhook import (
    add_webhook,
    change_webhook,
    disable_webhook,
    enable_webhook,
    remove_webhook,
    rotate_secret,
)
from services.integrations.webhooks.queries import (
    Webhook,
    get_webhook,
    suppressed_events,
    webhook_page,
)
from services.integrations.webhooks.schemas import (
    SecretRotation,
    WebhookChange,
    WebhookIn,
    WebhookOut,
    WebhookWithSecret,
    webhook_out,
    webhook_with_secret,
)
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.database import Session
from shared.http.concurrency import required_version, tag
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/webhooks",
    tags=["webhooks"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422, 428),
)

Reader = Annotated[Actor, Depends(allowed(Permission.PARTNERS_READ))]
Writer = Annotated[Actor, Depends(allowed(Permission.PARTNERS_WRITE))]


@router.post("", status_code=201, operation_id="add_webhook")
async def add(
    body: WebhookIn, request: Request, response: Response, session: Transaction, writer: Writer
) -> WebhookWithSecret:
    """Subscribe a partner to events; the secret that signs them is shown this once."""
    webhook, secret = await add_webhook(
        session,
        request.app.state.vault,
        request.app.state.egress,
        url=body.url,
        event_types=body.event_types,
        description=body.description,
        randomness=secrets.token_bytes(SECRET_BYTES),
        actor=writer,
        now=utcnow(),
    )
    tag(response, webhook.version)
    return webhook_with_secret(request.app.state.vault, webhook, secret, {})


@router.get("", operation_id="list_webhooks")
async def list_all(
    request: Request,
    response: Response,
    session: Transaction,
    _reader: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[WebhookOut]:
    """List the subscriptions, newest first."""
    before = keyset(request).read(cursor)
    rows = await webhook_page(session, before=before, limit=limit + 1)
    counts = await suppressed_events(session, [row.id for row in rows])

    def out(webhook: Webhook) -> WebhookOut:
        return webhook_out(request.app.state.vault, webhook, counts[webhook.id])

    return Page[WebhookOut](**page(request, response, rows, limit, at=_at, out=out))


@router.get("/{webhook_id}", operation_id="get_webhook")
async def get(
    webhook_id: UUID,
    request: Request,
    response: Response,
    session: Transaction,
    _reader: Reader,
) -> WebhookOut:
    """Show a subscription, never its secret."""
    return await _shown(request, session, response, await get_webhook(session, webhook_id))


@router.patch("/{webhook_id}", operation_id="change_webhook")
@router.post("/{webhook_id}/update", operation_id="update_webhook")
async def change(
    webhook_id: UUID,
    body: WebhookChange,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> WebhookOut:
    """Change a subscription's address, types or description."""
    webhook = await change_webhook(
        session,
        request.app.state.vault,
        request.app.state.egress,
        webhook_id,
        changes=body.changes,
        version=required_version(request, body.version),
        actor=writer,
        now=utcnow(),
    )
    return await _shown(request, session, response, webhook)


@router.delete("/{webhook_id}", status_code=204, operation_id="delete_webhook")
async def remove(webhook_id: UUID, request: Request, session: Transaction, writer: Writer) -> None:
    """Take a subscription away with its deliveries and their log."""
    version = required_version(request)
    await remove_webhook(session, webhook_id, version=version, actor=writer, now=utcnow())


@router.post("/{webhook_id}/rotate-secret", operation_id="rotate_webhook_secret")
async def rotate(
    webhook_id: UUID,
    body: SecretRotation,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> WebhookWithSecret:
    """Give a new secret, shown this once; for the time of grace both sign."""
    webhook, secret = await rotate_secret(
        session,
        request.app.state.vault,
        webhook_id,
        grace=timedelta(seconds=body.grace_seconds),
        randomness=secrets.token_bytes(SECRET_BYTES),
        actor=writer,
        now=utcnow(),
    )
    tag(response, webhook.version)
    counts = await suppressed_events(session, [webhook_id])
    return webhook_with_secret(request.app.state.vault, webhook, secret, counts[webhook_id])


@router.post("/{webhook_id}/disable", operation_id="disable_webhook")
async def switch_off(
    webhook_id: UUID,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> WebhookOut:
    """Send nothing more; what happens meanwhile is kept for a recovery."""
    webhook = await disable_webhook(session, webhook_id, actor=writer, now=utcnow())
    return await _shown(request, session, response, webhook)


@router.post("/{webhook_id}/enable", operation_id="enable_webhook")
async def switch_on(
    webhook_id: UUID,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> WebhookOut:
    """Send what happens from now on; nothing that was missed is sent by itself."""
    webhook = await enable_webhook(session, webhook_id, actor=writer, now=utcnow())
    return await _shown(request, session, response, webhook)


async def _shown(
    request: Request, session: Session, response: Response, webhook: Webhook
) -> WebhookOut:
    tag(response, webhook.version)
    counts = await suppressed_events(session, [webhook.id])
    return webhook_out(request.app.state.vault, webhook, counts[webhook.id])


def _at(webhook: Webhook) -> tuple[datetime, UUID]:
    return webhook.created_at, webhook.id
