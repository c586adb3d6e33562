"""A subscription ends, by hand or by itself: what waits is put aside, and nothing is lost."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from services.integrations.staff_notices.tell_admins import tell_admins
from services.integrations.staff_notices.vocabulary import StaffTemplate
from services.integrations.webhooks.delivery_queries import cancel_pending
from services.integrations.webhooks.queries import Webhook, address_of, write_webhook
from services.integrations.webhooks.trail import note
from services.integrations.webhooks.vocabulary import DisabledReason, WebhookState
from shared.auth.actor import SYSTEM, Actor
from shared.crypto.vault import Vault
from shared.database import Session


async def disable(
    session: Session, webhook: Webhook, reason: DisabledReason, *, actor: Actor, now: datetime
) -> Webhook:
    """Disable a locked subscription; what waits for it is cancelled and can be recovered."""
    ended = replace(
        webhook,
        state=WebhookState.DISABLED,
        disabled_reason=reason,
        updated_at=now,
        version=webhook.version + 1,
    )
    await write_webhook(session, ended)
    await cancel_pending(session, webhook.id, now=now)
    await note(session, "webhook.disabled", webhook.id, actor, now, reason=reason)
    return ended


async def give_up(
    session: Session, vault: Vault, webhook: Webhook, reason: DisabledReason, *, now: datetime
) -> None:
    """Disable a locked subscription by itself, and tell the administrators."""
    await disable(session, webhook, reason, actor=SYSTEM, now=now)
    await tell_admins(
        session,
        vault,
        StaffTemplate.WEBHOOK_DISABLED,
        {"reason": reason, "description": webhook.description or _host(address_of(vault, webhook))},
        reference_kind="webhook",
        reference_id=webhook.id,
        now=now,
    )


def _host(url: str) -> str:
    """Return whose address it is; the rest of it may open a door."""
    return urlsplit(url).hostname or ""
