"""Settings come from `CARELOOP_…` variables, or from files of that name beside the keys.

One that nobody knows is refused at start, and so is a file that is empty or cannot be read.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import quote

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from shared.addresses import broker_address, database_address, known_zone, web_address
from shared.errors import InstallationError

PREFIX = "CARELOOP_"
SECRETS_VARIABLE: Final = f"{PREFIX}SECRETS"
SECRETS_FOLDER: Final = Path(".data/secrets")


DatabaseAddress = Annotated[str, AfterValidator(database_address)]
BrokerAddress = Annotated[str, AfterValidator(broker_address)]
PublicAddress = Annotated[str, AfterValidator(web_address)]
Zone = Annotated[str, AfterValidator(known_zone)]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


def prefix_of(service: str) -> str:
    """Return what the names of a service's own settings begin with."""
    return f"{PREFIX}{service.upper()}_"


class OurSettings(BaseSettings):
    """Read from the environment; what is not set there, from a file of its name.

    `careloop_database_password` in the folder of the keys is CARELOOP_DATABASE_PASSWORD.
    """

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # a value may be a password

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where values come from, the strongest first.

        Raises InstallationError for a bad file.
        """
        if not secret_files():
            return init_settings, env_settings
        files = SecretsSettingsSource(settings_cls, secrets_dir=_secrets_folder())
        return init_settings, env_settings, files


class CommonSettings(OurSettings):
    """What every service needs to know."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    database_url: DatabaseAddress | None = Field(
        None,
        description="PostgreSQL server without a database name, or a whole URL with {database}",
    )
    database_password: SecretStr | None = Field(
        None, description="Goes into every database address that has a user and no password"
    )
    database_prefix: str = Field("careloop", description="Databases are named <prefix>_<service>")
    database_pool: int = Field(8, ge=1, description="Connections a process; more lose throughput")
    database_statement_cache: bool = Field(
        True, description="Off behind pgbouncer in transaction mode"
    )
    database_timeout: float = Field(
        30, gt=0, description="Seconds after which a statement is given up and the answer is 503"
    )
    amqp_url: BrokerAddress | None = Field(
        None,
        description="RabbitMQ, every host of a cluster with a comma between; "
        "without it messages stay in-process",
    )
    amqp_password: SecretStr | None = Field(
        None, description="Goes into CARELOOP_AMQP_URL when that has a user and no password"
    )
    amqp_prefix: str = Field("careloop", description="Prefix of exchanges and queues")
    secrets: Path = Field(
        SECRETS_FOLDER,
        description="Folder with keys, mode 0700, and with files that are settings: "
        "`careloop_database_password` is `CARELOOP_DATABASE_PASSWORD`",
    )
    public_url: PublicAddress = Field(
        "http://127.0.0.1:8000", description="Where people reach this system"
    )
    zone: Zone = Field("Asia/Shanghai", description="The time zone of days in figures")
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
    egress_here: bool = Field(
        True,
        description="Off in a process without a way out: partners' names are not looked up "
        "when they are given, only before something is sent to them",
    )
    egress_proxy: str | None = Field(
        None, description="http://host:port that every request to a partner goes through"
    )
    drain_seconds: float = Field(
        0,
        ge=0,
        description="Seconds that an API serves on after SIGTERM, with 503 at /readyz, so that a "
        "balancer sends no more before it ends; 0 where nothing stands in front",
    )
    cors_origins: str = Field(
        "",
        description="Origins whose scripts may read answers, exactly as https://app.example.com, "
        "comma between; nobody's by default",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks of proxies whose X-Forwarded-For is believed",
    )
    connections: int | None = Field(
        None, ge=1, description="Connections at once of a process; the next one is told 503"
    )
    rates: dict[str, int] = Field(
        {},
        description="Requests a minute at one process, as JSON, 0 for no limit: `caller` 1200, "
        "`address` 12000, `sign_in` 120, `answer` 30 a survey link, `heavy` 30; "
        "with the development sign-in only those that are set",
    )
    otlp_endpoint: str | None = Field(
        None, description="Receiver of traces over OTLP/HTTP, such as http://collector:4318"
    )
    trace_ratio: float = Field(
        0.05, ge=0, le=1, description="Share of requests of which a trace is kept"
    )
    log_level: LogLevel = Field("INFO", description="Lowest level that is logged")

    def database_url_of(self, service: str) -> str:
        """Return the URL of a service's database. Raises InstallationError without a server."""
        if self.database_url is None:
            msg = f"{PREFIX}DATABASE_URL is not set"
            raise InstallationError(msg)
        database = f"{self.database_prefix}_{service}"
        if "{database}" in self.database_url:
            return self.database_url.replace("{database}", database)
        server, question, options = self.database_url.partition("?")
        return f"{server.rstrip('/')}/{database}{question}{options}"

    def with_database_password(self, url: str) -> str:
        """Return a database's URL with the password, where it has a user without one."""
        return _with_password(url, self.database_password)

    @property
    def broker_url(self) -> str | None:
        """Return the broker's URL with its password; None without a broker."""
        return self.amqp_url and _with_password(self.amqp_url, self.amqp_password)


class ServiceSettings(OurSettings):
    """What every service may have set for itself alone; subclasses set the prefix."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: DatabaseAddress | None = Field(None, description="This service's database, whole")


def refuse_unknown_settings(
    known: Iterable[type[BaseSettings]], also: Iterable[str] = (), others: Iterable[str] = ()
) -> None:
    """Raise InstallationError naming every `CARELOOP_` variable or file that nobody reads.

    `also` are names that somebody else reads; `others` are prefixes that are not ours to judge.
    """
    names = {name.upper() for name in also}
    for settings in known:
        prefix = settings.model_config.get("env_prefix", "")
        names |= {f"{prefix}{field}".upper() for field in settings.model_fields}
    given = {name.upper() for name in (*os.environ, *(path.name for path in secret_files()))}
    unknown = sorted(
        name
        for name in given
        if name.startswith(PREFIX) and name not in names and not name.startswith(tuple(others))
    )
    if unknown:
        msg = f"unknown settings: {', '.join(unknown)}"
        raise InstallationError(msg)


def secret_files() -> list[Path]:
    """Return the files that are settings.

    Raises InstallationError for one without a readable value.
    """
    folder = _secrets_folder()
    try:
        files = [path for path in folder.glob("*") if path.name.upper().startswith(PREFIX)]
        empty = [path for path in files if not path.read_text(encoding="utf-8").strip()]
    except (OSError, UnicodeDecodeError) as error:
        msg = (
            f"the secrets in {folder} cannot be read ({error}): "
            f"let user {os.getuid()} read them, or set {SECRETS_VARIABLE}"
        )
        raise InstallationError(msg) from error
    if empty:
        msg = f"{empty[0]} is empty: write the secret into it, or remove the file"
        raise InstallationError(msg)
    return sorted(files)


def _secrets_folder() -> Path:
    return Path(os.environ.get(SECRETS_VARIABLE) or SECRETS_FOLDER)


def _with_password(url: str, password: SecretStr | None) -> str:
    """Return a URL whose user has the password, unless it names one already or has no user."""
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    user, _, server = authority.rpartition("@")
    if password is None or not user or ":" in user:
        return url
    secret = quote(password.get_secret_value(), safe="")
    return f"{scheme}://{user}:{secret}@{server}{slash}{path}"
