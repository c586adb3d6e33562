"""What an operator does with the directory of an installation in containers."""

from typing import Annotated

import typer
import uvloop

from services.tickets import service as part
from services.tickets.directory.keep_directory import add_staff
from services.tickets.directory.queries import StaffMember, all_units
from shared.auth.actor import STAFF_ROLES, Role
from shared.clock import utcnow
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
    roles = role or [Role.ADMIN]
    strange = set(roles) - STAFF_ROLES
    if strange:
        msg = f"Not a role of staff: {', '.join(sorted(strange))}."
        raise InstallationError(msg)
    typer.echo(uvloop.run(_hire(name, roles)).id)


async def _hire(name: str, roles: list[Role]) -> StaffMember:
    async with database_of(part, CommonSettings()) as database, database.transaction() as session:
        units = [unit.id for unit in (await all_units(session))[:1]]
        return await add_staff(session, name=name, roles=roles, org_unit_ids=units, now=utcnow())
