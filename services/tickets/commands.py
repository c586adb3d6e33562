"""What an operator does with the directory of an installation in containers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
import uvloop

from services.tickets import service as part
from services.tickets.directory.keep_directory import add_staff
from services.tickets.directory.queries import StaffMember, all_units
from shared.auth.actor import STAFF_ROLES, Role
from shared.clock import utcnow
from shared.database import Session
from shared.errors import InstallationError
from shared.host import database_of
from shared.settings import CommonSettings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def directory() -> None:
    """Keep the directory of staff."""


@app.command()
def hire(
    name: str,
    role: Annotated[list[Role] | None, typer.Option(help="May be repeated; admin")] = None,
) -> None:
    """Add a member of staff to the directory and print the id; the sign-in gives the account."""
    typer.echo(uvloop.run(_hire(name, chosen_roles(role))).id)


def chosen_roles(role: Sequence[Role] | None) -> Sequence[Role]:
    """Return the roles, admin where none is named.

    Raises InstallationError for one that staff cannot have.
    """
    roles = role or [Role.ADMIN]
    strange = set(roles) - STAFF_ROLES
    if strange:
        msg = f"Not a role of staff: {', '.join(sorted(strange))}."
        raise InstallationError(msg)
    return roles


async def add_first_staff(
    session: Session, name: str, roles: Sequence[Role], *, now: datetime
) -> StaffMember:
    """Add somebody to the first unit that there is; an administrator moves him later."""
    units = [unit.id for unit in (await all_units(session))[:1]]
    return await add_staff(session, name=name, roles=roles, org_unit_ids=units, now=now)


async def _hire(name: str, roles: Sequence[Role]) -> StaffMember:
    async with database_of(part, CommonSettings()) as database, database.transaction() as session:
        return await add_first_staff(session, name, roles, now=utcnow())
