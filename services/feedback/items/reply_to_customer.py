"""Answer the customer; the first answer stops the response clock."""

from datetime import datetime, timedelta
from typing import Final

from services.feedback.items.queries import Item, Step, change_item
from services.feedback.items.reply_queries import Reply, add_reply
from services.feedback.items.tell_breaches import tell_breaches
from services.feedback.items.telling import tell
from services.feedback.items.vocabulary import ItemMove, ReplyChannel, ReplyDelivery
from shared.auth.actor import Actor
from shared.contracts.feedback import FeedbackReplied
from shared.contracts.integrations import NotificationRequest
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import ConflictError
from shared.ids import new_id
from shared.messages.contract import Origin
from shared.outbox.emit import Saying, send
from shared.privacy.tombstones import require_words_about

NOTICE_WORTH: Final = timedelta(hours=24)
"""An answer that did not leave within a day is better given by phone."""

NOT_LIVE: Final = "not_live"
REPLY_REFERENCE: Final = "feedback_reply"


async def reply_to_customer(
    session: Session,
    vault: Vault,
    item: Item,
    *,
    text: str,
    channel: ReplyChannel,
    actor: Actor,
    now: datetime,
) -> Reply:
    """Store an answer to a locked item and send it when the channel is a notice of ours.

    Raises ConflictError when there is nobody to write to (any more), or nothing public to answer.
    """
    _require_way(item, channel)
    await require_words_about(session, item.customer_id)
    item = await tell_breaches(session, vault, item, now=now)
    first = item.replied_at is None
    reply = _new(item, text, channel, actor=actor, now=now)
    step = Step(ItemMove.REPLY, actor, now, detail={"reply_id": str(reply.id), "channel": channel})
    replied = await change_item(session, item, step, said=1, replied_at=item.replied_at or now)
    await add_reply(session, vault, reply)
    await tell(session, replied, FeedbackReplied, now=now, first=first, replied_at=now)
    if reply.delivery is ReplyDelivery.PENDING:
        await _send(session, vault, replied, reply, now=now)
    return reply


def _require_way(item: Item, channel: ReplyChannel) -> None:
    if channel is ReplyChannel.NOTICE and item.customer_id is None:
        raise ConflictError("nobody_to_write_to", "Nobody is known who could be written to.")
    if channel is ReplyChannel.PUBLIC_ANSWER and not item.public:
        raise ConflictError("not_public", "What was not said in public is not answered there.")


def _new(item: Item, text: str, channel: ReplyChannel, *, actor: Actor, now: datetime) -> Reply:
    written = channel is ReplyChannel.NOTICE
    live = item.origin == Origin.LIVE
    delivery = ReplyDelivery.PENDING if live else ReplyDelivery.FAILED
    return Reply(
        id=new_id(),
        item_id=item.id,
        text=text,
        channel=channel,
        author_id=actor.id,
        replied_at=now,
        notification_id=new_id() if written else None,
        delivery=delivery if written else ReplyDelivery.BY_HAND,
        failed_because=NOT_LIVE if written and not live else None,
    )


async def _send(session: Session, vault: Vault, item: Item, reply: Reply, *, now: datetime) -> None:
    if item.customer_id is None or reply.notification_id is None:
        return
    notice = NotificationRequest(
        notification_id=reply.notification_id,
        customer_id=item.customer_id,
        template="feedback_reply",
        parameters={"reply": reply.text, "received_at": item.received_at.isoformat()},
        reference_kind=REPLY_REFERENCE,
        reference_id=reply.id,
        expires_at=now + NOTICE_WORTH,
    )
    await send(session, vault, Saying(notice, item.id, item.sequence, now))
