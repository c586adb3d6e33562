"""The bare application: FastAPI answers a GET with a ticket that it has in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel


class Shown(BaseModel):
    """A ticket of 22 fields."""

    id: UUID
    number: str
    kind: str
    channel: str
    priority: str
    tier: str
    state: str
    stage: str
    category_id: UUID | None
    org_unit_id: UUID | None
    assignee_id: UUID | None
    customer_id: UUID | None
    requester: str
    subject: str
    description: str
    cycle_no: int
    created_at: datetime
    first_response_due_at: datetime
    first_responded_at: datetime | None
    resolution_due_at: datetime
    updated_at: datetime
    version: int


SOME: Final = UUID("0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f")
NOON: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)

SHOWN: Final = Shown(
    id=SOME,
    number="C20261125-000001",
    kind="complaint",
    channel="wechat",
    priority="normal",
    tier="l1",
    state="new",
    stage="accepted",
    category_id=SOME,
    org_unit_id=SOME,
    assignee_id=None,
    customer_id=SOME,
    requester="customer",
    subject="表具故障",
    description="已经三天没有人上门。" * 8,
    cycle_no=1,
    created_at=NOON,
    first_response_due_at=NOON,
    first_responded_at=None,
    resolution_due_at=NOON,
    updated_at=NOON,
    version=1,
)


@asynccontextmanager
async def app() -> AsyncIterator[FastAPI]:
    """Run the application."""
    made = FastAPI(openapi_url=None)

    @made.get("/probe/{ticket_id}")
    async def show(ticket_id: UUID) -> Shown:  # noqa: ARG001 - read and checked only
        return SHOWN

    yield made
