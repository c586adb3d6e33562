"""Subscriptions are made, changed, switched off and on, and taken away."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.integrations.egress.requests import Egress, check_target
from services.integrations.egress.rules import TargetRefusedError
from services.integrations.partners.standard_webhooks import new_secret
from services.integrations.webhooks.delivery_queries import cancel_pending
from services.integrations.webhooks.end_webhook import disable
from services.integrations.webhooks.queries import (
    Webhook,
    address_of,
    delete_webhook,
    insert_webhook,
    lock_webhook,
    seal_address,
    write_secret,
    write_webhook,
)
from services.integrations.webhooks.rules import EVERY_TYPE
from services.integrations.webhooks.trail import note
from services.integrations.webhooks.vocabulary import DisabledReason, WebhookState
from shared.auth.actor import Actor
from shared.changes import difference
from shared.contracts.registry import EVENTS
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import InvalidError
from shared.ids import new_id

SECRET: Final = ("url",)
"""There may be a key in it that opens the partner's door."""


async def add_webhook(
    session: Session,
    vault: Vault,
    egress: Egress,
    *,
    url: str,
    event_types: Collection[str],
    description: str | None,
    randomness: bytes,
    actor: Actor,
    now: datetime,
) -> tuple[Webhook, str]:
    """Subscribe a partner to events; return the subscription and the secret that signs them.

    Raises InvalidError for an address that no request goes to, or for an unknown type of event.
    """
    await _check_url(egress, url)
    webhook_id = new_id()
    webhook = Webhook(
        id=webhook_id,
        url_sealed=seal_address(vault, webhook_id, url),
        description=description,
        event_types=_known(event_types),
        state=WebhookState.ACTIVE,
        disabled_reason=None,
        failing_since=None,
        created_at=now,
        updated_at=now,
        version=1,
    )
    secret = new_secret(randomness)
    await insert_webhook(session, vault, webhook, secret)
    made = difference({}, _seen(vault, webhook), hidden=SECRET)
    await note(session, "webhook.created", webhook.id, actor, now, changes=made)
    return webhook, secret


async def change_webhook(
    session: Session,
    vault: Vault,
    egress: Egress,
    webhook_id: UUID,
    *,
    changes: Mapping[str, Any],
    version: int | None,
    actor: Actor,
    now: datetime,
) -> Webhook:
    """Change address, types or description. Raises NotFoundError, StaleError, InvalidError."""
    if "url" in changes:
        await _check_url(egress, changes["url"])
    if "event_types" in changes:
        changes = {**changes, "event_types": _known(changes["event_types"])}
    present = await lock_webhook(session, webhook_id, version=version)
    changed = replace(
        _moved(vault, present, changes.get("url")),
        **{name: value for name, value in changes.items() if name != "url"},
        updated_at=now,
        version=present.version + 1,
    )
    await write_webhook(session, changed)
    made = difference(_seen(vault, present), _seen(vault, changed), hidden=SECRET)
    await note(session, "webhook.changed", webhook_id, actor, now, changes=made)
    return changed


async def remove_webhook(
    session: Session, webhook_id: UUID, *, version: int | None, actor: Actor, now: datetime
) -> None:
    """Take a subscription away with its log. Raises NotFoundError, StaleError."""
    await lock_webhook(session, webhook_id, version=version)
    await delete_webhook(session, webhook_id)
    await note(session, "webhook.deleted", webhook_id, actor, now)


async def rotate_secret(
    session: Session,
    vault: Vault,
    webhook_id: UUID,
    *,
    grace: timedelta,
    randomness: bytes,
    actor: Actor,
    now: datetime,
) -> tuple[Webhook, str]:
    """Return a new secret; for the time of grace the present one signs too.

    Raises NotFoundError.
    """
    present = await lock_webhook(session, webhook_id)
    secret = new_secret(randomness)
    await write_secret(session, vault, webhook_id, secret, old_until=now + grace)
    changed = replace(present, updated_at=now, version=present.version + 1)
    await write_webhook(session, changed)
    await note(session, "webhook.secret_rotated", webhook_id, actor, now)
    return changed, secret


async def disable_webhook(
    session: Session, webhook_id: UUID, *, actor: Actor, now: datetime
) -> Webhook:
    """Send nothing more; what happens meanwhile can be recovered. Raises NotFoundError."""
    present = await lock_webhook(session, webhook_id)
    if present.state is WebhookState.DISABLED:
        return present
    return await disable(session, present, DisabledReason.BY_HAND, actor=actor, now=now)


async def enable_webhook(
    session: Session, webhook_id: UUID, *, actor: Actor, now: datetime
) -> Webhook:
    """Send what happens from now on; what was missed is sent when somebody asks for it.

    Raises NotFoundError.
    """
    present = await lock_webhook(session, webhook_id)
    if present.state is WebhookState.ACTIVE:
        return present
    await cancel_pending(session, webhook_id, now=now)
    changed = replace(
        present,
        state=WebhookState.ACTIVE,
        disabled_reason=None,
        failing_since=None,
        updated_at=now,
        version=present.version + 1,
    )
    await write_webhook(session, changed)
    await note(session, "webhook.enabled", webhook_id, actor, now)
    return changed


def _seen(vault: Vault, webhook: Webhook) -> dict[str, Any]:
    return {
        "url": address_of(vault, webhook),
        "event_types": webhook.event_types,
        "description": webhook.description,
    }


def _moved(vault: Vault, webhook: Webhook, url: str | None) -> Webhook:
    """Return a subscription with its new address, if it gets one: nobody has failed there yet."""
    if url is None or url == address_of(vault, webhook):
        return webhook
    return replace(webhook, url_sealed=seal_address(vault, webhook.id, url), failing_since=None)


async def _check_url(egress: Egress, url: str) -> None:
    try:
        await check_target(egress, url)
    except TargetRefusedError as error:
        raise InvalidError(
            "target_refused", "No request goes to this address.", reason=error.reason
        ) from error


def _known(event_types: Collection[str]) -> tuple[str, ...]:
    """Return the types in order. Raises InvalidError for one that is no event's."""
    possible = {contract.TYPE for contract in EVENTS.values()} | {EVERY_TYPE}
    unknown = sorted(set(event_types) - possible)
    if unknown:
        raise InvalidError(
            "unknown_event_type",
            "Nothing of this type is ever said to partners.",
            unknown=unknown,
            known=sorted(possible),
        )
    return tuple(sorted(set(event_types)))
