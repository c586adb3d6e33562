"""The audit trail tells who did what, commits with it, and is read by auditors only."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest

from shared.audit import audit
from shared.auth.actor import SYSTEM, Actor, ActorKind, Role
from shared.correlation import Cause, set_cause
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.ids import new_id
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People
from tests.support.sample_service import NOON, sample_service

TRAIL = "/api/v1/sample/audit"


@dataclass
class Archive:
    """The small service, and what was done in it."""

    database: Database
    people: People

    async def write(
        self, subject_id: UUID, minute: int, actor: Actor = SYSTEM, *, fails: bool = False
    ) -> None:
        async with self.database.transaction() as session:
            await audit(
                session,
                "sample.changed",
                actor=actor,
                subject_kind="sample",
                subject_id=subject_id,
                now=NOON + timedelta(minutes=minute),
                fields=["name"],
                count=minute,
            )
            if fails:
                raise RuntimeError


@pytest.fixture
async def archive(databases: Databases) -> AsyncIterator[Archive]:
    service = replace(sample_service(), handlers=())
    database = await databases.open(service)
    people = People(create_app(service, Ground(database, VAULT, KEYS)), database)
    yield Archive(database, people)
    await people.leave()


async def test_an_auditor_reads_who_did_what_newest_first(archive: Archive) -> None:
    admin = Actor(ActorKind.STAFF, new_id(), frozenset({Role.ADMIN}))
    mine, other = new_id(), new_id()
    set_cause(Cause("request-1"))
    for minute, (subject, actor) in enumerate([(mine, admin), (other, SYSTEM), (mine, SYSTEM)]):
        await archive.write(subject, minute, actor)
    auditor = await archive.people.staff(Role.AUDITOR)
    whole = (await auditor.get(TRAIL)).json()["data"]
    assert [line["detail"]["count"] for line in whole] == [2, 1, 0]
    about_one = (await auditor.get(f"{TRAIL}?subject_id={mine}")).json()
    assert [line["detail"]["count"] for line in about_one["data"]] == [2, 0]
    assert about_one["next_cursor"] is None
    assert whole[-1] | {"id": None} == {
        "id": None,
        "at": "2026-11-25T12:00:00Z",
        "action": "sample.changed",
        "actor_kind": "staff",
        "actor_id": str(admin.id),
        "address": None,
        "subject_kind": "sample",
        "subject_id": str(mine),
        "changes": {},
        "detail": {"fields": ["name"], "count": 0},
        "correlation_id": "request-1",
    }


async def test_pages_of_the_trail_lose_no_line_of_the_same_instant(archive: Archive) -> None:
    for _ in range(7):
        await archive.write(new_id(), 0)
    auditor, seen, query = await archive.people.staff(Role.AUDITOR), [], "?limit=3"
    while query:
        page = (await auditor.get(TRAIL + query)).json()
        seen += [line["id"] for line in page["data"]]
        query = f"?limit=3&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert len(seen) == len(set(seen)) == 7


async def test_what_was_rolled_back_was_not_done(archive: Archive) -> None:
    with pytest.raises(RuntimeError):
        await archive.write(new_id(), 0, fails=True)
    auditor = await archive.people.staff(Role.AUDITOR)
    assert (await auditor.get(TRAIL)).json() == {"data": [], "next_cursor": None}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR, Role.CUSTOMER, Role.PARTNER}))
async def test_nobody_else_reads_the_trail(archive: Archive, role: Role) -> None:
    person = await archive.people.staff(role)
    assert (await person.get(TRAIL)).status_code == 403
    assert (await archive.people.customer().get(TRAIL)).status_code == 403
