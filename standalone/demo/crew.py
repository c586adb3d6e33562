"""The demo's organisation: units, staff, customers, made by the real use cases."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from sqlalchemy import select

from services.tickets.customers.keep_customer import add_customer
from services.tickets.customers.rules import ContactKind, Grade, Language, normalise
from services.tickets.customers.tables import contact_identities
from services.tickets.directory.keep_directory import add_staff, add_unit
from services.tickets.directory.queries import all_staff, all_units
from services.tickets.directory.rules import UnitKind
from shared.auth.actor import SYSTEM, Role
from shared.crypto.vault import Vault
from shared.database import Session
from shared.messages.contract import Origin
from standalone.demo.plan import AGENTS_A_TEAM, CUSTOMERS, SEED
from standalone.demo.words import BRANCHES, COMPANY, FAMILY_NAMES, GIVEN_NAMES, TEAMS


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its people."""

    unit_id: UUID
    agents: tuple[UUID, ...]


async def directory_is_empty(session: Session) -> bool:
    """Return whether nobody has said yet what the organisation looks like."""
    return not await all_units(session)


async def hire(session: Session, *, now: datetime) -> None:
    """Make a company with three branches, six teams and twenty people; one of each office role."""
    random = Random(SEED)
    company = await _unit(session, COMPANY, UnitKind.COMPANY, None, now)
    for branch_name in BRANCHES:
        branch = await _unit(session, branch_name, UnitKind.BRANCH, company, now)
        for team_name in TEAMS:
            team = await _unit(session, f"{branch_name[:2]}{team_name}", UnitKind.TEAM, branch, now)
            for number in range(AGENTS_A_TEAM):
                lead = number == AGENTS_A_TEAM - 1
                roles = [Role.AGENT, Role.SUPERVISOR] if lead else [Role.AGENT]
                await _person(session, random, roles, team, now)
    await _person(session, random, [Role.MANAGER, Role.AUDITOR], company, now)
    await _person(session, random, [Role.ADMIN, Role.OPERATOR], company, now)


async def teams(session: Session) -> list[Team]:
    """Return the teams of the organisation with their agents, in the order of the tree."""
    people = [member for member in await all_staff(session) if member.active]
    found = []
    for unit in await all_units(session):
        agents = tuple(
            member.id
            for member in sorted(people, key=lambda member: member.id)
            if unit.id in member.org_unit_ids and Role.AGENT in member.roles
        )
        if unit.kind is UnitKind.TEAM and agents:
            found.append(Team(unit.id, agents))
    return found


async def customers_of(session: Session, vault: Vault, *, now: datetime) -> list[UUID]:
    """Return the demo's customers by their number, made now if they are not there yet.

    They are known by their addresses, which, like their numbers, belong to nobody.
    """
    indexes = {
        vault.blind_index(normalise(ContactKind.EMAIL, _address(number))): number
        for number in range(CUSTOMERS)
    }
    statement = select(contact_identities.c.index_full, contact_identities.c.customer_id).where(
        contact_identities.c.kind == ContactKind.EMAIL,
        contact_identities.c.index_full.in_(indexes),
    )
    known = {indexes[row.index_full]: row.customer_id for row in await session.execute(statement)}
    if not known:
        return await _win_customers(session, vault, now=now)
    return [known[number] for number in sorted(known)]


async def _win_customers(session: Session, vault: Vault, *, now: datetime) -> list[UUID]:
    random = Random(SEED + 1)
    won = []
    for number in range(CUSTOMERS):
        grade = random.choices(list(Grade), (20, 65, 15))[0]
        customer = await add_customer(
            session,
            vault,
            name=_name(random),
            contacts={
                ContactKind.PHONE: f"199{10_000_000 + number:08}",
                ContactKind.EMAIL: _address(number),
            },
            grade=grade,
            language=Language.ZH,
            actor=SYSTEM,
            now=now,
            origin=Origin.DEMO,
        )
        won.append(customer.id)
    return won


def _address(number: int) -> str:
    return f"demo{number}@example.com"


async def _unit(
    session: Session, name: str, kind: UnitKind, parent_id: UUID | None, now: datetime
) -> UUID:
    unit = await add_unit(
        session, name=name, kind=kind, parent_id=parent_id, now=now, origin=Origin.DEMO
    )
    return unit.id


async def _person(
    session: Session, random: Random, roles: list[Role], unit_id: UUID, now: datetime
) -> None:
    await add_staff(
        session,
        name=_name(random),
        roles=roles,
        org_unit_ids=[unit_id],
        now=now,
        origin=Origin.DEMO,
    )


def _name(random: Random) -> str:
    return random.choice(FAMILY_NAMES) + random.choice(GIVEN_NAMES)
