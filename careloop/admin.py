"""`careloop admin`: the first account of an installation, and the keys of its tokens."""

from collections.abc import Sequence
from typing import Annotated

import typer
import uvloop

from careloop.installation import Installation, check_settings, installation
from services.integrations import commands as sign_in
from services.integrations.sign_in.keep_account import create_account
from services.tickets import commands as directory
from services.tickets.directory.keep_directory import EPOCH
from services.tickets.directory.queries import StaffMember
from shared.auth.actor import SYSTEM, Role
from shared.auth.directory import copy_staff
from shared.clock import utcnow
from shared.contracts.tickets import StaffChanged
from shared.errors import DomainError
from standalone.place import StartError

app = typer.Typer(
    no_args_is_help=True, help="Accounts of those who run the system, and signing keys."
)


@app.command()
def create(
    username: str,
    role: Annotated[list[Role] | None, typer.Option(help="May be repeated; admin")] = None,
) -> None:
    """Create a member of staff with an account; the password is asked for, or read from a pipe."""
    roles = directory.chosen_roles(role)
    uvloop.run(_create(installation(), username, roles, sign_in.asked_password()))
    print(f"{username} may sign in as {', '.join(roles)}.")


@app.command("rotate-key")
def rotate_key() -> None:
    """Sign tokens with a new key from now on; tokens of the two keys before it still hold."""
    check_settings()
    sign_in.rotate_key()


async def _create(here: Installation, username: str, roles: Sequence[Role], password: str) -> None:
    """Add the person and the account, or neither; a refused account takes the person back."""
    now = utcnow()
    async with (
        here.database("tickets") as tickets,
        here.database("integrations") as integrations,
        tickets.transaction() as session,
    ):
        member = await directory.add_first_staff(session, username, roles, now=now)
        async with integrations.transaction() as accounts_session:
            await copy_staff(accounts_session, _said(member), epoch=EPOCH, sequence=member.sequence)
            try:
                await create_account(
                    accounts_session,
                    username=username,
                    password=password,
                    staff_id=member.id,
                    actor=SYSTEM,
                    now=now,
                )
            except DomainError as error:
                raise StartError(error.detail) from error


def _said(member: StaffMember) -> StaffChanged:
    return StaffChanged(
        staff_id=member.id,
        roles=member.roles,
        org_unit_ids=member.org_unit_ids,
        active=member.active,
    )
