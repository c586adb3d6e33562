"""Settings of the integrations service."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.integrations.privacy.rules import PrivacyTimes
from services.integrations.webhooks.rules import Schedule
from shared.settings import PREFIX, ServiceSettings


class IntegrationSettings(ServiceSettings):
    """How notices leave, and how patient the sign-in is."""

    model_config = SettingsConfigDict(
        env_prefix=f"{PREFIX}INTEGRATIONS_", extra="ignore", frozen=True
    )

    signing: Path | None = Field(
        None, description="Folder with the keys that sign tokens; `CARELOOP_SECRETS` by default"
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://user:password@host:587 (STARTTLS where offered), or smtps://host:465",
    )
    sender_address: str = Field(
        "service@localhost.localdomain", description="From whom customers get mail"
    )
    failures_until_locked: int = Field(
        5, ge=1, description="A person mistypes twice or thrice; a guesser needs thousands"
    )
    privacy_due_days: int = Field(
        21, ge=1, description="Fifteen working days, within which a person's request is answered"
    )
    privacy_export_days: int = Field(
        7, ge=1, description="So long what was found for a person can be fetched"
    )
    inbound_body_days: int = Field(
        30, ge=1, description="So long what a partner sent can be mapped again, if it was not taken"
    )
    locked_seconds: int = Field(
        900, ge=1, description="5 guesses a quarter of an hour are 480 a day: hopeless"
    )
    webhook_timeout_seconds: float = Field(
        20, gt=0, description="A whole request to a partner, from its name to his last byte"
    )
    webhook_retry_seconds: tuple[float, ...] = Field(
        (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400),
        description="Pauses after failed deliveries, as JSON: ten attempts in a good three days",
    )
    webhook_overload_seconds: float = Field(
        60, ge=0, description="Shortest pause for a partner who is overloaded or too slow"
    )
    webhook_disable_seconds: float = Field(
        5 * 86_400, ge=0, description="Who has taken nothing for so long gets nothing more"
    )
    webhook_max_age_seconds: float = Field(
        2 * 86_400, gt=0, description="An event that is heard of later does not leave any more"
    )

    @property
    def webhook_schedule(self) -> Schedule:
        """Return how patient deliveries are."""
        return Schedule(
            pauses=[timedelta(seconds=pause) for pause in self.webhook_retry_seconds],
            overload=timedelta(seconds=self.webhook_overload_seconds),
            disable_after=timedelta(seconds=self.webhook_disable_seconds),
            max_age=timedelta(seconds=self.webhook_max_age_seconds),
        )

    @property
    def inbound_bodies(self) -> timedelta:
        """Return how long the bodies of deliveries are kept."""
        return timedelta(days=self.inbound_body_days)

    @property
    def privacy_times(self) -> PrivacyTimes:
        """Return how long a person waits for an answer, and may read it."""
        return PrivacyTimes(
            timedelta(days=self.privacy_due_days), timedelta(days=self.privacy_export_days)
        )
