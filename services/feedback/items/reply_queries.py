"""Named reads and writes of answers to customers, and of what became of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from services.feedback.items.tables import item_replies
from services.feedback.items.vocabulary import ReplyChannel, ReplyDelivery
from shared.crypto.vault import Vault
from shared.database import Session
from shared.privacy.tombstones import ERASED_TEXT


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in clear text, with what became of it."""

    id: UUID
    item_id: UUID
    text: str
    channel: ReplyChannel
    author_id: UUID | None
    replied_at: datetime
    notification_id: UUID | None
    delivery: ReplyDelivery
    delivered_by: str | None = None
    delivered_at: datetime | None = None
    failed_because: str | None = None


async def add_reply(session: Session, vault: Vault, reply: Reply) -> None:
    """Write an answer down, its words sealed."""
    await session.execute(
        insert(item_replies).values(
            id=reply.id,
            item_id=reply.item_id,
            text_sealed=vault.encrypt(reply.text, context=_context(reply.id)),
            channel=reply.channel,
            author_id=reply.author_id,
            replied_at=reply.replied_at,
            notification_id=reply.notification_id,
            delivery=reply.delivery,
            failed_because=reply.failed_because,
        )
    )


async def replies_of(session: Session, vault: Vault, item_id: UUID) -> list[Reply]:
    """Return the answers about an item, the oldest first."""
    rows = await session.execute(
        select(item_replies)
        .where(item_replies.c.item_id == item_id)
        .order_by(item_replies.c.replied_at, item_replies.c.id)
    )
    return [_clear(vault, row._asdict()) for row in rows]


async def empty_replies(session: Session, vault: Vault, item_id: UUID) -> int:
    """Take the words out of the answers about an item; return how many had some."""
    spoken = [one for one in await replies_of(session, vault, item_id) if one.text != ERASED_TEXT]
    for reply in spoken:
        nothing = vault.encrypt(ERASED_TEXT, context=_context(reply.id))
        mine = item_replies.c.id == reply.id
        await session.execute(update(item_replies).where(mine).values(text_sealed=nothing))
    return len(spoken)


async def note_delivery(session: Session, notification_id: UUID, **outcome: object) -> None:
    """Write down what became of the notice of an answer."""
    await session.execute(
        update(item_replies)
        .where(item_replies.c.notification_id == notification_id)
        .values(**outcome)
    )


def _clear(vault: Vault, row: dict[str, Any]) -> Reply:
    sealed = row.pop("text_sealed")
    clear = {
        "text": vault.decrypt(sealed, context=_context(row["id"])),
        "channel": ReplyChannel(row["channel"]),
        "delivery": ReplyDelivery(row["delivery"]),
    }
    return Reply(**row | clear)


def _context(reply_id: UUID) -> str:
    return f"feedback_reply:{reply_id}"
