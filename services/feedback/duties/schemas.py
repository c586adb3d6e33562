"""Duties as front-ends see them."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, model_validator

from shared.texts import RequestModel, example


class DutyIn(RequestModel):
    """Who is responsible for a category, a unit, or a category in a unit, those below included."""

    model_config = example(
        category_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f",
        org_unit_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e50",
        responsible_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e51",
        deputy_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e52",
    )

    category_id: UUID | None = None
    org_unit_id: UUID | None = None
    responsible_id: UUID
    deputy_id: UUID | None = None

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if self.category_id is None and self.org_unit_id is None:
            msg = "name a category, a unit, or both"
            raise ValueError(msg)
        return self


class DutyOut(BaseModel):
    """A duty; `valid_to` is null while it stands."""

    id: UUID
    category_id: UUID | None
    org_unit_id: UUID | None
    responsible_id: UUID
    deputy_id: UUID | None
    valid_from: datetime
    valid_to: datetime | None


class Duties(BaseModel):
    """The duties that stand, the oldest first."""

    data: list[DutyOut]
