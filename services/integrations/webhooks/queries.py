"""Named reads, locks and writes of subscriptions; secrets are read only where they sign.

An address is sealed like a secret: with many receivers whoever knows it may write to them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, case, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.integrations.webhooks.tables import (
    webhook_passed_over,
    webhook_suppressions,
    webhooks,
)
from services.integrations.webhooks.vocabulary import (
    DisabledReason,
    SuppressedReason,
    WebhookState,
)
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import NotFoundError, StaleError


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription without its secrets; `address_of` opens its address."""

    id: UUID
    url_sealed: str
    description: str | None
    event_types: tuple[str, ...]
    state: WebhookState
    disabled_reason: DisabledReason | None
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


_SHOWN: Final = tuple(webhooks.c[field.name] for field in fields(Webhook))


def seal_address(vault: Vault, webhook_id: UUID, url: str) -> str:
    """Return a subscription's address as it is kept."""
    return vault.encrypt(url, context=_address_context(webhook_id))


def address_of(vault: Vault, webhook: Webhook) -> str:
    """Return where a subscription's deliveries go."""
    return vault.decrypt(webhook.url_sealed, context=_address_context(webhook.id))


async def insert_webhook(session: Session, vault: Vault, webhook: Webhook, secret: str) -> None:
    """Write a new subscription with its first secret."""
    await session.execute(
        insert(webhooks).values(
            **_values(webhook),
            event_types_since=webhook.created_at,
            secret_sealed=vault.encrypt(secret, context=_context(webhook.id)),
        )
    )


async def get_webhook(session: Session, webhook_id: UUID) -> Webhook:
    """Return a subscription. Raises NotFoundError."""
    rows = await session.execute(select(*_SHOWN).where(webhooks.c.id == webhook_id))
    return _found(rows.one_or_none())


async def lock_webhook(
    session: Session, webhook_id: UUID, *, version: int | None = None
) -> Webhook:
    """Return a subscription, locked. Raises NotFoundError, or StaleError for an older version.

    Deliveries may still be noted meanwhile: they refer to its key, which nobody changes.
    """
    rows = await session.execute(
        select(*_SHOWN).where(webhooks.c.id == webhook_id).with_for_update(key_share=True)
    )
    webhook = _found(rows.one_or_none())
    if version is not None and version != webhook.version:
        raise StaleError(
            "stale_version", "The webhook was changed meanwhile.", version=webhook.version
        )
    return webhook


async def all_webhooks(session: Session) -> list[Webhook]:
    """Return every subscription; an organisation has some, not thousands."""
    rows = await session.execute(select(*_SHOWN).order_by(webhooks.c.id))
    return [_webhook(row) for row in rows]


async def webhook_page(
    session: Session, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Webhook]:
    """Return up to `limit` subscriptions, newest first."""
    newest = (webhooks.c.created_at, webhooks.c.id)
    statement = select(*_SHOWN)
    if before is not None:
        statement = statement.where(tuple_(*newest) < before)
    rows = await session.execute(
        statement.order_by(*(column.desc() for column in newest)).limit(limit)
    )
    return [_webhook(row) for row in rows]


async def write_webhook(session: Session, webhook: Webhook) -> None:
    """Write a locked subscription's new state, and since when it wants what it wants."""
    types = list(webhook.event_types)
    since = case(
        (webhooks.c.event_types == types, webhooks.c.event_types_since), else_=webhook.updated_at
    )
    await session.execute(
        update(webhooks)
        .where(webhooks.c.id == webhook.id)
        .values(**_values(webhook), event_types_since=since)
    )


async def delete_webhook(session: Session, webhook_id: UUID) -> None:
    """Take a subscription away with its deliveries and their log."""
    await session.execute(delete(webhooks).where(webhooks.c.id == webhook_id))


async def write_secret(
    session: Session, vault: Vault, webhook_id: UUID, secret: str, *, old_until: datetime
) -> None:
    """Put a new secret in front; the present one signs too until then, an older one no more."""
    await session.execute(
        update(webhooks)
        .where(webhooks.c.id == webhook_id)
        .values(
            secret_sealed=vault.encrypt(secret, context=_context(webhook_id)),
            old_secret_sealed=webhooks.c.secret_sealed,
            old_secret_until=old_until,
        )
    )


async def active_secrets(
    session: Session, vault: Vault, webhook_id: UUID, now: datetime
) -> list[str]:
    """Return the secrets that sign at an instant, the newest first."""
    row = (
        await session.execute(
            select(
                webhooks.c.secret_sealed, webhooks.c.old_secret_sealed, webhooks.c.old_secret_until
            ).where(webhooks.c.id == webhook_id)
        )
    ).one()
    sealed = [row.secret_sealed]
    if row.old_secret_until is not None and now < row.old_secret_until:
        sealed.append(row.old_secret_sealed)
    return [vault.decrypt(one, context=_context(webhook_id)) for one in sealed]


async def count_suppressed(
    session: Session, counts: Mapping[tuple[UUID, SuppressedReason], int]
) -> None:
    """Add to what each subscription did not get, by reason."""
    for (webhook_id, reason), events in sorted(counts.items()):
        added = insert(webhook_suppressions).values(
            webhook_id=webhook_id, reason=reason, events=events
        )
        await session.execute(
            added.on_conflict_do_update(
                index_elements=["webhook_id", "reason"],
                set_={"events": webhook_suppressions.c.events + added.excluded.events},
            )
        )


async def note_passed_over(session: Session, reasons: Mapping[UUID, SuppressedReason]) -> None:
    """Write down why events that were wanted did not leave."""
    if not reasons:
        return
    rows = [{"message_id": id, "reason": reason} for id, reason in sorted(reasons.items())]
    await session.execute(insert(webhook_passed_over).on_conflict_do_nothing(), rows)


async def suppressed_events(
    session: Session, webhook_ids: Collection[UUID]
) -> dict[UUID, dict[str, int]]:
    """Return how many events each subscription did not get, by reason."""
    rows = await session.execute(
        select(webhook_suppressions).where(webhook_suppressions.c.webhook_id.in_(webhook_ids))
    )
    found: dict[UUID, dict[str, int]] = {webhook_id: {} for webhook_id in webhook_ids}
    for row in rows:
        found[row.webhook_id][row.reason] = row.events
    return found


async def write_failing(session: Session, webhook_id: UUID, since: datetime | None) -> None:
    """Write since when a partner takes nothing; None when he takes again."""
    await session.execute(
        update(webhooks).where(webhooks.c.id == webhook_id).values(failing_since=since)
    )


def _values(webhook: Webhook) -> dict[str, Any]:
    return {field.name: getattr(webhook, field.name) for field in fields(webhook)}


def _found(row: Row[Any] | None) -> Webhook:
    if row is None:
        raise NotFoundError("webhook_not_found", "There is no such webhook.")
    return _webhook(row)


def _webhook(row: Row[Any]) -> Webhook:
    values = row._asdict()
    reason = values["disabled_reason"]
    return Webhook(
        **values
        | {
            "event_types": tuple(values["event_types"]),
            "state": WebhookState(values["state"]),
            "disabled_reason": DisabledReason(reason) if reason else None,
        }
    )


def _context(webhook_id: UUID) -> str:
    return f"webhook:{webhook_id}"


def _address_context(webhook_id: UUID) -> str:
    return f"webhook_url:{webhook_id}"
