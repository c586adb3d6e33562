"""What keeps a backup from being restored here, each as one sentence; nothing is changed before."""

from collections.abc import Iterable
from datetime import datetime

from alembic.util import CommandError

from careloop.backup.connections import connected
from careloop.backup.keys import missing_keys
from careloop.backup.manifest import ServiceCopy
from careloop.backup.tables import holding, tables_of
from careloop.installation import Installation, secrets_folder
from shared.crypto.key_files import key_files
from shared.crypto.vault import KEYS_FILE
from shared.migrations import histories
from shared.outbox.tables import OUTBOX_KEPT
from shared.service import Service
from standalone.place import StartError

OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

SHOWN = 5
"""Whoever would overwrite more has seen enough."""


def require_keys_file() -> None:
    """Raise StartError when there are no keys; new ones would open nothing of a backup."""
    folder = secrets_folder()
    if not key_files(folder):
        msg = (
            f"{folder / KEYS_FILE} is not there: put the keys of the saved installation back first."
        )
        raise StartError(msg)


def check_age(
    here: Installation, copies: Iterable[ServiceCopy], *, taken_at: datetime, now: datetime
) -> None:
    """Raise StartError when the others can no longer say what a single service has missed."""
    if {copy.service for copy in copies} < here.services.keys() and taken_at < now - OUTBOX_KEPT:
        msg = (
            f"The backup is of {taken_at:%Y-%m-%d}, and services can say again what they said in "
            f"the last {OUTBOX_KEPT.days} days: restore all of them, or a newer backup."
        )
        raise StartError(msg)


async def check_all(here: Installation, copies: Iterable[ServiceCopy], *, force: bool) -> None:
    """Raise StartError for the first thing that keeps one of these services from being restored."""
    for copy in copies:
        _check_schema(here.services[copy.service], copy)
        if missing := missing_keys(here.vaults[copy.service], copy.keys):
            msg = (
                f"{here.common.secrets} lacks keys with which {copy.service} was saved "
                f"({', '.join(missing)}): put the keys of the saved installation back first."
            )
            raise StartError(msg)
    for copy in copies:
        await _check_target(here, copy, force=force)


def _check_schema(service: Service, copy: ServiceCopy) -> None:
    for history in histories(service):
        revision = copy.revisions[history.version_table]
        try:
            history.script.get_revision(revision)
        except CommandError:
            msg = (
                f"The backup of {service.name} is of a newer release (migration {revision} of "
                f"{history.version_table}): install that release first."
            )
            raise StartError(msg) from None


async def _check_target(here: Installation, copy: ServiceCopy, *, force: bool) -> None:
    async with connected(here.services[copy.service].url(here.common)) as connection:
        if others := await connection.fetchval(OTHERS):
            msg = f"{copy.service} still runs ({others} connections): stop its API and worker."
            raise StartError(msg)
        held = await holding(connection, await tables_of(connection))
    if held and not force:
        more = f" and {len(held) - SHOWN} more" if len(held) > SHOWN else ""
        msg = (
            f"The database of {copy.service} is not empty: {', '.join(held[:SHOWN])}{more}. "
            "Add --force to overwrite it."
        )
        raise StartError(msg)
