"""Give one of our people an account, and let him change his password."""

from datetime import datetime
from uuid import UUID

from services.integrations.sign_in.issue_token import SignIn
from services.integrations.sign_in.passwords import fits, hashed
from services.integrations.sign_in.queries import (
    Account,
    account_of,
    count_attempt,
    forgive_attempts,
    insert_account,
    write_password,
)
from shared.audit import audit
from shared.auth.actor import Actor
from shared.auth.directory import rights_of
from shared.database import Database, Session
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.ids import new_id


async def create_account(
    session: Session,
    *,
    username: str,
    password: str,
    staff_id: UUID,
    actor: Actor,
    now: datetime,
) -> Account:
    """Give a member of staff an account.

    Raises InvalidError when the directory does not know him, ConflictError when he or the name has
    an account already.
    """
    rights = await rights_of(session, staff_id)
    if rights is None or not rights.active:
        raise InvalidError("unknown_staff", "The directory does not know this person.")
    account = Account(new_id(), username.lower(), staff_id, await hashed(password), now)
    if not await insert_account(session, account):
        raise ConflictError("account_taken", "The name or the person has an account already.")
    await audit(
        session,
        "account.created",
        actor=actor,
        subject_kind="account",
        subject_id=account.id,
        now=now,
        staff_id=str(staff_id),
    )
    return account


async def change_password(
    database: Database, sign_in: SignIn, *, current: str, new: str, actor: Actor, now: datetime
) -> None:
    """Change the actor's own password; a wrong present one counts like a failed sign-in.

    Raises NotFoundError without an account, ForbiddenError when the present password is wrong.
    """
    async with database.transaction() as session:
        account = await account_of(session, actor.id) if actor.id else None
        if account is None:
            raise NotFoundError("account_not_found", "You have no account with a password.")
        counted = await count_attempt(session, account.username, sign_in.patience(now), now=now)
    right = await fits(current, counted.password_hash if counted else None)
    if counted is None or not right:
        raise ForbiddenError("wrong_password", "The present password is wrong, or it is locked.")
    password_hash = await hashed(new)
    async with database.transaction() as session:
        await forgive_attempts(session, account.id)
        await write_password(session, account.id, password_hash, now=now)
        await audit(
            session,
            "account.password_changed",
            actor=actor,
            subject_kind="account",
            subject_id=account.id,
            now=now,
        )
