"""The sign-in page: a form without script that leaves the token in a cookie."""

from typing import Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.integrations.appearance.page import page, page_language
from services.integrations.sign_in.forms import FormError, read_form
from services.integrations.sign_in.issue_token import (
    SignIn,
    Token,
    token_for_password,
    token_for_role,
)
from services.integrations.sign_in.rules import local_path
from services.integrations.sign_in.words import WORDS
from shared.auth.actor import Role
from shared.auth.callers import SESSION_COOKIE
from shared.clock import utcnow
from shared.database import Database
from shared.errors import ForbiddenError, InvalidError
from shared.http.problems import ProblemError
from shared.http.rates import count_sign_in

ROLES: Final = (
    Role.AGENT,
    Role.SUPERVISOR,
    Role.MANAGER,
    Role.ADMIN,
    Role.OPERATOR,
    Role.AUDITOR,
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/sign-in")
async def ask(request: Request) -> Response:
    """Ask who it is."""
    return _page(request, wanted=request.query_params.get("next"))


@router.post("/sign-in", dependencies=[Depends(count_sign_in)])
async def enter(request: Request) -> Response:
    """Sign in and go on to `next`."""
    try:
        fields = await read_form(request)
    except FormError as error:
        raise ProblemError(400, "malformed_request", str(error)) from error
    wanted, username = fields.get("next"), fields.get("username", "")
    if _is_foreign(request):
        return _page(request, wanted=wanted, trouble="foreign")
    try:
        token = await _token(request, fields)
    except ForbiddenError:
        return _page(request, wanted=wanted, trouble="refused", username=username)
    except InvalidError:
        return _page(request, wanted=wanted, trouble="nobody")
    sign_in: SignIn = request.app.state.sign_in
    answer = _going_to(local_path(wanted))
    answer.set_cookie(
        SESSION_COOKIE,
        token.text,
        max_age=int(token.life.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=sign_in.secure_cookie,
    )
    return answer


@router.get("/sign-out")
async def ask_to_leave(request: Request) -> Response:
    """Ask whether to sign out: a link alone must not do it."""
    return page(request, "sign_out.html.j2", WORDS, address={})


@router.post("/sign-out")
async def leave(request: Request) -> Response:
    """Forget the token on this device."""
    sign_in: SignIn = request.app.state.sign_in
    answer = _going_to(f"/sign-in?lang={page_language(request)}")
    answer.delete_cookie(
        SESSION_COOKIE, httponly=True, samesite="lax", secure=sign_in.secure_cookie
    )
    return answer


async def _token(request: Request, fields: dict[str, str]) -> Token:
    database: Database = request.app.state.database
    sign_in: SignIn = request.app.state.sign_in
    if "role" in fields:
        async with database.transaction() as session:
            return await token_for_role(
                session, sign_in, role=fields["role"], subject=None, now=utcnow()
            )
    return await token_for_password(
        database,
        sign_in,
        username=fields.get("username", ""),
        password=fields.get("password", ""),
        now=utcnow(),
    )


def _is_foreign(request: Request) -> bool:
    """Return whether another site sent the form: it could sign somebody in as somebody else."""
    return request.headers.get("sec-fetch-site", "none") in {"cross-site", "same-site"}


def _going_to(path: str) -> Response:
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def _page(
    request: Request, *, wanted: str | None, trouble: str | None = None, username: str = ""
) -> Response:
    sign_in: SignIn = request.app.state.sign_in
    following = local_path(wanted)
    return page(
        request,
        "sign_in.html.j2",
        WORDS,
        status=400 if trouble else 200,
        address={"next": following},
        next=following,
        trouble=trouble,
        username=username[:64],
        roles=ROLES if sign_in.development else (),
    )
