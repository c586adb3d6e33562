"""The nightly run over the books, and those that are asked for."""

from datetime import datetime, timedelta
from typing import Final

from shared.books.rules import Ledger
from shared.books.run_books import run_if_due
from shared.database import Database
from shared.sweeps import Sweep

ASKED: Final = timedelta(seconds=5)
"""Who asks for a run waits a moment; the night's is not in a hurry."""


def books_sweep(ledger: Ledger) -> Sweep:
    """Return the sweep that compares a service's books."""

    async def run(database: Database, now: datetime) -> int:
        return await run_if_due(database, ledger, now=now)

    return Sweep("books", ASKED, run)
