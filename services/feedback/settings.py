"""Settings of the feedback service."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.feedback.items.rules import ItemLimits, Terms
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

    important_response_seconds: int = Field(
        86_400, gt=0, description="From important feedback to the first answer"
    )
    important_result_seconds: int = Field(
        2 * 86_400, gt=0, description="From important feedback to a preliminary result"
    )
    normal_response_seconds: int = Field(
        2 * 86_400, gt=0, description="From other feedback to the first answer"
    )
    normal_result_seconds: int = Field(
        5 * 86_400, gt=0, description="From other feedback to a preliminary result"
    )
    archive_days: int = Field(
        3 * 365, gt=0, description="How long closed feedback has to be kept at least"
    )

    def terms(self, zone: str) -> Terms:
        """Return the limits of feedback as the rules want them; days begin in the zone."""
        return Terms(
            important=ItemLimits(
                timedelta(seconds=self.important_response_seconds),
                timedelta(seconds=self.important_result_seconds),
            ),
            normal=ItemLimits(
                timedelta(seconds=self.normal_response_seconds),
                timedelta(seconds=self.normal_result_seconds),
            ),
            kept=timedelta(days=self.archive_days),
            zone=ZoneInfo(zone),
        )

    @property
    def limits(self) -> Limits:
        """Return the limits of a loop case as the rules want them."""
        return Limits(
            contact=timedelta(seconds=self.contact_seconds),
            result=timedelta(seconds=self.result_seconds),
        )
