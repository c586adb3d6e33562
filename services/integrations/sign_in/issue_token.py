"""Issue tokens: for a password, or in development for a role."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.integrations.sign_in.keys import SigningKeys
from services.integrations.sign_in.passwords import fits
from services.integrations.sign_in.queries import (
    Patience,
    count_attempt,
    forgive_attempts,
    somebody_with,
)
from services.integrations.sign_in.rules import (
    DEVELOPMENT_LIFE,
    TOKEN_LIFE,
    Bearer,
    claims_of,
    shared_roles,
)
from shared.auth.actor import STAFF_ROLES, ActorKind, Role
from shared.auth.directory import rights_of
from shared.auth.tokens import AUDIENCE, CUSTOMER_ISSUER, STAFF_ISSUER
from shared.database import Database, Session
from shared.errors import ForbiddenError, InvalidError
from shared.ids import new_id

REFUSED = "The name or the password is wrong, or the account is locked for a while."
"""One sentence for all: it does not tell which names exist."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What signing in works with in one installation."""

    keys: SigningKeys
    development: bool
    failures_until_locked: int
    locked_for: timedelta
    secure_cookie: bool

    def patience(self, now: datetime) -> Patience:
        """Return how many failures an account stands, and how long it is locked then."""
        return Patience(self.failures_until_locked, now + self.locked_for)

    @property
    def life(self) -> timedelta:
        """Return how long a token holds."""
        return DEVELOPMENT_LIFE if self.development else TOKEN_LIFE


@dataclass(frozen=True, slots=True)
class Token:
    """A signed token and for whom it is; a partner's says for what."""

    text: str
    life: timedelta
    subject: UUID
    scope: str | None = None


async def token_for_password(
    database: Database, sign_in: SignIn, *, username: str, password: str, now: datetime
) -> Token:
    """Return a token for one of our people.

    Raises ForbiddenError for a wrong name or password, a locked account, or somebody who left.
    """
    patience = sign_in.patience(now)
    async with database.transaction() as session:
        account = await count_attempt(session, username.strip().lower(), patience, now=now)
    right = await fits(password, account.password_hash if account else None)
    if account is None or not right:
        raise ForbiddenError("sign_in_refused", REFUSED)
    async with database.transaction() as session:
        await forgive_attempts(session, account.id)
        rights = await rights_of(session, account.staff_id)
    if rights is None or not rights.active:
        raise ForbiddenError("sign_in_refused", REFUSED)
    roles = shared_roles(rights.roles, STAFF_ROLES)
    return _token(sign_in, Bearer(account.staff_id, ActorKind.STAFF, roles), now=now)


async def token_for_role(
    session: Session, sign_in: SignIn, *, role: str, subject: UUID | None, now: datetime
) -> Token:
    """Return a token for somebody who has a role: the one named, or whoever comes first.

    Raises ForbiddenError outside development, InvalidError when nobody has the role.
    """
    if not sign_in.development:
        raise ForbiddenError("not_in_development", "This system is not in development.")
    if role == Role.CUSTOMER:
        customer = Bearer(subject or new_id(), ActorKind.CUSTOMER, (Role.CUSTOMER,))
        return _token(sign_in, customer, now=now)
    if role not in STAFF_ROLES:
        names = ", ".join(sorted({Role.CUSTOMER, *STAFF_ROLES}))
        raise InvalidError("unknown_role", f"There is no such role: choose one of {names}.")
    staff_id = subject or await somebody_with(session, role)
    rights = await rights_of(session, staff_id) if staff_id else None
    if staff_id is None or rights is None or not rights.active or role not in rights.roles:
        who = "The person named does not have" if subject else "Nobody in the directory has"
        raise InvalidError("nobody_has_role", f"{who} the role {role}.")
    return _token(sign_in, Bearer(staff_id, ActorKind.STAFF, (role,)), now=now)


def _token(sign_in: SignIn, bearer: Bearer, *, now: datetime) -> Token:
    issuer = STAFF_ISSUER if bearer.kind == ActorKind.STAFF else CUSTOMER_ISSUER
    claims = claims_of(bearer, issuer=issuer, audience=AUDIENCE, now=now, life=sign_in.life)
    return Token(sign_in.keys.sign(claims), sign_in.life, bearer.id)
