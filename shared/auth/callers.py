"""Who calls: the dependencies by which a route says whom it lets in."""

from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from shared.auth.actor import Actor, ActorKind, Role
from shared.auth.directory import rights_of
from shared.auth.rights import Permission, reach_of
from shared.auth.tokens import RETRY_SECONDS, InvalidTokenError, IssuerAwayError, Keys, read_token
from shared.database import Session
from shared.http.problems import ProblemError
from shared.http.rates import Seen, count
from shared.http.transaction import reading

SESSION_COOKIE: Final = "careloop_session"
"""Where a browser keeps its token: the sign-in writes it, pages read it, the API does not."""

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="careloop"'}


async def claimed_actor(request: Request) -> Actor:
    """Return whom the request's token names; read and counted once a request.

    Raises ProblemError 401, 429 when he asks too often, or 503 when nobody can tell who he is.
    """
    known: Actor | None = getattr(request.state, "claimed_actor", None)
    if known is not None:
        return known
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ProblemError(401, "not_authenticated", "Send a bearer token.", CHALLENGE)
    keys: Keys = request.app.state.keys
    try:
        actor = await read_token(token.strip(), keys)
    except InvalidTokenError as error:
        raise ProblemError(
            401, "not_authenticated", "The token is not valid here, or no more.", CHALLENGE
        ) from error
    except IssuerAwayError as error:
        raise issuer_away() from error
    request.state.claimed_actor = actor
    count(request, Seen.CALLER, f"{actor.kind}:{actor.id}")
    return actor


def issuer_away() -> ProblemError:
    """Return the problem of a token that cannot be checked now; it may be as good as ever."""
    return ProblemError(
        503,
        "issuer_away",
        "Tokens cannot be checked now: keep yours and try again.",
        {"Retry-After": str(RETRY_SECONDS)},
    )


async def count_heavy(request: Request) -> None:
    """Count who asks for what costs much; a dependency of such doors. Raises ProblemError 429."""
    actor = await claimed_actor(request)
    count(request, Seen.HEAVY, f"{actor.kind}:{actor.id}")


async def with_rights(session: Session, claimed: Actor) -> Actor:
    """Return the actor with the rights that he has now.

    Staff have the roles that both the token and the directory name. Raises ProblemError 401 for
    somebody whom the directory does not know or who left.
    """
    if claimed.kind is not ActorKind.STAFF or claimed.id is None:
        return claimed
    rights = await rights_of(session, claimed.id)
    if rights is None or not rights.active:
        raise ProblemError(401, "not_authenticated", "The directory does not know you.", CHALLENGE)
    roles = frozenset(Role(role) for role in rights.roles if role in set(Role)) & claimed.roles
    return Actor(claimed.kind, claimed.id, roles, rights.org_unit_ids)


class Caller(SecurityBase):
    """A dependency that gives who calls, if he has one of the permissions or none is wanted.

    One alone: each more costs a request as much as its line of log. Documents show it as the
    bearer scheme.
    """

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = permissions
        self.scheme_name = "HTTPBearer"
        self.model = HTTPBearer(description="`make token ROLE=agent` prints one")

    async def __call__(self, request: Request) -> Actor:
        """Return who calls. Raises ProblemError 401, or 403 without a permission."""
        actor = await current_actor(request)
        wanted = self.permissions
        if wanted and not any(reach_of(actor, one) is not None for one in wanted):
            raise ProblemError(403, "not_allowed", "Your role does not allow this.")
        return actor


async def current_actor(request: Request) -> Actor:
    """Return who calls, with his rights; looked up once a request. Raises ProblemError 401.

    A session is opened only for those whose rights the directory has.
    """
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known
    actor = await claimed_actor(request)
    if actor.kind is ActorKind.STAFF:
        actor = await with_rights(await reading(request), actor)
    request.state.actor = actor
    return actor


CurrentActor = Annotated[Actor, Depends(Caller())]


def allowed(*permissions: Permission) -> Caller:
    """Return a dependency that lets in whoever has one of the permissions, else 403."""
    return Caller(*permissions)
