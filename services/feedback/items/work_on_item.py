"""Steps of the work on an item, each with its person, its time and perhaps a note."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.duties.queries import require_known
from services.feedback.items.queries import Item, Step, change_item
from services.feedback.items.tell_breaches import tell_breaches
from services.feedback.items.telling import tell
from services.feedback.items.vocabulary import ItemMove, Verification
from shared.auth.actor import Actor
from shared.contracts.feedback import FeedbackResulted
from shared.crypto.vault import Vault
from shared.database import Session
from shared.privacy.tombstones import require_words_about


async def move_item(
    session: Session,
    vault: Vault,
    item: Item,
    move: ItemMove,
    *,
    note: str | None,
    actor: Actor,
    now: datetime,
    said: int = 0,
    **changes: Any,
) -> Item:
    """Make a move of a locked item with an optional note.

    Raises IllegalItemMoveError, or ConflictError for words about a customer who was erased.
    """
    if note is not None:
        await require_words_about(session, item.customer_id)
    step = Step(move, actor, now, note_sealed=sealed_note(vault, item, note))
    return await change_item(session, item, step, said=said, **changes)


async def give_result(
    session: Session, vault: Vault, item: Item, *, text: str, actor: Actor, now: datetime
) -> Item:
    """Write down a preliminary result; the first one stops the result clock."""
    item = await tell_breaches(session, vault, item, now=now)
    first = item.resulted_at is None
    resulted = await move_item(
        session,
        vault,
        item,
        ItemMove.GIVE_RESULT,
        note=text,
        actor=actor,
        now=now,
        said=1 if first else 0,
        resulted_at=item.resulted_at or now,
    )
    if first:
        await tell(session, resulted, FeedbackResulted, now=now, resulted_at=now)
    return resulted


async def resume_item(
    session: Session, vault: Vault, item: Item, *, note: str | None, actor: Actor, now: datetime
) -> Item:
    """Go on with the work because the customer is not content; what he confirmed is void."""
    return await move_item(
        session,
        vault,
        item,
        ItemMove.RESUME,
        note=note,
        actor=actor,
        now=now,
        verification=None,
    )


async def confirm_item(
    session: Session, vault: Vault, item: Item, *, note: str | None, actor: Actor, now: datetime
) -> Item:
    """Write down that the customer confirmed that it is settled."""
    return await move_item(
        session,
        vault,
        item,
        ItemMove.VERIFY,
        note=note,
        actor=actor,
        now=now,
        verification=Verification.CUSTOMER_CONFIRMED,
    )


async def assign_item(
    session: Session, item: Item, owner_id: UUID, *, actor: Actor, now: datetime
) -> Item:
    """Give an item to somebody who works here. Raises InvalidError for anybody else."""
    await require_known(session, staff={owner_id})
    return await change_item(session, item, Step(ItemMove.ASSIGN, actor, now), owner_id=owner_id)


def sealed_note(vault: Vault, item: Item, note: str | None) -> str | None:
    """Return a note as it is stored."""
    return None if note is None else vault.encrypt(note, context=note_context(item.id))


def note_context(item_id: UUID) -> str:
    """Return the place that the notes of an item belong to."""
    return f"feedback_note:{item_id}"
