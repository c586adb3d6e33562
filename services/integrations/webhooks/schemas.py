"""The HTTP shapes of subscriptions and deliveries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from services.integrations.egress.rules import LONGEST_URL
from services.integrations.webhooks.attempt_queries import Attempt
from services.integrations.webhooks.delivery_queries import Delivery
from services.integrations.webhooks.queries import Webhook, address_of
from services.integrations.webhooks.vocabulary import (
    DeliveryState,
    DisabledReason,
    Trigger,
    WebhookState,
)
from shared.crypto.vault import Vault
from shared.texts import Line, RequestModel, example, storable

Url = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_URL), AfterValidator(storable)
]
EventTypes = Annotated[
    list[Annotated[str, StringConstraints(max_length=64), AfterValidator(storable)]],
    Field(min_length=1, max_length=100, description="Such as ticket.closed; `*` stands for all"),
]


class WebhookIn(RequestModel):
    """Who wants to hear of what."""

    model_config = example(
        url="https://crm.example.com/careloop",
        event_types=["ticket.closed", "feedback.loop_closed"],
        description="客户关系管理系统",
    )

    url: Url
    event_types: EventTypes
    description: Line | None = None


class WebhookChange(RequestModel):
    """What changes; what is left out stays. `version` stands in for If-Match."""

    model_config = example(event_types=["*"], version=1)

    url: Url | None = None
    event_types: EventTypes | None = None
    description: Line | None = None
    version: int | None = Field(None, strict=True, ge=1)

    @property
    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent; only a description can be taken away."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        return {n: value for n, value in sent.items() if value is not None or n == "description"}


class SecretRotation(RequestModel):
    """How long the present secret goes on signing beside the new one."""

    model_config = example(grace_seconds=86_400)

    grace_seconds: int = Field(86_400, strict=True, ge=0, le=7 * 86_400)


class RecoveryIn(RequestModel):
    """Since when to send what was missed."""

    model_config = example(since="2026-11-26T00:00:00Z")

    since: AwareDatetime


class RecoveredOut(BaseModel):
    """How many deliveries are on their way again."""

    recovered: int


class WebhookOut(BaseModel):
    """A subscription; `suppressed` counts what did not leave, by reason."""

    id: UUID
    url: str
    description: str | None
    event_types: list[str]
    state: WebhookState
    disabled_reason: DisabledReason | None
    failing_since: datetime | None = Field(description="Nothing was taken since then")
    suppressed: dict[str, int]
    created_at: datetime
    updated_at: datetime
    version: int


class WebhookWithSecret(WebhookOut):
    """A subscription with the secret that signs its deliveries, shown this once."""

    secret: str


class WebhookDeliveryOut(BaseModel):
    """One event on its way to one subscription."""

    id: UUID
    webhook_id: UUID
    message_id: UUID = Field(description="What stands in `webhook-id`")
    type: str
    occurred_at: datetime
    state: DeliveryState
    trigger: Trigger
    attempts: int
    due_at: datetime
    last_status: int | None
    last_failure: str | None
    created_at: datetime
    settled_at: datetime | None


class WebhookAttemptOut(BaseModel):
    """One request and what came of it; of the answer the beginning is kept."""

    number: int
    trigger: str
    began_at: datetime
    duration_ms: int
    status: int | None
    failure: str | None
    answer: str | None


class WebhookDeliveryDetail(WebhookDeliveryOut):
    """A delivery with what is sent, byte for byte, and its attempts, oldest first."""

    body: str
    log: list[WebhookAttemptOut]


def webhook_out(vault: Vault, webhook: Webhook, suppressed: Mapping[str, int]) -> WebhookOut:
    """Return a subscription as it is shown."""
    return WebhookOut(**_shown(vault, webhook), suppressed=dict(suppressed))


def webhook_with_secret(
    vault: Vault, webhook: Webhook, secret: str, suppressed: Mapping[str, int]
) -> WebhookWithSecret:
    """Return a subscription with its new secret."""
    shown = _shown(vault, webhook)
    return WebhookWithSecret(**shown, suppressed=dict(suppressed), secret=secret)


def delivery_out(delivery: Delivery) -> WebhookDeliveryOut:
    """Return a delivery as it is shown."""
    return WebhookDeliveryOut.model_validate(delivery, from_attributes=True)


def delivery_detail(
    delivery: Delivery, body: bytes, attempts: list[Attempt]
) -> WebhookDeliveryDetail:
    """Return a delivery with all that is known of it."""
    log = [WebhookAttemptOut.model_validate(one, from_attributes=True) for one in attempts]
    return WebhookDeliveryDetail(**delivery_out(delivery).model_dump(), body=body.decode(), log=log)


def _shown(vault: Vault, webhook: Webhook) -> dict[str, Any]:
    plain = set(WebhookOut.model_fields) - {"url", "suppressed"}
    return {name: getattr(webhook, name) for name in plain} | {"url": address_of(vault, webhook)}
