"""The books of this service together."""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.reporting.books.cycle_book import cycle_book
from services.reporting.books.sequence_book import SEQUENCES
from shared.books.rules import Ledger, Staying
from shared.books.tell_staying import tell_staying
from shared.crypto.vault import Vault
from shared.database import Session


def reporting_ledger(vault: Vault, zone: ZoneInfo) -> Ledger:
    """Return the ledger; that differences stay is told to the administrators."""

    async def tell(session: Session, staying: Staying, now: datetime) -> None:
        await tell_staying(session, vault, staying, now=now)

    return Ledger((SEQUENCES, cycle_book(zone)), zone, tell)
