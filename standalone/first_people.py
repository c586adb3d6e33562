"""The least that a development edition needs: one team, and somebody for every role."""

from datetime import datetime

from services.tickets.directory.keep_directory import add_staff, add_unit
from services.tickets.directory.queries import all_units
from services.tickets.directory.rules import UnitKind
from shared.auth.actor import Role
from shared.database import Session

IN_THE_TEAM = (("客服小陈", Role.AGENT), ("班长老周", Role.SUPERVISOR))
IN_THE_OFFICE = (
    ("经理林悦", Role.MANAGER),
    ("管理员", Role.ADMIN),
    ("运维值班", Role.OPERATOR),
    ("审计员", Role.AUDITOR),
)


async def ensure_first_people(session: Session, *, now: datetime) -> bool:
    """Hire them when the directory is empty; return whether it was."""
    if await all_units(session):
        return False
    company = await add_unit(session, name="公司", kind=UnitKind.COMPANY, parent_id=None, now=now)
    team = await add_unit(session, name="热线组", kind=UnitKind.TEAM, parent_id=company.id, now=now)
    for people, unit in ((IN_THE_TEAM, team), (IN_THE_OFFICE, company)):
        for name, role in people:
            await add_staff(session, name=name, roles=[role], org_unit_ids=[unit.id], now=now)
    return True
