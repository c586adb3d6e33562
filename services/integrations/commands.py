"""What an operator does with the sign-in of an installation in containers."""

import asyncio
import getpass
import sys
import time
from pathlib import Path
from typing import Final
from uuid import UUID

import typer
import uvloop

from services.integrations import service as part
from services.integrations.settings import IntegrationSettings
from services.integrations.sign_in.keep_account import create_account
from services.integrations.sign_in.keys import rotate_signing_key
from services.integrations.sign_in.make_secrets import make_secrets
from services.integrations.sign_in.rules import SHORTEST_PASSWORD
from shared.auth.actor import SYSTEM
from shared.auth.directory import rights_of
from shared.clock import utcnow
from shared.database import Database
from shared.errors import DomainError, InstallationError
from shared.host import database_of
from shared.settings import CommonSettings
from shared.waiting import LOOK_AGAIN_SECONDS

KNOWN_WITHIN_SECONDS: Final = 60
"""The directory says who was hired within a second; a machine that just started takes longer."""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def secrets(folder: Path) -> None:
    """Make the secrets of an installation in a folder; what is there stays."""
    make_secrets(folder)
    typer.echo(f"The secrets are in {folder}.")


@app.command()
def account(username: str, staff_id: UUID) -> None:
    """Give a member of staff an account; the password is asked for, or read from a pipe."""
    uvloop.run(_create(username, staff_id, asked_password()))
    typer.echo(f"{username} may sign in.")


@app.command("rotate-key")
def rotate_key() -> None:
    """Sign tokens with a new key from now on; tokens of the two keys before it still hold."""
    folder = IntegrationSettings().signing or CommonSettings().secrets
    typer.echo(f"Tokens are signed with {rotate_signing_key(folder)} of {folder} now.")


def asked_password() -> str:
    """Return a new password, asked for or read from a pipe.

    Raises InstallationError for a short one.
    """
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        msg = f"Choose a password of {SHORTEST_PASSWORD} characters or more."
        raise InstallationError(msg)
    return password


async def _create(username: str, staff_id: UUID, password: str) -> None:
    async with database_of(part, CommonSettings()) as database:
        await _until_known(database, staff_id)
        try:
            async with database.transaction() as session:
                await create_account(
                    session,
                    username=username,
                    password=password,
                    staff_id=staff_id,
                    actor=SYSTEM,
                    now=utcnow(),
                )
        except DomainError as error:
            raise InstallationError(error.detail) from error


async def _until_known(database: Database, staff_id: UUID) -> None:
    """Return when the directory's message about somebody has come; give up after a minute."""
    deadline = time.monotonic() + KNOWN_WITHIN_SECONDS
    while time.monotonic() < deadline:
        async with database.transaction() as session:
            if await rights_of(session, staff_id) is not None:
                return
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
