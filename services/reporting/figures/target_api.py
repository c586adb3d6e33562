"""Targets over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.reporting.figures.scope import Reader
from services.reporting.figures.set_target import set_target
from services.reporting.figures.target_queries import all_targets
from services.reporting.figures.target_schemas import (
    TargetIn,
    TargetOut,
    TargetsOut,
    target_out,
)
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.concurrency import required_version, tag
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/targets",
    tags=["figures"],
    responses=documented(400, 401, 403, 404, 412, 422, 428),
)

Setter = Annotated[Actor, Depends(allowed(Permission.TARGETS_WRITE))]


@router.get("", operation_id="list_targets")
async def list_targets(session: Transaction, _reader: Reader) -> TargetsOut:
    """List what the metrics should reach."""
    return TargetsOut(data=[target_out(one) for one in (await all_targets(session)).values()])


@router.put("/{metric}", operation_id="set_target")
async def put(
    metric: str,
    body: TargetIn,
    request: Request,
    response: Response,
    session: Transaction,
    setter: Setter,
) -> TargetOut:
    """Set what a metric should reach; a metric without a target has version 0."""
    target = await set_target(
        session,
        metric,
        body.value,
        version=required_version(request, body.version),
        actor=setter,
        now=utcnow(),
    )
    tag(response, target.version)
    return target_out(target)
