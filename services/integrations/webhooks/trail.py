"""The lines of the audit trail about subscriptions."""

from datetime import datetime
from uuid import UUID

from shared.audit import audit
from shared.auth.actor import Actor
from shared.changes import Changes
from shared.database import Session


async def note(
    session: Session,
    action: str,
    webhook_id: UUID,
    actor: Actor,
    now: datetime,
    *,
    changes: Changes | None = None,
    **detail: str | int | list[str],
) -> None:
    """Write down who did what to a subscription."""
    await audit(
        session,
        action,
        actor=actor,
        subject_kind="webhook",
        subject_id=webhook_id,
        now=now,
        changes=changes,
        **detail,
    )
