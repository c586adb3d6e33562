"""The books of this service together."""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.integrations.books.delivery_book import DELIVERIES
from services.integrations.staff_notices.tell_admins import tell_admins
from services.integrations.staff_notices.vocabulary import StaffTemplate
from shared.books.rules import REFERENCE, Ledger, Staying
from shared.crypto.vault import Vault
from shared.database import Session


def integrations_ledger(vault: Vault, zone: ZoneInfo) -> Ledger:
    """Return the ledger; that differences stay is told to the administrators."""

    async def tell(session: Session, staying: Staying, now: datetime) -> None:
        await tell_admins(
            session,
            vault,
            StaffTemplate.BOOKS_DIFFER,
            staying.parameters,
            reference_kind=REFERENCE,
            reference_id=staying.run_id,
            now=now,
        )

    return Ledger((DELIVERIES,), zone, tell)
