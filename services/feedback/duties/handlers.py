"""What duties hear of: the categories by which they are given."""

from collections.abc import Sequence

from services.feedback.duties.queries import copy_category
from shared.contracts.tickets import CategoryChanged
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on


async def _hear_categories(session: Session, received: Sequence[Received[CategoryChanged]]) -> None:
    for one in sorted(received, key=lambda r: r.data.category_id):
        envelope = one.envelope
        await copy_category(session, one.data, epoch=envelope.epoch, sequence=envelope.sequence)


DUTY_HANDLERS: tuple[Handler, ...] = (on(CategoryChanged, _hear_categories),)
