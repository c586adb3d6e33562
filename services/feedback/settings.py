"""Settings of the feedback service."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.feedback.loops.rules import Limits
from shared.settings import PREFIX, ServiceSettings


class FeedbackSettings(ServiceSettings):
    """How long a customer may have to wait for us."""

    model_config = SettingsConfigDict(env_prefix=f"{PREFIX}FEEDBACK_", extra="ignore", frozen=True)

    contact_seconds: int = Field(
        86_400, gt=0, description="From a bad answer until somebody speaks to the customer"
    )
    result_seconds: int = Field(
        2 * 86_400, gt=0, description="From a bad answer until there is a result"
    )

    @property
    def limits(self) -> Limits:
        """Return the limits of a loop case as the rules want them."""
        return Limits(
            contact=timedelta(seconds=self.contact_seconds),
            result=timedelta(seconds=self.result_seconds),
        )
