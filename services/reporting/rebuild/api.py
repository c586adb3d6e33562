"""Ask for a rebuild over HTTP, and see what became of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.reporting.rebuild.ask_rebuild import ask_rebuild
from services.reporting.rebuild.queries import get_rebuild
from services.reporting.rebuild.schemas import RebuildOut, rebuild_out
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/reporting/rebuild",
    tags=["operations"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 422),
)

Operator = Annotated[Actor, Depends(allowed(Permission.REBUILD))]


@router.post("", status_code=202, operation_id="rebuild_facts")
async def ask(response: Response, session: Transaction, operator: Operator) -> RebuildOut:
    """Have all facts and figures made anew from the log; the present ones serve meanwhile."""
    wanted = await ask_rebuild(session, actor=operator, now=utcnow())
    response.headers["Location"] = f"{router.prefix}/{wanted.id}"
    return rebuild_out(wanted)


@router.get("/{rebuild_id}", operation_id="get_rebuild")
async def get(rebuild_id: UUID, session: Transaction, _operator: Operator) -> RebuildOut:
    """Show what became of a rebuild."""
    return rebuild_out(await get_rebuild(session, rebuild_id))
