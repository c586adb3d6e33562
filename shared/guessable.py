"""Passwords that everybody would try first are refused before anything starts."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urlsplit

from shared.errors import InstallationError
from shared.settings import PREFIX, CommonSettings

SHORTEST: Final = 12
"""NIST SP 800-63B asks for 8 where attempts are limited; a database limits none."""

KNOWN: Final = frozenset(
    {"careloop", "changeme", "default", "guest", "password", "postgres", "rabbitmq", "secret"}
)
"""What example files of databases and brokers say, however often it is repeated."""


def refuse_guessable(common: CommonSettings) -> None:
    """Raise InstallationError naming a setting whose password is a default one or too short.

    The development sign-in lets everybody in anyway. An address without a password is somebody
    else's to guard: a socket, a certificate.
    """
    if common.development:
        return
    for name, password in _passwords(common):
        if len(password) < SHORTEST or _bare(password) in KNOWN:
            msg = (
                f"the password in {PREFIX}{name.upper()} can be guessed: "
                f"take a random one of at least {SHORTEST} characters"
            )
            raise InstallationError(msg)


def _passwords(common: CommonSettings) -> Iterator[tuple[str, str]]:
    for name in ("database_password", "amqp_password"):
        secret = getattr(common, name)
        if secret is not None:
            yield name, secret.get_secret_value()
    for name in ("database_url", "amqp_url"):
        for address in (getattr(common, name) or "").split(","):
            password = urlsplit(address).password
            if password is not None:
                yield name, unquote(password)


def _bare(password: str) -> str:
    """Return a password without what people add to a word: case, digits, repetition."""
    word = "".join(letter for letter in password.lower() if letter.isalpha())
    return next((known for known in KNOWN if word and not word.replace(known, "")), word)
