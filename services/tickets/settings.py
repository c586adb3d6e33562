"""Settings of the tickets service."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.tickets.tickets.rules import Limits
from shared.settings import PREFIX, ServiceSettings


class TicketSettings(ServiceSettings):
    """Limits that hold around the clock; a new limit holds for tickets taken after it."""

    model_config = SettingsConfigDict(env_prefix=f"{PREFIX}TICKETS_", extra="ignore", frozen=True)

    first_response_seconds: int = Field(30 * 60, gt=0, description="First reply of a person")
    resolution_seconds: int = Field(48 * 3600, gt=0, description="Solution of a cycle")
    confirmation_seconds: int = Field(
        72 * 3600, gt=0, description="A resolved ticket closes by itself after this"
    )

    @property
    def limits(self) -> Limits:
        """Return the limits as the rules want them."""
        return Limits(
            first_response=timedelta(seconds=self.first_response_seconds),
            resolution=timedelta(seconds=self.resolution_seconds),
            confirmation=timedelta(seconds=self.confirmation_seconds),
        )
