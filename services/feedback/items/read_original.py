"""Read the words as they were written; who did it and why is in the audit trail."""

from datetime import datetime

from services.feedback.items.queries import Item
from services.feedback.items.version_queries import original_of
from services.feedback.items.vocabulary import OriginalReason
from shared.audit import audit
from shared.auth.actor import Actor
from shared.crypto.vault import Vault
from shared.database import Session


async def read_original(
    session: Session,
    vault: Vault,
    item: Item,
    reason: OriginalReason,
    *,
    actor: Actor,
    now: datetime,
) -> tuple[int, str]:
    """Return the newest words and the version they came with. Raises NotFoundError without any."""
    found = await original_of(session, vault, item.id)
    await audit(
        session,
        "feedback.original_read",
        actor=actor,
        subject_kind="feedback_item",
        subject_id=item.id,
        now=now,
        reason=reason,
    )
    return found
