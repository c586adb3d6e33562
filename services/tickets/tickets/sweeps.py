"""What becomes due: resolved tickets close when nobody objected in time."""

from datetime import datetime, timedelta

from services.tickets.tickets.close_ticket import close_ticket
from services.tickets.tickets.queries import lock_tickets_to_close
from services.tickets.tickets.vocabulary import CloseActor
from shared.auth.actor import SYSTEM
from shared.database import Database
from shared.sweeps import Sweep

BATCH = 50
"""Tickets a transaction: few enough that an agent who wants one of them does not wait."""


async def close_what_nobody_objected_to(database: Database, now: datetime) -> int:
    """Close resolved tickets whose time for an objection is over; return how many."""
    async with database.transaction() as session:
        due = await lock_tickets_to_close(session, now=now, limit=BATCH)
        for ticket in due:
            await close_ticket(session, ticket, by=CloseActor.TIMER, actor=SYSTEM, now=now)
    return len(due)


SWEEPS = (Sweep("auto_close", timedelta(seconds=5), close_what_nobody_objected_to),)
