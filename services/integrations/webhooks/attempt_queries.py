"""The log of attempts; what partners answer is encrypted, for it may hold anything."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from services.integrations.webhooks.tables import webhook_attempts
from shared.crypto.vault import UnreadableError, Vault
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request and what came of it; `answer` is None when none came or its key is gone."""

    number: int
    trigger: str
    began_at: datetime
    duration_ms: int
    status: int | None
    failure: str | None
    answer: str | None


async def insert_attempt(
    session: Session, vault: Vault, delivery_id: UUID, attempt: Attempt
) -> None:
    """Write down an attempt."""
    sealed = attempt.answer and vault.encrypt(attempt.answer, context=_context(delivery_id))
    await session.execute(
        insert(webhook_attempts).values(
            delivery_id=delivery_id,
            number=attempt.number,
            trigger=attempt.trigger,
            began_at=attempt.began_at,
            duration_ms=attempt.duration_ms,
            status=attempt.status,
            failure=attempt.failure,
            answer_sealed=sealed or None,
        )
    )


async def attempts_of(session: Session, vault: Vault, delivery_id: UUID) -> list[Attempt]:
    """Return the attempts of a delivery, oldest first."""
    rows = await session.execute(
        select(webhook_attempts)
        .where(webhook_attempts.c.delivery_id == delivery_id)
        .order_by(webhook_attempts.c.number)
    )
    return [
        Attempt(
            number=row.number,
            trigger=row.trigger,
            began_at=row.began_at,
            duration_ms=row.duration_ms,
            status=row.status,
            failure=row.failure,
            answer=_opened(vault, delivery_id, row.answer_sealed),
        )
        for row in rows
    ]


def _opened(vault: Vault, delivery_id: UUID, sealed: str | None) -> str | None:
    try:
        return vault.decrypt(sealed, context=_context(delivery_id)) if sealed else None
    except UnreadableError:
        return None


def _context(delivery_id: UUID) -> str:
    return f"webhook_attempt:{delivery_id}"
