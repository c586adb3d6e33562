"""The directory as front-ends see it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.tickets.directory.rules import UnitKind
from shared.auth.actor import Role
from shared.messages.contract import Title
from shared.texts import Line, RequestModel, example

StaffRole = Literal[
    Role.AGENT, Role.SUPERVISOR, Role.MANAGER, Role.ADMIN, Role.OPERATOR, Role.AUDITOR
]
Roles = Annotated[list[StaffRole], Field(min_length=1, max_length=len(Role))]


class OrgUnitIn(RequestModel):
    """A new unit below its parent; only the company has none."""

    model_config = example(
        name="城东分公司",
        kind="branch",
        parent_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f",
    )

    name: Title
    kind: UnitKind
    parent_id: UUID | None = None


class OrgUnitOut(BaseModel):
    """A unit; `path` leads from the root to it, both included."""

    id: UUID
    parent_id: UUID | None
    kind: UnitKind
    name: str
    path: list[UUID]
    valid_from: datetime
    valid_to: datetime | None
    version: int


class StaffIn(RequestModel):
    """A new member of staff."""

    model_config = example(
        name="周文斌",
        roles=["agent"],
        org_unit_ids=["0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f"],
    )

    name: Line
    roles: Roles
    org_unit_ids: list[UUID] = Field(default_factory=list, max_length=50)


class StaffChange(RequestModel):
    """What changes; what is left out stays. `version` stands in for If-Match."""

    model_config = example(
        roles=["agent", "supervisor"],
        version=2,
    )

    name: Line | None = None
    roles: Roles | None = None
    org_unit_ids: list[UUID] | None = Field(None, max_length=50)
    active: bool | None = Field(None, strict=True)
    version: int | None = Field(None, strict=True, ge=1)

    @property
    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        lists = {"roles", "org_unit_ids"}
        return {k: tuple(v) if k in lists else v for k, v in sent.items() if v is not None}


class StaffOut(BaseModel):
    """A member of staff."""

    id: UUID
    name: str
    roles: list[str]
    org_unit_ids: list[UUID]
    active: bool
    version: int


class OrgUnits(BaseModel):
    """The whole tree, parents before their children."""

    data: list[OrgUnitOut]


class StaffList(BaseModel):
    """Everybody, by name."""

    data: list[StaffOut]
