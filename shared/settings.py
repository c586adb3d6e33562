"""Settings come from `CARELOOP_…` variables; one that nobody knows is refused at start."""

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CARELOOP_"


class CommonSettings(BaseSettings):
    """What every service needs to know."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    database_url: str | None = Field(
        None,
        description="PostgreSQL server without a database name, or a whole URL with {database}",
    )
    database_prefix: str = Field("careloop", description="Databases are named <prefix>_<service>")
    database_pool: int = Field(8, ge=1, description="Connections a process; more lose throughput")
    database_statement_cache: bool = Field(
        True, description="Off behind pgbouncer in transaction mode"
    )
    amqp_url: str | None = Field(None, description="RabbitMQ; without it messages stay in-process")
    amqp_prefix: str = Field("careloop", description="Prefix of exchanges and queues")
    secrets: Path = Field(Path(".data/secrets"), description="Folder with keys, mode 0700")
    public_url: str = Field("http://127.0.0.1:8000", description="Where people reach this system")
    zone: str = Field("Asia/Shanghai", description="The time zone of days in figures")
    development: bool = Field(
        False, description="Development sign-in and the notice page; on in the local edition only"
    )
    organisation_zh: str = Field("客户服务中心", description="Name on pages and notices, Chinese")
    organisation_en: str = Field("Customer Service", description="Name on pages, English")
    jwks_url: str | None = Field(
        None, description="Where the issuer's keys are; by default below public_url"
    )
    egress_allow: str = Field(
        "",
        description="Names, addresses or networks, each with :port or without, comma between: "
        "partners there may be private, plain HTTP and on any port",
    )
    egress_proxy: str | None = Field(
        None, description="http://host:port that every request to a partner goes through"
    )
    log_level: str = Field("INFO", description="Lowest level that is logged")

    def database_url_of(self, service: str) -> str:
        """Return the URL of a service's database. Raises ValueError when no server is set."""
        if self.database_url is None:
            msg = f"{PREFIX}DATABASE_URL is not set"
            raise ValueError(msg)
        database = f"{self.database_prefix}_{service}"
        if "{database}" in self.database_url:
            return self.database_url.replace("{database}", database)
        server, question, options = self.database_url.partition("?")
        return f"{server.rstrip('/')}/{database}{question}{options}"


class ServiceSettings(BaseSettings):
    """What every service may have set for itself alone; subclasses set the prefix."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str | None = Field(None, description="This service's database, whole")


def refuse_unknown_variables(known: Iterable[type[BaseSettings]], also: Iterable[str] = ()) -> None:
    """Raise ValueError naming every `CARELOOP_` variable that no settings class reads."""
    names = {name.upper() for name in also}
    for settings in known:
        prefix = settings.model_config.get("env_prefix", "")
        names |= {f"{prefix}{field}".upper() for field in settings.model_fields}
    unknown = sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in names
    )
    if unknown:
        msg = f"unknown settings: {', '.join(unknown)}"
        raise ValueError(msg)
