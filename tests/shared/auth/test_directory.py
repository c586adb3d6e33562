"""Every copy of the directory ends in the same state, in whatever order it hears of changes."""

import itertools
from uuid import UUID

from sqlalchemy import select

from shared.auth.directory import DIRECTORY_HANDLERS, StaffRights, org_unit_copy, rights_of
from shared.bus.interface import Message, Receive
from shared.clock import utcnow
from shared.database import Database
from shared.ids import new_id
from shared.inbox.receive import Inbox, receive_into
from tests.support.databases import Databases
from tests.support.sample_service import deliver, message_of, sample_service, sample_vault


def staff_said(staff_id: UUID, sequence: int, *, epoch: int = 1, **different: object) -> Message:
    state = {"staff_id": str(staff_id), "roles": ["agent"], "org_unit_ids": [], "active": True}
    return message_of(
        state | different,
        key="staff.changed.v1",
        envelope={"sequence": sequence, "epoch": epoch},
    )


def unit_said(unit_id: UUID, sequence: int, name: str) -> Message:
    state = {
        "org_unit_id": str(unit_id),
        "kind": "team",
        "name": name,
        "path": [str(unit_id)],
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": None,
    }
    return message_of(
        state,
        key="org_unit.changed.v1",
        envelope={"sequence": sequence},
    )


async def copied(databases: Databases) -> tuple[Database, Receive]:
    service = sample_service(*DIRECTORY_HANDLERS)
    database = await databases.open(service)
    inbox = Inbox("sample", database, service.handlers, sample_vault(), utcnow)
    return database, receive_into(inbox, service.queues[0])


async def test_the_newest_word_about_a_person_counts_in_any_order(databases: Databases) -> None:
    database, receive = await copied(databases)
    for order in itertools.permutations(range(4)):
        staff_id, team = new_id(), new_id()
        words = [
            staff_said(staff_id, 1),
            staff_said(staff_id, 2, active=False),
            staff_said(staff_id, 9, roles=["admin"]),
            staff_said(staff_id, 1, epoch=2, roles=["supervisor"], org_unit_ids=[str(team)]),
        ]
        for index in (*order, order[0]):
            await receive(deliver(words[index]))
        async with database.transaction() as session:
            rights = await rights_of(session, staff_id)
        # a restore raised the epoch: its first word is newer than the ninth before
        assert rights == StaffRights(frozenset({"supervisor"}), frozenset({team}), active=True)


async def test_many_words_in_one_batch_leave_the_newest(databases: Databases) -> None:
    database, receive = await copied(databases)
    unit = new_id()
    words = [unit_said(unit, n, f"team {n}") for n in (3, 1, 5, 2, 4)]
    await receive(deliver(*words, words[2]))
    async with database.transaction() as session:
        assert list(await session.scalars(select(org_unit_copy.c.name))) == ["team 5"]


async def test_nobody_is_known_of_whom_nothing_was_said(databases: Databases) -> None:
    database, _ = await copied(databases)
    async with database.transaction() as session:
        assert await rights_of(session, new_id()) is None
