"""The audit trail over HTTP, read only: its lines, and whether they are what was sealed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from shared.audit import AuditEntry, Sought, audit_page
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.problems import ProblemError, documented
from shared.http.transaction import Transaction
from shared.sealing.chain import Head, head_named
from shared.sealing.seal import head_of
from shared.sealing.verify import Finding, Trouble, verify_anchor, verify_stretch

LARGEST_POSITION = 2**63 - 1
LONGEST_STRETCH = 1000
"""A hundredth of a second of arithmetic; nobody else's request shall wait for it longer."""

Auditor = Annotated[Actor, Depends(allowed(Permission.AUDIT_READ))]
Code = Annotated[str | None, Query(pattern=r"^[a-z_.]{1,60}$", examples=["customer.changed"])]


class ChangeOut(BaseModel):
    """A value before and after; `***` in the place of what is somebody's own."""

    before: Any
    after: Any


class AuditEntryOut(BaseModel):
    """Who did what, from where, and to what; what was changed, by field."""

    id: UUID
    at: datetime
    action: str
    actor_kind: str
    actor_id: UUID | None
    address: str | None
    subject_kind: str
    subject_id: UUID | None
    changes: dict[str, ChangeOut]
    detail: dict[str, Any]
    correlation_id: str


class FindingOut(BaseModel):
    """What is wrong, where in the chain, and with which line."""

    trouble: Trouble
    position: int | None
    entry_id: UUID | None


class StretchOut(BaseModel):
    """A checked piece of the chain; go on with `after` = `until` unless it was the `end`.

    `retired` lines went with a week whose time to be kept was over.
    """

    checked: int
    retired: int
    until: int
    end: bool
    findings: list[FindingOut]


class HeadOut(BaseModel):
    """The head of the chain: kept elsewhere, it shows later that nothing was cut off."""

    anchor: str = Field(examples=["42:uLPRvGn0Zt3h3d8b3x1bOqFq2bXr0l3n1w0q2o9kQpA"])


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
        actor_id: UUID | None = None,
        action: Code = None,
        subject_kind: Code = None,
        subject_id: UUID | None = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[AuditEntryOut]:
        """List what was done, newest first; `until` is the first instant that is not sought."""
        sought = Sought(actor_id, action, subject_kind, subject_id, since, until)
        before = keyset(request).read(cursor)
        rows = await audit_page(session, sought, before=before, limit=limit + 1)
        return Page[AuditEntryOut](**page(request, response, rows, limit, at=_at, out=_out))

    @router.get("/head", operation_id=f"get_{service}_audit_head")
    async def get_head(session: Transaction, _auditor: Auditor) -> HeadOut:
        """Return the anchor of the sealed trail."""
        return HeadOut(anchor=str(await head_of(session)))

    @router.get("/verify", operation_id=f"verify_{service}_audit")
    async def verify(
        request: Request,
        session: Transaction,
        _auditor: Auditor,
        after: Annotated[int, Query(ge=0, le=LARGEST_POSITION)] = 0,
        limit: Annotated[int, Query(ge=1, le=LONGEST_STRETCH)] = LONGEST_STRETCH,
        anchor: Annotated[str | None, Query(max_length=80)] = None,
    ) -> StretchOut:
        """Recompute a piece of the chain, and whether it goes through an anchor."""
        kept = None if anchor is None else _head(anchor)
        vault = request.app.state.vault
        stretch = await verify_stretch(session, vault, after=after, limit=limit)
        cut = [] if kept is None else await verify_anchor(session, kept)
        return StretchOut(
            checked=stretch.checked,
            retired=stretch.retired,
            until=stretch.until,
            end=stretch.end,
            findings=[_shown(one) for one in (*cut, *stretch.findings)],
        )

    return router


def _head(anchor: str) -> Head:
    try:
        return head_named(anchor)
    except ValueError as error:
        raise ProblemError(400, "invalid_anchor", "This is no anchor of a trail.") from error


def _shown(finding: Finding) -> FindingOut:
    return FindingOut.model_validate(finding, from_attributes=True)


def _at(entry: AuditEntry) -> tuple[datetime, UUID]:
    return entry.at, entry.id


def _out(entry: AuditEntry) -> AuditEntryOut:
    detail = dict(entry.detail)
    changes = detail.pop("changes", {}).items()
    return AuditEntryOut(
        id=entry.id,
        at=entry.at,
        action=entry.action,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        address=detail.pop("address", None),
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        changes={name: ChangeOut(before=was, after=now) for name, (was, now) in changes},
        detail=detail,
        correlation_id=entry.correlation_id,
    )
