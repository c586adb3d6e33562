"""A person says what an item is about; from then on somebody owns it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.duties.queries import category_code, owner_for, require_known
from services.feedback.items.proposal_queries import decide_proposal
from services.feedback.items.queries import Item, Step, change_item
from services.feedback.items.rules import Terms
from services.feedback.items.telling import tell
from services.feedback.items.version_queries import add_version
from services.feedback.items.vocabulary import FeedbackKind, ItemMove, Sentiment
from services.feedback.items.weigh_item import by_the_rules
from shared.auth.actor import Actor
from shared.contracts.feedback import FeedbackClassified
from shared.database import Session
from shared.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Classification:
    """What a person says; None for unit and kind leaves them as they are."""

    category_id: UUID
    sentiment: Sentiment
    org_unit_id: UUID | None = None
    kind: FeedbackKind | None = None


async def classify_item(
    session: Session,
    item: Item,
    said: Classification,
    *,
    terms: Terms,
    actor: Actor,
    now: datetime,
) -> Item:
    """Confirm or correct what was proposed; a new category or unit finds its own owner.

    Raises InvalidError for what the directory does not know, ConflictError `no_owner` when nobody
    is there to own it, IllegalItemMoveError.
    """
    changes = await _judged(session, item, said, terms=terms)
    new = any(changes[name] != getattr(item, name) for name in _RECORDED if name in changes)
    classified = await change_item(
        session,
        item,
        Step(ItemMove.CLASSIFY, actor, now),
        said=1,
        classified_at=item.classified_at or now,
        revision=item.revision + new,
        **changes,
    )
    if new:
        await add_version(session, classified, actor=actor, now=now, reason=None)
    await decide_proposal(
        session,
        item.id,
        category=await category_code(session, said.category_id),
        sentiment=said.sentiment,
        department=changes["org_unit_id"],
        now=now,
    )
    await tell(session, classified, FeedbackClassified, now=now, classified_at=now)
    return classified


_RECORDED = ("category_id", "sentiment", "org_unit_id", "kind", "importance")


async def _judged(
    session: Session, item: Item, said: Classification, *, terms: Terms
) -> dict[str, Any]:
    """Return what a person says, the importance that follows, and who owns it then."""
    path = await require_known(session, category_id=said.category_id, org_unit_id=said.org_unit_id)
    kind = said.kind or item.kind
    changes: dict[str, Any] = {
        "category_id": said.category_id,
        "sentiment": said.sentiment,
        "org_unit_id": said.org_unit_id or item.org_unit_id,
        "org_path": list(path or item.org_path),
        "kind": kind,
    }
    then = replace(item, kind=kind, sentiment=said.sentiment)
    changes |= await by_the_rules(session, then, terms=terms)
    return changes | {"owner_id": await _owner(session, item, changes)}


async def _owner(session: Session, item: Item, changes: dict[str, Any]) -> UUID:
    """Return who owns it now: whoever does, unless category or unit are new."""
    same = (item.category_id, item.org_unit_id) == (
        changes["category_id"],
        changes["org_unit_id"],
    )
    if same and item.owner_id is not None:
        return item.owner_id
    owner = await owner_for(
        session, category_id=changes["category_id"], org_path=changes["org_path"]
    )
    if owner is None:
        raise ConflictError("no_owner", "Nobody can own it: give somebody the duty first.")
    return owner
