"""Settings of the feedback service."""

from pydantic_settings import SettingsConfigDict

from shared.settings import PREFIX, ServiceSettings


class FeedbackSettings(ServiceSettings):
    """How long a customer may have to wait for us."""

    model_config = SettingsConfigDict(env_prefix=f"{PREFIX}FEEDBACK_", extra="ignore", frozen=True)
