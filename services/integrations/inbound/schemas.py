"""The HTTP shapes of sources that may send."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.integrations.inbound.mapping_schemas import EXAMPLE, InboundMapping
from services.integrations.inbound.scheme_rules import SLUG
from services.integrations.inbound.scheme_schemas import SignatureScheme
from services.integrations.inbound.source_queries import InboundSource
from services.integrations.partners.rules import LONGEST_GRACE_HOURS
from shared.texts import Line, RequestModel, example

OURS: Final = frozenset({"tickets", "surveys", "feedback", "reporting", "integrations"})
"""A ticket's source may be one of our services; a partner must not pass for one."""


def _nobody_else(slug: str) -> str:
    if slug in OURS or slug.startswith("partner-"):
        raise PydanticCustomError("slug_reserved", "This name is taken by a part of the system.")
    return slug


Slug = Annotated[
    str,
    StringConstraints(pattern=f"^{SLUG.pattern}$"),
    AfterValidator(_nobody_else),
    Field(description="Its address, /api/v1/inbound/{slug}, and the source of its records"),
]
Secret = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,200}$")]


class InboundSourceIn(RequestModel):
    """A new source; without a secret one is made."""

    model_config = example(
        slug="crm-main",
        name="客户管理系统",
        scheme={"verifier": "standard_webhooks"},
        mapping=EXAMPLE,
    )

    slug: Slug
    name: Line
    scheme: SignatureScheme
    mapping: InboundMapping
    secret: Secret | None = Field(None, description="When the partner's system dictates it")


class InboundSourceChange(RequestModel):
    """What changes; what is left out or null stays. `version` stands in for If-Match."""

    model_config = example(mapping=EXAMPLE, active=True, version=1)

    name: Line | None = None
    scheme: SignatureScheme | None = None
    mapping: InboundMapping | None = None
    active: bool | None = Field(None, description="False: its address answers as an unknown one")
    version: int | None = Field(None, strict=True, ge=1)

    @property
    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent, as they are kept."""
        plain = {"name": self.name, "active": self.active}
        documents = {
            name: part.document
            for name, part in (("scheme", self.scheme), ("mapping", self.mapping))
            if part is not None
        }
        return {name: value for name, value in plain.items() if value is not None} | documents


class InboundSecretRotation(RequestModel):
    """A new secret, made here unless given, and how long the present one goes on."""

    model_config = example(grace_hours=24)

    secret: Secret | None = None
    grace_hours: int = Field(24, ge=0, le=LONGEST_GRACE_HOURS)

    @property
    def grace(self) -> timedelta:
        """Return the time."""
        return timedelta(hours=self.grace_hours)


class InboundSourceOut(BaseModel):
    """A source; of its secrets only how many hold, and until when."""

    id: UUID
    slug: str
    name: str
    scheme: SignatureScheme
    mapping: InboundMapping
    active: bool
    secrets_end_at: list[datetime | None]
    created_at: datetime
    updated_at: datetime
    version: int


class InboundSourceWithSecret(InboundSourceOut):
    """The same with the secret that was made for it: it is not shown again."""

    secret: str | None


class InboundRefusalOut(BaseModel):
    """How often somebody was turned away on a day, and why."""

    reason: str
    refused_on: date
    attempts: int
    last_at: datetime


class InboundRefusals(BaseModel):
    """What was turned away of a source, newest first."""

    data: list[InboundRefusalOut]


class InboundRerun(BaseModel):
    """How many deliveries are mapped again."""

    rerun: int


def source_out(source: InboundSource) -> InboundSourceOut:
    """Return a source without anything secret."""
    return InboundSourceOut(
        id=source.id,
        slug=source.slug,
        name=source.name,
        scheme=SignatureScheme.model_validate(source.scheme),
        mapping=InboundMapping.model_validate(source.mapping),
        active=source.active,
        secrets_end_at=[secret.expires_at for secret in source.secrets],
        created_at=source.created_at,
        updated_at=source.updated_at,
        version=source.version,
    )


def source_with_secret(source: InboundSource, secret: str | None) -> InboundSourceWithSecret:
    """Return a source with the secret that it was just given."""
    return InboundSourceWithSecret(**source_out(source).model_dump(), secret=secret)
