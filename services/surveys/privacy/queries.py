"""All that this service knows of one customer, read or erased; scores stay, words go."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from services.surveys.invitations.queries import Invitation, invitations_of
from services.surveys.invitations.tables import invitations
from services.surveys.responses.tables import responses
from shared.crypto.vault import Vault
from shared.database import Session

NO_WORDS = "{}"


async def close_links(session: Session, customer_id: UUID) -> list[Invitation]:
    """Make a customer's links open nothing; return his invitations as they were, locked."""
    found = await invitations_of(session, customer_id, lock=True)
    await session.execute(
        update(invitations)
        .where(invitations.c.customer_id == customer_id)
        .values(token_hash=None, token_sealed=None)
    )
    return found


async def responses_of(session: Session, customer_id: UUID) -> list[Row[Any]]:
    """Return a customer's answers, oldest first."""
    rows = await session.execute(
        select(responses)
        .join(invitations, invitations.c.id == responses.c.invitation_id)
        .where(invitations.c.customer_id == customer_id)
        .order_by(responses.c.submitted_at, responses.c.id)
    )
    return list(rows.all())


async def empty_response(session: Session, vault: Vault, row: Row[Any]) -> bool:
    """Take the words, and the wish to be called, from an answer; return whether it had any."""
    if row.callback_time is None and words_of(vault, row) == NO_WORDS:
        return False
    await session.execute(
        update(responses)
        .where(responses.c.id == row.id)
        .values(texts_sealed=vault.encrypt(NO_WORDS, context=_context(row)), callback_time=None)
    )
    return True


def words_of(vault: Vault, row: Row[Any]) -> str:
    """Return what was written in an answer, as JSON by question."""
    return vault.decrypt(row.texts_sealed, context=_context(row))


def _context(row: Row[Any]) -> str:
    return f"response:{row.id}"
