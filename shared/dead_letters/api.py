"""Dead letters over HTTP: an operator sees envelopes, never what is in them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from shared.audit import audit
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.database import Session
from shared.dead_letters.keep import DeadLetterState
from shared.dead_letters.settle import DeadLetter, ask_for_replay, dead_letter_page, discard
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction
from shared.texts import Line, RequestModel, example

Operator = Annotated[Actor, Depends(allowed(Permission.DEAD_LETTERS))]


class Settlement(RequestModel):
    """Why a dead letter is replayed or given up."""

    model_config = example(reason="3.2 版已修复状态解析，重新投递")

    reason: Line


class DeadLetterOut(BaseModel):
    """A message that could not be handled; `detail` names the kind of error and its place."""

    id: UUID
    message_id: UUID
    queue: str
    type: str
    sender: str
    state: DeadLetterState
    reason: str
    detail: str
    failures: int
    first_failed_at: datetime
    last_failed_at: datetime
    settled_at: datetime | None
    settled_because: str | None


def dead_letter_router(service: str) -> APIRouter:
    """Return the routes of one service's dead letters."""
    router = APIRouter(
        prefix=f"/api/v1/{service}/dead-letters",
        tags=["operations"],
        route_class=IdempotentRoute,
        responses=documented(400, 401, 403, 404, 409, 422),
    )

    @router.get("", operation_id=f"list_{service}_dead_letters")
    async def list_dead_letters(
        request: Request,
        response: Response,
        session: Transaction,
        _operator: Operator,
        state: DeadLetterState | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[DeadLetterOut]:
        """List messages that could not be handled, the latest failure first."""
        before = keyset(request).read(cursor)
        rows = await dead_letter_page(session, state=state, before=before, limit=limit + 1)
        return Page[DeadLetterOut](
            **page(request, response, rows, limit, at=_at, out=_out),
        )

    @router.post("/{dead_letter_id}/replay", operation_id=f"replay_{service}_dead_letter")
    async def replay(
        dead_letter_id: UUID, body: Settlement, session: Transaction, operator: Operator
    ) -> DeadLetterOut:
        """Let a message come again, unchanged; it has its effect once."""
        now = utcnow()
        settled = await ask_for_replay(
            session, dead_letter_id, by=operator.id, reason=body.reason, now=now
        )
        await _note(session, "dead_letter.replayed", settled, operator, now)
        return _out(settled)

    @router.post("/{dead_letter_id}/discard", operation_id=f"discard_{service}_dead_letter")
    async def give_up(
        dead_letter_id: UUID, body: Settlement, session: Transaction, operator: Operator
    ) -> DeadLetterOut:
        """Give a message up; its row stays."""
        now = utcnow()
        settled = await discard(
            session, dead_letter_id, by=operator.id, reason=body.reason, now=now
        )
        await _note(session, "dead_letter.discarded", settled, operator, now)
        return _out(settled)

    return router


async def _note(
    session: Session, action: str, settled: DeadLetter, operator: Actor, now: datetime
) -> None:
    await audit(
        session,
        action,
        actor=operator,
        subject_kind="dead_letter",
        subject_id=settled.id,
        now=now,
        type=settled.type,
    )


def _at(row: DeadLetter) -> tuple[datetime, UUID]:
    return row.last_failed_at, row.id


def _out(row: DeadLetter) -> DeadLetterOut:
    return DeadLetterOut.model_validate(row, from_attributes=True)
