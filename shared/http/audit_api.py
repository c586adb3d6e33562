"""The audit trail over HTTP, read only."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from shared.audit import AuditEntry, audit_page
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.problems import documented
from shared.http.transaction import Transaction

Auditor = Annotated[Actor, Depends(allowed(Permission.AUDIT_READ))]


class AuditEntryOut(BaseModel):
    """Who did what, and to what."""

    id: UUID
    at: datetime
    action: str
    actor_kind: str
    actor_id: UUID | None
    subject_kind: str
    subject_id: UUID | None
    detail: dict[str, Any]
    correlation_id: str


def audit_router(service: str) -> APIRouter:
    """Return the routes of one service's audit trail."""
    router = APIRouter(
        prefix=f"/api/v1/{service}/audit",
        tags=["operations"],
        responses=documented(400, 401, 403, 422),
    )

    @router.get("", operation_id=f"list_{service}_audit")
    async def list_audit(
        request: Request,
        response: Response,
        session: Transaction,
        _auditor: Auditor,
        subject_id: UUID | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[AuditEntryOut]:
        """List what was done, newest first."""
        before = keyset(request).read(cursor)
        rows = await audit_page(session, subject_id=subject_id, before=before, limit=limit + 1)
        return Page[AuditEntryOut](**page(request, response, rows, limit, at=_at, out=_out))

    return router


def _at(entry: AuditEntry) -> tuple[datetime, UUID]:
    return entry.at, entry.id


def _out(entry: AuditEntry) -> AuditEntryOut:
    return AuditEntryOut.model_validate(entry, from_attributes=True)
