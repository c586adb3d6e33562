"""The token endpoint (RFC 6749, sections 4.3, 4.4 and 4.5) and the public keys."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.integrations.sign_in.client_credentials import REALM, read_credentials
from services.integrations.sign_in.forms import FORM, FormError, read_form
from services.integrations.sign_in.issue_token import (
    SignIn,
    Token,
    token_for_password,
    token_for_role,
)
from services.integrations.sign_in.partner_token import token_for_partner
from services.integrations.sign_in.rules import DEVELOPMENT_GRANT
from shared.clock import utcnow
from shared.database import Database
from shared.errors import DomainError, ForbiddenError, InvalidError
from shared.http.rates import count_sign_in

JWKS_SECONDS: Final = 300
"""How long others may keep the keys; they ask anew for a key id that they do not know."""

Headers = Mapping[str, str]

NOT_KEPT: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenOut(BaseModel):
    """A token for the `Authorization` header; `subject` is whom it names.

    A partner's is for the scopes in `scope`; other tokens have none.
    """

    access_token: str
    token_type: str
    expires_in: int
    subject: UUID
    scope: str | None = None


class TokenRefusal(BaseModel):
    """Why there is no token (RFC 6749, section 5.2)."""

    error: str
    error_description: str


class KeysOut(BaseModel):
    """Public keys (RFC 7517)."""

    keys: list[dict[str, Any]]


class _RefusedError(Exception):
    def __init__(
        self, error: str, description: str, *, status: int = 400, headers: Headers | None = None
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.headers = headers or {}


router = APIRouter(prefix="/api/v1/auth", tags=["sign-in"])

_FIELDS: Final = {
    name: {"type": "string"}
    for name in (
        "grant_type",
        "username",
        "password",
        "role",
        "subject",
        "client_id",
        "client_secret",
        "scope",
    )
}
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {"type": "object", "required": ["grant_type"], "properties": _FIELDS},
                "example": {"grant_type": DEVELOPMENT_GRANT, "role": "agent"},
            }
        },
    }
}


@router.post(
    "/token",
    operation_id="issue_token",
    dependencies=[Depends(count_sign_in)],
    response_model=TokenOut,
    responses={
        400: {"model": TokenRefusal, "description": "No token"},
        401: {"model": TokenRefusal, "description": "The client is not believed"},
    },
    openapi_extra=_BODY,
)
async def issue_token(request: Request) -> Response:
    """Exchange a grant for a token.

    The grants are `password`, `client_credentials` for partners, and `urn:careloop:development`
    where it is on. A client shows id and secret in `Authorization: Basic`, or as `client_id` and
    `client_secret` in the form. Its token holds for an hour, also when the client is switched off
    meanwhile.
    """
    try:
        token = await _token(request, await read_form(request))
    except FormError as error:
        return _refusal("invalid_request", str(error))
    except _RefusedError as refusal:
        return _refusal(
            refusal.error, refusal.description, status=refusal.status, headers=refusal.headers
        )
    answer = TokenOut(
        access_token=token.text,
        token_type="Bearer",  # noqa: S106 - the kind of token, not one
        expires_in=int(token.life.total_seconds()),
        subject=token.subject,
        scope=token.scope,
    )
    content = answer.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, headers=NOT_KEPT)


@router.get("/jwks.json", operation_id="get_public_keys")
async def jwks(request: Request, response: Response) -> KeysOut:
    """Return the keys by which anybody can check our tokens."""
    response.headers["Cache-Control"] = f"public, max-age={JWKS_SECONDS}"
    sign_in: SignIn = request.app.state.sign_in
    return KeysOut.model_validate(sign_in.keys.public())


def _refusal(
    error: str, description: str, *, status: int = 400, headers: Headers | None = None
) -> Response:
    content = TokenRefusal(error=error, error_description=description)
    return JSONResponse(content.model_dump(), status, {**NOT_KEPT, **(headers or {})})


async def _token(request: Request, fields: dict[str, str]) -> Token:
    grant = fields.get("grant_type")
    if not grant:
        raise _RefusedError("invalid_request", "grant_type is missing.")
    sign_in: SignIn = request.app.state.sign_in
    try:
        if grant == "password":
            return await _for_password(request, sign_in, fields)
        if grant == "client_credentials":
            return await _for_partner(request, sign_in, fields)
        if grant == DEVELOPMENT_GRANT and sign_in.development:
            return await _for_role(request, sign_in, fields)
    except DomainError as error:
        raise _RefusedError("invalid_grant", error.detail) from error
    raise _RefusedError("unsupported_grant_type", "This grant is not offered here.")


async def _for_password(request: Request, sign_in: SignIn, fields: dict[str, str]) -> Token:
    if not fields.get("username") or not fields.get("password"):
        raise _RefusedError("invalid_request", "username and password are needed.")
    database: Database = request.app.state.database
    return await token_for_password(
        database,
        sign_in,
        username=fields["username"],
        password=fields["password"],
        now=utcnow(),
    )


async def _for_partner(request: Request, sign_in: SignIn, fields: dict[str, str]) -> Token:
    shown = read_credentials(request.headers.get("authorization"), fields)
    if shown is None:
        raise _RefusedError("invalid_client", "Show the client.", status=401, headers=REALM)
    database: Database = request.app.state.database
    try:
        async with database.transaction() as session:
            return await token_for_partner(
                session, sign_in, shown, scope=fields.get("scope"), now=utcnow()
            )
    except ForbiddenError as error:
        raise _RefusedError("invalid_client", error.detail, status=401, headers=REALM) from error
    except InvalidError as error:
        raise _RefusedError("invalid_scope", error.detail) from error


async def _for_role(request: Request, sign_in: SignIn, fields: dict[str, str]) -> Token:
    if not fields.get("role"):
        raise _RefusedError("invalid_request", "role is missing.")
    try:
        subject = UUID(fields["subject"]) if fields.get("subject") else None
    except ValueError as error:
        raise _RefusedError("invalid_request", "subject is not a UUID.") from error
    database: Database = request.app.state.database
    async with database.transaction() as session:
        return await token_for_role(
            session, sign_in, role=fields["role"], subject=subject, now=utcnow()
        )
