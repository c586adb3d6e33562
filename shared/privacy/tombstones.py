"""Whether a customer was erased, asked so that the answer holds until the commit.

Who writes something about a customer holds him with others; who erases him holds him alone. Thus
what was written before is erased, and what comes later finds the tombstone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert

from shared.database import Session
from shared.errors import ConflictError
from shared.locks import ERASE
from shared.privacy.tables import erased_customers

BUCKETS: Final = 64
"""Locks that one transaction may hold at most, however many customers its batch is about."""

ERASED_TEXT: Final = "[已删除 erased]"
"""What stands in the place of words that were erased, for readers of either language."""

HOLD: Final = text(
    "SELECT pg_advisory_xact_lock_shared(:key, bucket) FROM ("
    " SELECT DISTINCT hashtext(CAST(customer AS text)) & :last AS bucket"
    " FROM unnest(:customers) AS customer ORDER BY bucket OFFSET 0) AS buckets"
).bindparams(bindparam("customers", type_=ARRAY(Uuid)))

HOLD_ALONE: Final = text(
    "SELECT pg_advisory_xact_lock(:key, hashtext(CAST(CAST(:customer AS uuid) AS text)) & :last)"
).bindparams(bindparam("customer", type_=Uuid))


class ErasedError(ConflictError):
    """Nothing is written about this customer any more."""

    def __init__(self) -> None:
        super().__init__("customer_erased", "What we knew of this customer was erased.")


async def erased_among(session: Session, customer_ids: Iterable[UUID | None]) -> set[UUID]:
    """Return those who were erased; none of the others is before this transaction ends."""
    wanted = sorted({one for one in customer_ids if one is not None})
    if not wanted:
        return set()
    await session.execute(HOLD, {"key": ERASE, "last": BUCKETS - 1, "customers": wanted})
    table = erased_customers
    found = await session.scalars(
        select(table.c.customer_id).where(table.c.customer_id.in_(wanted))
    )
    return set(found)


async def require_not_erased(session: Session, customer_id: UUID | None) -> None:
    """Raise ConflictError when nothing may be written about this customer any more.

    Whoever asks must not have locked a row of this customer yet: erasing locks in the other order.
    """
    if await erased_among(session, [customer_id]):
        raise ErasedError


async def is_erased(session: Session, customer_id: UUID | None) -> bool:
    """Return whether a customer was erased, for who has locked a row that erasing locks, too."""
    table = erased_customers
    wanted = select(table.c.customer_id).where(table.c.customer_id == customer_id)
    return customer_id is not None and await session.scalar(wanted) is not None


async def require_words_about(session: Session, *customer_ids: UUID | None) -> None:
    """Raise ConflictError as `require_not_erased`, for who has locked as `is_erased` says."""
    for customer_id in customer_ids:
        if await is_erased(session, customer_id):
            raise ErasedError


async def remember_erased(
    session: Session, customer_id: UUID, *, request_id: UUID, now: datetime
) -> bool:
    """Write the tombstone, alone with the customer until the commit; return whether it is new."""
    await session.execute(HOLD_ALONE, {"key": ERASE, "last": BUCKETS - 1, "customer": customer_id})
    written = await session.scalar(
        insert(erased_customers)
        .values(customer_id=customer_id, request_id=request_id, erased_at=now)
        .on_conflict_do_nothing()
        .returning(erased_customers.c.customer_id)
    )
    return written is not None
