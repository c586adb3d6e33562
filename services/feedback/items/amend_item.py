"""Correct or enrich a record: always a new version with author, time and reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.feedback.items.archive_queries import index_words
from services.feedback.items.queries import Item, Step, change_item
from services.feedback.items.rules import Terms
from services.feedback.items.telling import tell
from services.feedback.items.version_queries import add_original, add_version
from services.feedback.items.vocabulary import ItemMove
from services.feedback.items.weigh_item import by_the_rules
from shared.auth.actor import Actor
from shared.contracts.feedback import FeedbackClassified
from shared.crypto.vault import Vault
from shared.database import Session
from shared.masking import mask_personal
from shared.privacy.tombstones import require_words_about

TOLD = ("kind", "importance")
"""What others count by; the rest of an amendment is told to nobody."""


async def amend_item(
    session: Session,
    vault: Vault,
    item: Item,
    amendment: Mapping[str, Any],
    *,
    reason: str,
    terms: Terms,
    actor: Actor,
    now: datetime,
) -> Item:
    """Write the amended record down as a new version; what is the same already changes nothing."""
    changes = {name: value for name, value in amendment.items() if name != "text"}
    text = amendment.get("text")
    if text is not None:
        changes["text_masked"] = mask_personal(text)
    changes = {name: value for name, value in changes.items() if value != getattr(item, name)}
    if not changes:
        return item
    await require_words_about(session, item.customer_id, changes.get("customer_id"))
    if "kind" in changes and item.closed_at is None:
        changes |= await by_the_rules(
            session, item, terms=terms, kind=changes["kind"], sentiment=item.sentiment
        )
    said = any(name in changes and changes[name] != getattr(item, name) for name in TOLD)
    amended = await change_item(
        session,
        item,
        Step(ItemMove.AMEND, actor, now, detail={"fields": sorted(changes)}),
        said=int(said),
        revision=item.revision + 1,
        **changes,
    )
    if text is not None:
        await add_original(session, vault, amended, text)
    await add_version(session, amended, actor=actor, now=now, reason=mask_personal(reason))
    if amended.closed_at is not None:
        await index_words(session, amended)
    if said:
        await tell(session, amended, FeedbackClassified, now=now, classified_at=now)
    return amended
