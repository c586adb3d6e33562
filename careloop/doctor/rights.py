"""What a service's database role may do: all that it must, and nothing more."""

from typing import Final

from sqlalchemy import text

from careloop.doctor.findings import Finding, ok, wrong
from shared.database import Session
from shared.service import Service

_ROLE: Final = text(
    "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls "
    "FROM pg_roles WHERE rolname = current_user"
)

_PLACE: Final = text(
    "SELECT current_database() AS name,"
    " has_schema_privilege(current_schema(), 'CREATE') AS creates,"
    " EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))"
    "  WHERE grantee = 0 AND privilege_type = 'CONNECT') AS open_to_all "
    "FROM pg_database WHERE datname = current_database()"
)

TOO_MUCH: Final = {
    "rolsuper": "SUPERUSER",
    "rolcreatedb": "CREATEDB",
    "rolcreaterole": "CREATEROLE",
    "rolreplication": "REPLICATION",
    "rolbypassrls": "BYPASSRLS",
}


async def rights(session: Session, _service: Service, part: str) -> Finding:
    """Look whether the role may make tables here, is no more than that, and is alone in it."""
    role = (await session.execute(_ROLE)).one()._mapping  # noqa: SLF001 - SQLAlchemy's public name
    place = (await session.execute(_PLACE)).one()
    if not place.creates:
        do = f'As a superuser: ALTER DATABASE "{place.name}" OWNER TO "{role["rolname"]}"'
        return wrong(part, "rights", f"{role['rolname']} may make no tables here", do=do)
    much = [word for column, word in TOO_MUCH.items() if role[column]]
    if much:
        taken = " ".join(f"NO{word}" for word in much)
        do = f'As a superuser: ALTER ROLE "{role["rolname"]}" {taken}'
        return wrong(part, "rights", f"{role['rolname']} is {', '.join(much)}", do=do)
    if place.open_to_all:
        do = f'REVOKE CONNECT ON DATABASE "{place.name}" FROM PUBLIC'
        return wrong(part, "rights", "every role of the server may connect to it", do=do)
    return ok(part, "rights", f"{role['rolname']} may make tables here and nothing more")
