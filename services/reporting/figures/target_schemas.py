"""Targets as they are set and answered over HTTP."""

from datetime import datetime

from pydantic import BaseModel, Field, FiniteFloat

from services.reporting.figures.target_queries import Target
from shared.texts import RequestModel, example


class TargetIn(RequestModel):
    """What a metric should reach, in its unit. `version` stands in for If-Match."""

    model_config = example(value=85, version=0)

    value: FiniteFloat
    version: int | None = Field(None, strict=True, ge=0)


class TargetOut(BaseModel):
    metric: str
    value: float
    version: int
    set_at: datetime


class TargetsOut(BaseModel):
    data: list[TargetOut]


def target_out(target: Target) -> TargetOut:
    return TargetOut.model_validate(target, from_attributes=True)
