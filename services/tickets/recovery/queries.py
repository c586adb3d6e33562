"""Named reads and writes of the loop cases that are handled here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from services.tickets.recovery.tables import recovery_cases
from services.tickets.tickets.queries import Ticket
from shared.database import Session


async def is_taken(session: Session, case_id: UUID) -> bool:
    """Return whether a loop case is handled already; its root ticket is locked meanwhile."""
    statement = select(recovery_cases.c.case_id).where(recovery_cases.c.case_id == case_id)
    return await session.scalar(statement) is not None


async def add_case(
    session: Session,
    handling: Ticket,
    *,
    case_id: UUID,
    root_ticket_id: UUID,
    now: datetime,
) -> None:
    """Write down which ticket and cycle handles a loop case."""
    await session.execute(
        insert(recovery_cases).values(
            case_id=case_id,
            ticket_id=handling.id,
            root_ticket_id=root_ticket_id,
            cycle_no=handling.cycle_no,
            noted=handling.id == root_ticket_id,
            taken_at=now,
        )
    )
