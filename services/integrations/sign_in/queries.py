"""Named reads and writes of accounts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import any_, case, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.integrations.sign_in.tables import accounts
from shared.auth.directory import staff_copy
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Account:
    """How one of our people signs in."""

    id: UUID
    username: str
    staff_id: UUID
    password_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many failures an account is locked, and until when."""

    failures: int
    locked_until: datetime


async def insert_account(session: Session, account: Account) -> bool:
    """Write a new account; return False when the name or the person has one already."""
    added = await session.scalar(
        insert(accounts)
        .values(
            id=account.id,
            username=account.username,
            password_hash=account.password_hash,
            staff_id=account.staff_id,
            created_at=account.created_at,
            password_changed_at=account.created_at,
        )
        .on_conflict_do_nothing()
        .returning(accounts.c.id)
    )
    return added is not None


async def count_attempt(
    session: Session, username: str, patience: Patience, *, now: datetime
) -> Account | None:
    """Count an attempt as failed before the password is looked at, and return the account.

    None when there is no such account or it is locked. Counting first makes the limit exact for
    attempts at the same time, without a lock that lasts as long as a hash.
    """
    again = accounts.c.locked_until.is_not(None)  # a lock that is over: counting begins anew
    failed = case((again, 1), else_=accounts.c.failed_attempts + 1)
    row = (
        await session.execute(
            update(accounts)
            .where(
                accounts.c.username == username,
                or_(accounts.c.locked_until.is_(None), accounts.c.locked_until <= now),
            )
            .values(
                failed_attempts=failed,
                locked_until=case((failed >= patience.failures, patience.locked_until)),
            )
            .returning(
                accounts.c.id,
                accounts.c.username,
                accounts.c.staff_id,
                accounts.c.password_hash,
                accounts.c.created_at,
            )
        )
    ).one_or_none()
    return None if row is None else Account(**row._asdict())


async def forgive_attempts(session: Session, account_id: UUID) -> None:
    """Begin counting anew: the password was right."""
    await session.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(failed_attempts=0, locked_until=null())
    )


async def account_of(session: Session, staff_id: UUID) -> Account | None:
    """Return a person's account."""
    row = (
        await session.execute(
            select(
                accounts.c.id,
                accounts.c.username,
                accounts.c.staff_id,
                accounts.c.password_hash,
                accounts.c.created_at,
            ).where(accounts.c.staff_id == staff_id)
        )
    ).one_or_none()
    return None if row is None else Account(**row._asdict())


async def write_password(
    session: Session, account_id: UUID, password_hash: str, *, now: datetime
) -> None:
    """Write an account's new password."""
    await session.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(password_hash=password_hash, password_changed_at=now)
    )


async def somebody_with(session: Session, role: str) -> UUID | None:
    """Return a present member of staff who has the role, always the same one."""
    found: UUID | None = await session.scalar(
        select(staff_copy.c.staff_id)
        .where(staff_copy.c.active, literal(role) == any_(staff_copy.c.roles))
        .order_by(staff_copy.c.staff_id)
        .limit(1)
    )
    return found
