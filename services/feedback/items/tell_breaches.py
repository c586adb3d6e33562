"""Tell of promises that were broken: each clock once, and whoever owns the item hears of it."""

from datetime import datetime

from services.feedback.duties.queries import owner_for
from services.feedback.items.queries import Item, Step, change_item
from services.feedback.items.rules import Clock
from services.feedback.items.telling import notify_owner, tell
from services.feedback.items.vocabulary import ItemMove
from shared.auth.actor import SYSTEM
from shared.contracts.feedback import FeedbackOverdue
from shared.crypto.vault import Vault
from shared.database import Session


async def tell_breaches(session: Session, vault: Vault, item: Item, *, now: datetime) -> Item:
    """Tell of every clock of a locked item that ran out and was not told of; return the item.

    Whoever stops a clock calls it first: what comes late is a breach even if no sweep saw it.
    """
    for clock in item.clocks:
        if clock.newly_broken(now):
            item = await _tell_breach(session, vault, item, clock, now=now)
    return item


async def _tell_breach(
    session: Session, vault: Vault, item: Item, clock: Clock, *, now: datetime
) -> Item:
    owner = item.owner_id or await owner_for(
        session, category_id=item.category_id, org_path=item.org_path
    )
    late = await change_item(
        session,
        item,
        Step(ItemMove.BECOME_OVERDUE, SYSTEM, now, detail={"clock": clock.kind}),
        said=1,
        owner_id=owner,
        **{f"{clock.kind}_overdue_at": now},
    )
    await tell(session, late, FeedbackOverdue, now=now, clock=clock.kind, due_at=clock.due_at)
    await notify_owner(
        session,
        vault,
        late,
        "feedback_overdue",
        now=now,
        clock=clock.kind,
        due_at=clock.due_at.isoformat(),
    )
    return late
