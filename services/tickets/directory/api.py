"""The directory over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.tickets.directory.keep_directory import (
    PERSONAL,
    add_staff,
    add_unit,
    change_staff,
    known,
)
from services.tickets.directory.queries import OrgUnit, StaffMember, all_staff, all_units
from services.tickets.directory.schemas import (
    OrgUnitIn,
    OrgUnitOut,
    OrgUnits,
    StaffChange,
    StaffIn,
    StaffList,
    StaffOut,
)
from shared.audit import audit
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.changes import difference
from shared.clock import utcnow
from shared.http.concurrency import required_version, tag
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1",
    tags=["directory"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422, 428),
)

Reader = Annotated[Actor, Depends(allowed(Permission.DIRECTORY_READ))]
Admin = Annotated[Actor, Depends(allowed(Permission.DIRECTORY_WRITE))]


@router.get("/org-units", operation_id="list_org_units")
async def list_units(session: Transaction, _reader: Reader) -> OrgUnits:
    """List the units of the organisation as a tree."""
    return OrgUnits(data=[_unit_out(unit) for unit in await all_units(session)])


@router.post("/org-units", status_code=201, operation_id="add_org_unit")
async def add_org_unit(body: OrgUnitIn, session: Transaction, admin: Admin) -> OrgUnitOut:
    """Add a unit below its parent."""
    now = utcnow()
    unit = await add_unit(
        session, name=body.name, kind=body.kind, parent_id=body.parent_id, now=now
    )
    await audit(
        session,
        "org_unit.added",
        actor=admin,
        subject_kind="org_unit",
        subject_id=unit.id,
        now=now,
        changes=difference({}, body.model_dump()),
    )
    return _unit_out(unit)


@router.get("/staff", operation_id="list_staff")
async def list_staff(session: Transaction, _reader: Reader) -> StaffList:
    """List everybody who works or worked here."""
    return StaffList(data=[_staff_out(member) for member in await all_staff(session)])


@router.post("/staff", status_code=201, operation_id="add_staff")
async def add(body: StaffIn, session: Transaction, response: Response, admin: Admin) -> StaffOut:
    """Add a member of staff with the roles and units that give the rights."""
    now = utcnow()
    member = await add_staff(
        session, name=body.name, roles=body.roles, org_unit_ids=body.org_unit_ids, now=now
    )
    await audit(
        session,
        "staff.added",
        actor=admin,
        subject_kind="staff",
        subject_id=member.id,
        now=now,
        changes=difference({}, known(member), hidden=PERSONAL),
    )
    tag(response, member.version)
    return _staff_out(member)


@router.patch("/staff/{staff_id}", operation_id="change_staff")
@router.post("/staff/{staff_id}/update", operation_id="update_staff")
async def change(
    staff_id: UUID,
    body: StaffChange,
    request: Request,
    response: Response,
    session: Transaction,
    admin: Admin,
) -> StaffOut:
    """Change somebody's name, roles or units, or say that he left."""
    member = await change_staff(
        session,
        staff_id,
        changes=body.changes,
        version=required_version(request, body.version),
        actor=admin,
        now=utcnow(),
    )
    tag(response, member.version)
    return _staff_out(member)


def _unit_out(unit: OrgUnit) -> OrgUnitOut:
    return OrgUnitOut.model_validate(unit, from_attributes=True)


def _staff_out(member: StaffMember) -> StaffOut:
    return StaffOut.model_validate(member, from_attributes=True)
