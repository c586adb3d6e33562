"""Correct or enrich a record: always a new version with author, time and reason."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.feedback.items.archive_queries import index_words
from services.feedback.items.classifier_rules import propose
from services.feedback.items.queries import Item, Step, change_item
from services.feedback.items.rule_queries import as_rules, live_keywords
from services.feedback.items.rules import Terms
from services.feedback.items.telling import tell
from services.feedback.items.version_queries import add_original, add_version, written_as
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
    """Write the amended record down as a new version; what is the same already changes nothing.

    Raises ConflictError for words about a customer who was erased.
    """
    changes = await _new(session, vault, item, amendment)
    if not changes:
        return item
    await require_words_about(session, item.customer_id, changes.get("customer_id"))
    if item.closed_at is None:
        changes |= await by_the_rules(session, replace(item, **changes), terms=terms)
    said = any(name in changes and changes[name] != getattr(item, name) for name in TOLD)
    amended = await change_item(
        session,
        item,
        Step(ItemMove.AMEND, actor, now, detail={"fields": sorted(amendment)}),
        said=int(said),
        revision=item.revision + 1,
        **changes,
    )
    if "text_masked" in changes:
        await add_original(session, vault, amended, amendment["text"])
    await add_version(session, amended, actor=actor, now=now, reason=mask_personal(reason))
    if amended.closed_at is not None:
        await index_words(session, amended)
    if said:
        await tell(session, amended, FeedbackClassified, now=now, classified_at=now)
    return amended


async def _new(
    session: Session, vault: Vault, item: Item, amendment: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what an amendment changes; new words may tell of a danger that the former did not."""
    plain = {name: value for name, value in amendment.items() if name != "text"}
    changes = {name: value for name, value in plain.items() if value != getattr(item, name)}
    text = amendment.get("text")
    if text is None or await written_as(session, vault, item.id, text):
        return changes
    words = as_rules(await live_keywords(session))
    heard = propose(text, words, satisfaction=item.satisfaction, nps=item.nps)
    return changes | {"text_masked": mask_personal(text), "safety": item.safety or heard.safety}
