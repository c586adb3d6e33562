"""Issue a token to a partner's client: what it asks for, of what it was given."""

from datetime import datetime
from typing import Final
from uuid import UUID

from services.integrations.partners.queries import Partner, find_partner, note_use
from services.integrations.partners.rules import the_one_meant
from services.integrations.sign_in.client_credentials import ClientCredentials
from services.integrations.sign_in.issue_token import SignIn, Token
from services.integrations.sign_in.rules import TOKEN_LIFE, Bearer, claims_of
from shared.auth.actor import ActorKind, Role
from shared.auth.tokens import AUDIENCE, PARTNER_ISSUER
from shared.database import Session
from shared.errors import ForbiddenError, InvalidError

REFUSED: Final = "The client is not known, its secret is wrong or over, or it was switched off."
"""One sentence for all: it does not tell which clients exist."""


async def token_for_partner(
    session: Session,
    sign_in: SignIn,
    credentials: ClientCredentials,
    *,
    scope: str | None,
    now: datetime,
) -> Token:
    """Return a token with the scopes asked for, all that the client has when it asks for none.

    Raises ForbiddenError for a client that is not believed, InvalidError for a scope that it was
    not given.
    """
    partner = await _believed(session, credentials, now=now)
    wanted = set(scope.split()) if scope is not None else set(partner.scopes)
    if not wanted or not wanted <= set(partner.scopes):
        raise InvalidError("unknown_scope", "The client was not given this scope.")
    bearer = Bearer(partner.id, ActorKind.PARTNER, (Role.PARTNER,))
    granted = " ".join(sorted(wanted))
    claims = claims_of(
        bearer, issuer=PARTNER_ISSUER, audience=AUDIENCE, now=now, life=TOKEN_LIFE
    ) | {"scope": granted, "client_id": str(partner.id)}
    return Token(sign_in.keys.sign(claims), TOKEN_LIFE, partner.id, granted)


async def _believed(session: Session, shown: ClientCredentials, *, now: datetime) -> Partner:
    try:
        partner_id = UUID(shown.client_id)
    except ValueError as error:
        raise ForbiddenError("client_refused", REFUSED) from error
    partner = await find_partner(session, partner_id, now=now)
    secret = the_one_meant(shown.secret, partner.secrets, now=now) if partner else None
    if partner is None or secret is None or not partner.active:
        raise ForbiddenError("client_refused", REFUSED)
    await note_use(session, partner.id, secret, now=now)
    return partner
