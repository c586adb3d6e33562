"""What somebody who runs the system can do about an error, as one sentence."""

import errno
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pydantic import ValidationError
from pydantic_settings import BaseSettings
from pydantic_settings.exceptions import SettingsError
from sqlalchemy.exc import DBAPIError

from shared.bus.interface import BusUnavailableError
from shared.errors import InstallationError
from shared.settings import PREFIX, CommonSettings, ServiceSettings
from shared.trouble import sqlstate

OF_DATABASE: Final = {
    "28P01": "PostgreSQL refuses the password: put the present one into {url}",
    "28000": "PostgreSQL lets this role not in ({words}): create it, and name it in pg_hba.conf",
    "3D000": "{words}: create it, owned by the role of its service",
    "42501": "the role may not do its work ({words}): it must own its service's database",
    "25006": "this PostgreSQL takes no writes: name the primary in {url}",
    "53100": "PostgreSQL has no space left: give its disk more; what was answered is kept",
    "53300": "PostgreSQL has no connection left: raise max_connections or lower {pool}",
    "55P03": "a table was busy for too long, and nothing was changed: run it again",
    "57P03": "PostgreSQL is starting or stopping: try again in a moment",
}
"""By SQLSTATE."""

OF_BROKER: Final = {
    "ACCESS_REFUSED": "RabbitMQ refuses the user, its password or its rights: mend them, or {url}",
    "AuthenticationError": "RabbitMQ refuses the user or its password: mend them, or {url}",
    "NOT_FOUND": "RabbitMQ lacks what the services use ({words}): run every service's migration, "
    "or load deploy/rabbitmq/definitions.json",
    "PRECONDITION_FAILED": "RabbitMQ has it otherwise ({words}): delete it there when it is empty, "
    "and run the migration",
    "NOT_ALLOWED": "RabbitMQ has no such vhost, or not for this user ({words}): mend {url}",
}
"""By a word of what the client says."""


OF_FILES: Final = {
    errno.ENOSPC: "the disk is full: free some space and start again; what was answered is kept",
    errno.EACCES: "{file} may not be read or written: give it to the user who runs CareLoop",
    errno.EROFS: "{file} lies on a disk that takes no writes: mount it writable",
    errno.ENOENT: "{file} is not there",
    errno.ENOTDIR: "{file} is below something that is no folder",
}


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """End the program with one sentence, and code 1, for what a person can mend.

    A fault of ours stays a traceback.
    """
    try:
        yield
    except Exception as error:
        said = str(error) if isinstance(error, InstallationError) else remedy(error)
        if said is None:
            raise
        sys.stderr.write(f"careloop: {said}\n")
        raise SystemExit(1) from error


def remedy(error: BaseException) -> str | None:
    """Return what is wrong with the installation and what to do; None for a fault of ours.

    The sentence names settings and shows no address: there may be a password in it.
    """
    if isinstance(error, ValidationError):
        return _of_settings(error)
    if isinstance(error, SettingsError):
        return f"{_first_line(error)}: docs/settings.md shows what it must be"
    if isinstance(error, BusUnavailableError):
        return _of_broker(str(error))
    if isinstance(error, ssl.SSLError):
        return f"TLS fails ({error.reason or error}): name the authority's file in PGSSLROOTCERT"
    state = sqlstate(error)
    if state:
        return _of_database(error, state)
    return _of_machine(error) if isinstance(error, OSError) else None


def _of_settings(error: ValidationError) -> str | None:
    """Name each wrong setting with what is wrong; never its value, which may be a secret."""
    found_in: list[type[BaseSettings]] = [CommonSettings, *ServiceSettings.__subclasses__()]
    kinds = {kind.__name__: kind for kind in found_in}
    kind = kinds.get(error.title)
    if kind is None:
        return None
    prefix = kind.model_config["env_prefix"]
    found = [
        f"{prefix}{str(one['loc'][0]).upper()}: {one['msg'].removeprefix('Value error, ')}"
        for one in error.errors(include_input=False, include_url=False)
    ]
    return "; ".join(found) + " (docs/settings.md shows what each must be)"


def _of_broker(said: str) -> str:
    url = f"{PREFIX}AMQP_URL"
    for word, sentence in OF_BROKER.items():
        if word in said:
            return sentence.format(url=url, words=said.partition(": ")[2] or said)
    return f"no RabbitMQ answers ({said}): start it, or mend {url}"


def _of_database(error: BaseException, state: str) -> str | None:
    source = error.orig if isinstance(error, DBAPIError) else error
    words = _first_line(source).rpartition(">: ")[2]
    sentence = OF_DATABASE.get(state)
    if sentence is None:
        return None
    return sentence.format(url=f"{PREFIX}DATABASE_URL", pool=f"{PREFIX}DATABASE_POOL", words=words)


def _of_machine(error: OSError) -> str | None:
    if error.errno == errno.ENOSPC or error.filename is not None:
        sentence = OF_FILES.get(error.errno or 0)
        return sentence.format(file=error.filename) if sentence else None
    url, words = f"{PREFIX}DATABASE_URL", _first_line(error) or "it says nothing in time"
    return f"no PostgreSQL answers ({words}): start it, or mend {url}"


def _first_line(error: object) -> str:
    return str(error).partition("\n")[0].strip()
