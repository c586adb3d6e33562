"""Settings of the reporting service."""

from pydantic_settings import SettingsConfigDict

from shared.settings import PREFIX, ServiceSettings


class ReportingSettings(ServiceSettings):
    """Nothing of its own yet but where its database is."""

    model_config = SettingsConfigDict(env_prefix=f"{PREFIX}REPORTING_", extra="ignore", frozen=True)
