"""Close an item once it is proven to be settled, and file it under a number."""

from datetime import datetime

from services.feedback.items.archive_queries import index_words, next_archive_no
from services.feedback.items.queries import Item, Step, change_item
from services.feedback.items.resurvey_queries import is_resurveyed
from services.feedback.items.rules import (
    NotVerifiedError,
    Terms,
    after,
    missing_to_close,
    verification_of,
)
from services.feedback.items.telling import tell
from services.feedback.items.vocabulary import ItemMove
from shared.auth.actor import Actor
from shared.contracts.feedback import FeedbackClosed
from shared.database import Session


async def close_item(
    session: Session, item: Item, *, terms: Terms, actor: Actor, now: datetime
) -> Item:
    """Close a locked item. Raises IllegalItemMoveError, or NotVerifiedError: it stays open then."""
    after(item.state, ItemMove.CLOSE)
    resurveyed = await is_resurveyed(session, item)
    verification = verification_of(item.kind, item.verification, resurveyed=resurveyed)
    missing = missing_to_close(
        classified=item.classified_at is not None,
        resulted=item.resulted_at is not None,
        answered=item.replied_at is not None,
        verified=verification is not None,
    )
    if missing or verification is None:
        raise NotVerifiedError(missing)
    today = now.astimezone(terms.zone).date()
    closed = await change_item(
        session,
        item,
        Step(ItemMove.CLOSE, actor, now, detail={"verification": verification}),
        said=1,
        verification=verification,
        closed_at=now,
        archive_no=await next_archive_no(session, today.year),
        kept_until=today + terms.kept,
    )
    await index_words(session, closed)
    await tell(session, closed, FeedbackClosed, now=now, verification=verification, closed_at=now)
    return closed
