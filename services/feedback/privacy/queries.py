"""All that this service knows of one customer, read or erased; clocks and codes stay, words go."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update

from services.feedback.items.tables import item_steps, items
from services.feedback.loops.heard_tables import heard_call_wishes
from services.feedback.loops.tables import loop_cases, loop_contacts, loop_scores
from shared.database import Session


async def items_of(session: Session, customer_id: UUID, *, lock: bool = False) -> list[Row[Any]]:
    """Return a customer's items in one order, locked if they shall be erased."""
    wanted = select(items).where(items.c.customer_id == customer_id).order_by(items.c.id)
    rows = await session.execute(wanted.with_for_update() if lock else wanted)
    return list(rows.all())


async def cases_of(session: Session, customer_id: UUID, *, lock: bool = False) -> list[Row[Any]]:
    """Return a customer's loop cases in one order, locked if they shall be erased."""
    wanted = (
        select(loop_cases).where(loop_cases.c.customer_id == customer_id).order_by(loop_cases.c.id)
    )
    rows = await session.execute(wanted.with_for_update() if lock else wanted)
    return list(rows.all())


async def contacts_of(session: Session, case_ids: list[UUID]) -> list[Row[Any]]:
    """Return the contacts that were logged for cases, oldest first."""
    rows = await session.execute(
        select(loop_contacts)
        .where(loop_contacts.c.case_id.in_(case_ids))
        .order_by(loop_contacts.c.at, loop_contacts.c.id)
    )
    return list(rows.all())


async def notes_about(session: Session, item_ids: list[UUID]) -> list[Row[Any]]:
    """Return the steps of the work on items at which something was noted, oldest first."""
    rows = await session.execute(
        select(item_steps)
        .where(item_steps.c.item_id.in_(item_ids), item_steps.c.note_sealed.is_not(None))
        .order_by(item_steps.c.made_at, item_steps.c.number)
    )
    return list(rows.all())


async def erase_contact_notes(session: Session, case_ids: list[UUID]) -> int:
    """Take what was noted of talks with the customer; return how many notes."""
    silenced = await session.execute(
        update(loop_contacts)
        .where(loop_contacts.c.case_id.in_(case_ids), loop_contacts.c.note_sealed.is_not(None))
        .values(note_sealed=None)
    )
    return silenced.rowcount


async def forget_call_wishes(session: Session, case_ids: list[UUID]) -> int:
    """Take away when the customer wanted to be called; return how many cases."""
    answers = select(loop_scores.c.response_id).where(loop_scores.c.case_id.in_(case_ids))
    await session.execute(
        delete(heard_call_wishes).where(heard_call_wishes.c.response_id.in_(answers))
    )
    gone = await session.execute(
        update(loop_cases)
        .where(loop_cases.c.id.in_(case_ids), loop_cases.c.callback_time.is_not(None))
        .values(callback_time=None)
    )
    return gone.rowcount
