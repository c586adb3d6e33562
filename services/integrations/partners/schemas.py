"""The HTTP shapes of partners' clients; a secret is in one answer and never again."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from services.integrations.partners.queries import Partner
from services.integrations.partners.rules import LONGEST_GRACE_HOURS
from shared.auth.rights import Scope
from shared.texts import Line, RequestModel, example

MOST_SCOPES: Final = 20


class PartnerIn(RequestModel):
    """A new client and what it may do."""

    model_config = example(name="客户管理系统", scopes=["customers:write", "tickets:write"])

    name: Line
    scopes: list[Scope] = Field(min_length=1, max_length=MOST_SCOPES)


class PartnerChange(RequestModel):
    """What changes; what is left out or null stays. `version` stands in for If-Match."""

    model_config = example(scopes=["tickets:write"], active=True, version=1)

    name: Line | None = None
    scopes: list[Scope] | None = Field(None, min_length=1, max_length=MOST_SCOPES)
    active: bool | None = Field(None, description="False: it gets no token any more")
    version: int | None = Field(None, strict=True, ge=1)

    @property
    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        return {name: value for name, value in sent.items() if value is not None}


class PartnerSecretRotation(RequestModel):
    """How long the present secret goes on beside the new one; 0 when it is in wrong hands."""

    model_config = example(grace_hours=24)

    grace_hours: int = Field(24, ge=0, le=LONGEST_GRACE_HOURS)

    @property
    def grace(self) -> timedelta:
        """Return the time."""
        return timedelta(hours=self.grace_hours)


class PartnerSecretOut(BaseModel):
    """A secret that holds; `last_used_at` says whether it is safe to let it end."""

    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class PartnerOut(BaseModel):
    """A partner's client; its `id` is the client_id of the token endpoint."""

    id: UUID
    name: str
    scopes: list[Scope]
    active: bool
    secrets: list[PartnerSecretOut]
    created_at: datetime
    updated_at: datetime
    version: int


class PartnerWithSecret(PartnerOut):
    """The same with its new secret: keep it, it is not shown again."""

    client_secret: str


def partner_out(partner: Partner) -> PartnerOut:
    """Return a partner without anything secret."""
    return PartnerOut.model_validate(partner, from_attributes=True)


def with_secret(partner: Partner, secret: str) -> PartnerWithSecret:
    """Return a partner with the secret that he was just given."""
    return PartnerWithSecret(**partner_out(partner).model_dump(), client_secret=secret)
