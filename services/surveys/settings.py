"""Settings of the surveys service."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.surveys.invitations.rules import Timing
from shared.settings import PREFIX, ServiceSettings


class SurveySettings(ServiceSettings):
    """When customers are asked, reminded, and asked no more."""

    model_config = SettingsConfigDict(env_prefix=f"{PREFIX}SURVEYS_", extra="ignore", frozen=True)

    delay_seconds: int = Field(0, ge=0, description="From the closing to the invitation")
    reminder_seconds: int = Field(
        3 * 86_400, gt=0, description="From the invitation to its one reminder"
    )
    expiry_seconds: int = Field(7 * 86_400, gt=0, description="How long an answer is accepted")
    stale_seconds: int = Field(
        2 * 86_400,
        gt=0,
        description="A closing that is heard of later than this is not surveyed any more",
    )

    @property
    def timing(self) -> Timing:
        """Return the times as the rules want them."""
        return Timing(
            delay=timedelta(seconds=self.delay_seconds),
            reminder=timedelta(seconds=self.reminder_seconds),
            expiry=timedelta(seconds=self.expiry_seconds),
            stale=timedelta(seconds=self.stale_seconds),
        )
