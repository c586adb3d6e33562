"""Say how important an item is: by the rules, or by a person with a reason."""

from datetime import datetime
from typing import Any

from services.feedback.items.importance_rules import ImportanceFacts, weigh
from services.feedback.items.queries import Item, Step, change_item
from services.feedback.items.rule_queries import grade_of, rules_in_force
from services.feedback.items.rules import Terms
from services.feedback.items.telling import tell
from services.feedback.items.version_queries import add_version
from services.feedback.items.vocabulary import Importance, ItemMove
from shared.auth.actor import SYSTEM, Actor
from shared.contracts.feedback import FeedbackClassified
from shared.database import Session
from shared.masking import mask_personal
from shared.privacy.tombstones import require_words_about


async def weigh_item(
    session: Session,
    item: Item,
    importance: Importance,
    *,
    reason: str,
    terms: Terms,
    actor: Actor,
    now: datetime,
) -> Item:
    """Let a person's word stand over the rules; both limits run anew from the receipt."""
    await require_words_about(session, item.customer_id)
    changes = {"importance": importance, "weighed_by_person": True}
    due = terms.due(importance, item.received_at)
    return await _weighed(session, item, changes | due, actor=actor, now=now, reason=reason)


async def reweigh_item(session: Session, item: Item, *, terms: Terms, now: datetime) -> Item:
    """Weigh a locked item again by the rules, unless a person has spoken; nothing new is silent."""
    changes = await by_the_rules(session, item, terms=terms)
    if changes.get("importance", item.importance) == item.importance:
        return item
    return await _weighed(session, item, changes, actor=SYSTEM, now=now, reason=None)


async def by_the_rules(session: Session, item: Item, *, terms: Terms) -> dict[str, Any]:
    """Return the importance of an item and what follows from it; nothing once a person spoke.

    The item may be as it is going to be: it need not be written yet.
    """
    if item.weighed_by_person:
        return {}
    importance, reasons = weigh(
        ImportanceFacts(
            kind=item.kind,
            channel=item.channel,
            satisfaction=item.satisfaction,
            low=item.low,
            grade=await grade_of(session, item.customer_id),
            safety=item.safety,
            public=item.public,
            sentiment=item.sentiment,
        ),
        await rules_in_force(session),
    )
    return {
        "importance": importance,
        "importance_reasons": list(reasons),
        **terms.due(importance, item.received_at),
    }


async def _weighed(
    session: Session,
    item: Item,
    changes: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    reason: str | None,
) -> Item:
    masked = None if reason is None else mask_personal(reason)
    step = Step(ItemMove.WEIGH, actor, now, detail={"importance": changes["importance"]})
    weighed = await change_item(session, item, step, said=1, revision=item.revision + 1, **changes)
    await add_version(session, weighed, actor=actor, now=now, reason=masked)
    await tell(session, weighed, FeedbackClassified, now=now, classified_at=now)
    return weighed
