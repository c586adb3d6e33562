"""Rebuilds as they are answered over HTTP."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.reporting.rebuild.queries import Rebuild, RebuildState


class RebuildOut(BaseModel):
    id: UUID
    state: RebuildState
    asked_at: datetime
    finished_at: datetime | None
    position: int | None = Field(description="How much of the log the new facts know")


def rebuild_out(rebuild: Rebuild) -> RebuildOut:
    return RebuildOut.model_validate(rebuild, from_attributes=True)
