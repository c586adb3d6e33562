"""Addresses of servers as operators write them; what is wrong with one is a sentence."""

import inspect
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import asyncpg

DRIVER: Final = "postgresql+asyncpg"
SCHEMES: Final = ("postgres", "postgresql", DRIVER)
"""Providers hand out the first two; there is one driver here."""

OPTIONS: Final = frozenset(inspect.signature(asyncpg.connect).parameters) - {"dsn"}

TLS: Final = {"sslmode": "ssl"}
"""The driver has another word for what libpq calls sslmode; the values are the same."""


def database_address(url: str) -> str:
    """Return a PostgreSQL address as the driver wants it; `sslmode` may be written as in libpq.

    Raises ValueError, without showing the address: there may be a password in it.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES or not rest:
        msg = "it must begin with postgresql+asyncpg:// and name a server"
        raise ValueError(msg)
    _check_port(url)
    where, _, query = rest.partition("?")
    options = [(TLS.get(name, name), value) for name, value in parse_qsl(query)]
    unknown = sorted({name for name, _ in options} - OPTIONS)
    if unknown:
        msg = (
            f"it has options that the driver does not know ({', '.join(unknown)}): "
            "for TLS write ?ssl=verify-full, and name the authority's file in PGSSLROOTCERT"
        )
        raise ValueError(msg)
    return f"{DRIVER}://{where}" + (f"?{urlencode(options, safe='/:{}')}" if options else "")


def broker_address(url: str) -> str:
    """Return a RabbitMQ address unchanged. Raises ValueError, without showing the address."""
    scheme, _, rest = url.partition("://")
    if scheme not in {"amqp", "amqps"} or not rest.strip("/"):
        msg = "it must begin with amqp:// or amqps:// and name a server"
        raise ValueError(msg)
    return url


def web_address(url: str) -> str:
    """Return where people reach the system, without a slash at its end. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        msg = "it must be an address such as https://care.example.com"
        raise ValueError(msg)
    return url.rstrip("/")


def known_zone(name: str) -> str:
    """Return the name of a time zone. Raises ValueError for one that is not known."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = "it must be a time zone such as Asia/Shanghai"
        raise ValueError(msg) from error


def _check_port(url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        msg = "its port is no number: a / : @ or # in a password is written %2F %3A %40 %23"
        raise ValueError(msg) from error
