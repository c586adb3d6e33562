"""Settings of the integrations service."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

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
    locked_seconds: int = Field(
        900, ge=1, description="5 guesses a quarter of an hour are 480 a day: hopeless"
    )
