"""Who opens a page: the token lies in a cookie that scripts cannot read."""

from typing import Final
from urllib.parse import quote

from fastapi import Request

from shared.auth.actor import Actor, ActorKind
from shared.auth.callers import SESSION_COOKIE, issuer_away, with_rights
from shared.auth.tokens import InvalidTokenError, IssuerAwayError, read_token
from shared.http.problems import ProblemError
from shared.http.transaction import Transaction

SIGN_IN: Final = "/sign-in"


async def page_reader(request: Request, session: Transaction) -> Actor:
    """Return who opens the page; whoever is not signed in is sent to sign in and comes back.

    The cookie opens pages only: a form elsewhere that posted with it would find no door. Raises
    ProblemError 303 to the sign-in, 503 when nobody can tell who he is.
    """
    try:
        claimed = await read_token(request.cookies.get(SESSION_COOKIE, ""), request.app.state.keys)
        if claimed.kind is not ActorKind.STAFF:
            raise _sign_in(request)
        reader = await with_rights(session, claimed)
    except IssuerAwayError as error:
        raise issuer_away() from error
    except (InvalidTokenError, ProblemError) as error:
        raise _sign_in(request) from error
    request.state.actor = reader
    return reader


def _sign_in(request: Request) -> ProblemError:
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    location = f"{SIGN_IN}?next={quote(back, safe='/')}"
    return ProblemError(303, "not_authenticated", "Sign in first.", {"Location": location})
