"""One of our people takes down what a customer or a colleague said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from services.feedback.items.queries import Item, find_source
from services.feedback.items.receive_item import Receiving, Voice, receive_item
from shared.auth.actor import Actor
from shared.database import Session
from shared.errors import ConflictError
from shared.ids import new_id
from shared.privacy.tombstones import require_not_erased


async def take_down(
    session: Session,
    receiving: Receiving,
    said: Mapping[str, Any],
    *,
    mine: ColumnElement[bool],
    actor: Actor,
    now: datetime,
) -> Item:
    """Write an item down.

    Raises ConflictError when its source's record was taken before, naming the item if it is
    `mine` to see, or when the customer was erased.
    """
    await require_not_erased(session, said["customer_id"])
    cycle_no = said["cycle_no"] or int(said["ticket_id"] is not None)
    source_ref = said["source_ref"] or str(new_id())
    voice = Voice(**{**said, "cycle_no": cycle_no, "source_ref": source_ref, "received_at": now})
    item = await receive_item(session, receiving, voice, actor=actor, now=now)
    if item is not None:
        return item
    known = await find_source(session, voice.source, source_ref, mine)
    facts = {} if known is None else {"item_id": str(known)}
    raise ConflictError("feedback_taken", "The source's record was taken before.", **facts)
