"""Tell the administrators that differences in the books stay, by a letter to who keeps notices."""

from datetime import datetime
from typing import Final

from shared.auth.directory import active_admins
from shared.books.rules import REFERENCE, Staying
from shared.contracts.integrations import StaffNoticeRequest
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.outbox.emit import Saying, send

TEMPLATE: Final = "books_differ"
ONLY: Final = 1


async def tell_staying(session: Session, vault: Vault, staying: Staying, *, now: datetime) -> None:
    """Ask for a notice to each active administrator, with how many differences each book has."""
    for staff_id in await active_admins(session):
        notice = StaffNoticeRequest(
            notification_id=new_id(),
            staff_id=staff_id,
            template=TEMPLATE,
            parameters=staying.parameters,
            reference_kind=REFERENCE,
            reference_id=staying.run_id,
        )
        await send(session, vault, Saying(notice, notice.notification_id, ONLY, now))
