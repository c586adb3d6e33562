"""Snapshots over HTTP, for operators: ask for one, see how far it is."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction
from shared.snapshots.ask_snapshot import SnapshotRequest, ask_snapshot
from shared.snapshots.queries import Snapshot, SnapshotState, get_snapshot, snapshot_page
from shared.texts import Line, RequestModel, example

Operator = Annotated[Actor, Depends(allowed(Permission.SNAPSHOTS))]

MOST_TYPES = 50


class SnapshotIn(RequestModel):
    """What shall be said again to which service; `types` and `since` narrow past events."""

    model_config = example(kind="staff", to="feedback")

    kind: Line
    to: Line
    types: list[Line] = Field(default_factory=list, max_length=MOST_TYPES)
    since: AwareDatetime | None = None


class SnapshotOut(BaseModel):
    """A snapshot: `sent` counts the messages that its recipient's queue has."""

    id: UUID
    kind: str
    recipient: str
    types: list[str]
    since: datetime | None
    state: SnapshotState
    sent: int
    asked_by: UUID | None
    asked_at: datetime
    finished_at: datetime | None


def snapshot_router(service: str, kinds: Collection[str]) -> APIRouter:
    """Return the routes of a service that can say things again."""
    router = APIRouter(
        prefix=f"/api/v1/{service}/snapshots",
        tags=["operations"],
        route_class=IdempotentRoute,
        responses=documented(400, 401, 403, 404, 422),
    )

    @router.post("", status_code=202, operation_id=f"ask_{service}_snapshot")
    async def ask(
        body: SnapshotIn, response: Response, session: Transaction, operator: Operator
    ) -> SnapshotOut:
        """Let one service hear again what is so; nobody else hears it, and nobody is written to."""
        asked = await ask_snapshot(
            session,
            SnapshotRequest(body.kind, body.to, body.types, body.since),
            kinds=kinds,
            actor=operator,
            now=utcnow(),
        )
        response.headers["Location"] = f"{router.prefix}/{asked.id}"
        return _out(asked)

    @router.get("", operation_id=f"list_{service}_snapshots")
    async def list_snapshots(
        request: Request,
        response: Response,
        session: Transaction,
        _operator: Operator,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[SnapshotOut]:
        """List snapshots, the latest first."""
        rows = await snapshot_page(session, before=keyset(request).read(cursor), limit=limit + 1)
        return Page[SnapshotOut](**page(request, response, rows, limit, at=_at, out=_out))

    @router.get("/{snapshot_id}", operation_id=f"get_{service}_snapshot")
    async def get(snapshot_id: UUID, session: Transaction, _operator: Operator) -> SnapshotOut:
        """Show how far a snapshot has come."""
        return _out(await get_snapshot(session, snapshot_id))

    return router


def _at(snapshot: Snapshot) -> tuple[datetime, UUID]:
    return snapshot.asked_at, snapshot.id


def _out(snapshot: Snapshot) -> SnapshotOut:
    return SnapshotOut.model_validate(snapshot, from_attributes=True)
