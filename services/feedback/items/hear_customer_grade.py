"""Hear how much attention a customer was promised: it may make his feedback important."""

from services.feedback.items.queries import lock_items
from services.feedback.items.rule_queries import copy_grade
from services.feedback.items.rules import Terms
from services.feedback.items.tables import items
from services.feedback.items.vocabulary import ItemState
from services.feedback.items.weigh_item import reweigh_item
from shared.contracts.tickets import CustomerChanged
from shared.database import Session
from shared.inbox.handlers import Received


async def hear_customer_grade(
    session: Session, received: Received[CustomerChanged], *, terms: Terms
) -> None:
    """Keep the newest grade and weigh again what nobody looked at yet.

    So it does not matter whether the customer or what he said is heard of first.
    """
    envelope = received.envelope
    news = await copy_grade(
        session, received.data, epoch=envelope.epoch, sequence=envelope.sequence
    )
    if not news:
        return
    fresh = (items.c.customer_id == received.data.customer_id) & (
        items.c.state == ItemState.RECEIVED
    )
    for item in await lock_items(session, fresh):
        await reweigh_item(session, item, terms=terms, now=envelope.time)
