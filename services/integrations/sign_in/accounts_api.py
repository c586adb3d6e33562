"""Accounts over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.integrations.sign_in.keep_account import change_password, create_account
from services.integrations.sign_in.schemas import AccountIn, AccountOut, PasswordChange
from shared.auth.actor import Actor
from shared.auth.callers import CurrentActor, allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/accounts",
    tags=["sign-in"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 422),
)

Keeper = Annotated[Actor, Depends(allowed(Permission.ACCOUNTS_WRITE))]


@router.post("", status_code=201, operation_id="create_account")
async def create(body: AccountIn, session: Transaction, keeper: Keeper) -> AccountOut:
    """Give a member of staff an account."""
    account = await create_account(
        session,
        username=body.username,
        password=body.password,
        staff_id=body.staff_id,
        actor=keeper,
        now=utcnow(),
    )
    return AccountOut.model_validate(account, from_attributes=True)


@router.put("/me/password", status_code=204, operation_id="change_password")
async def change(body: PasswordChange, request: Request, actor: CurrentActor) -> None:
    """Change one's own password."""
    state = request.app.state
    await change_password(
        state.database,
        state.sign_in,
        current=body.current,
        new=body.new,
        actor=actor,
        now=utcnow(),
    )
