"""Settings of the integrations service."""

from datetime import timedelta

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.integrations.privacy.rules import PrivacyTimes
from shared.settings import PREFIX, ServiceSettings


class IntegrationSettings(ServiceSettings):
    """How notices leave, and how patient the sign-in is."""

    model_config = SettingsConfigDict(
        env_prefix=f"{PREFIX}INTEGRATIONS_", extra="ignore", frozen=True
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
    locked_seconds: int = Field(
        900, ge=1, description="5 guesses a quarter of an hour are 480 a day: hopeless"
    )

    @property
    def privacy_times(self) -> PrivacyTimes:
        """Return how long a person waits for an answer, and may read it."""
        return PrivacyTimes(
            timedelta(days=self.privacy_due_days), timedelta(days=self.privacy_export_days)
        )
