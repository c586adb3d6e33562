"""An auditor checks the trail over HTTP, piece by piece, and nobody else does."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from shared.audit import audit
from shared.auth.actor import SYSTEM, Role
from shared.clock import utcnow
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.ids import new_id
from shared.sealing.seal import seal_entries
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People
from tests.support.sample_service import sample_service

TRAIL = "/api/v1/sample/audit"


@dataclass
class Office:
    database: Database
    people: People

    async def write_and_seal(self, count: int) -> None:
        async with self.database.transaction() as session:
            for _ in range(count):
                await audit(
                    session,
                    "sample.changed",
                    actor=SYSTEM,
                    subject_kind="sample",
                    subject_id=new_id(),
                    now=utcnow(),
                )
        assert await seal_entries(self.database, VAULT, now=utcnow()) == count


@pytest.fixture
async def office(databases: Databases) -> AsyncIterator[Office]:
    service = sample_service()
    database = await databases.open(service)
    people = People(create_app(service, Ground(database, VAULT, KEYS)), database)
    yield Office(database, people)
    await people.leave()


async def test_an_auditor_checks_the_trail_in_pieces_and_against_an_anchor(office: Office) -> None:
    auditor = await office.people.staff(Role.AUDITOR)
    await office.write_and_seal(5)
    anchor = (await auditor.get(f"{TRAIL}/head")).json()["anchor"]
    pieces = [
        (await auditor.get(f"{TRAIL}/verify?after={after}&limit=3&anchor={anchor}")).json()
        for after in (0, 3)
    ]
    assert pieces == [
        {"checked": 3, "retired": 0, "until": 3, "end": False, "findings": []},
        {"checked": 2, "retired": 0, "until": 5, "end": True, "findings": []},
    ]
    async with office.database.transaction() as session:
        await session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        await session.execute(text("UPDATE audit_entry SET action = 'nothing'"))
    found = (await auditor.get(f"{TRAIL}/verify?anchor={anchor}")).json()["findings"]
    assert [(one["trouble"], one["position"]) for one in found] == [
        ("changed", position) for position in range(1, 6)
    ]
    refused = await auditor.get(f"{TRAIL}/verify?anchor=5:none")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_anchor")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR, Role.CUSTOMER, Role.PARTNER}))
async def test_nobody_else_checks_it(office: Office, role: Role) -> None:
    person = await office.people.staff(role)
    for door in ("head", "verify"):
        assert (await person.get(f"{TRAIL}/{door}")).status_code == 403
