"""Duties over HTTP: who is responsible for which feedback."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.feedback.duties.keep_duties import assign_duty, end_duty
from services.feedback.duties.queries import KeptDuty, live_duties
from services.feedback.duties.schemas import Duties, DutyIn, DutyOut
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/duties",
    tags=["feedback"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 422),
)

Reader = Annotated[Actor, Depends(allowed(Permission.FEEDBACK_READ))]
Ruler = Annotated[Actor, Depends(allowed(Permission.FEEDBACK_RULES))]


@router.get("", operation_id="list_duties")
async def list_duties(session: Transaction, _reader: Reader) -> Duties:
    """List who is responsible for what."""
    return Duties(data=[_out(duty) for duty in await live_duties(session)])


@router.post("", status_code=201, operation_id="assign_duty")
async def assign(body: DutyIn, session: Transaction, ruler: Ruler) -> DutyOut:
    """Make somebody responsible, in the place of whoever was so for the same."""
    duty = await assign_duty(session, **body.model_dump(), actor=ruler, now=utcnow())
    return _out(duty)


@router.post("/{duty_id}/end", operation_id="end_duty")
async def end(duty_id: UUID, session: Transaction, ruler: Ruler) -> DutyOut:
    """End a duty; the next wider one counts from now on."""
    return _out(await end_duty(session, duty_id, actor=ruler, now=utcnow()))


def _out(duty: KeptDuty) -> DutyOut:
    return DutyOut.model_validate(duty, from_attributes=True)
