"""Who touches a sealed trail is found, and what he touched is named."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from shared.audit import AUDIT_PARTITIONS, audit, audit_entries
from shared.auth.actor import SYSTEM
from shared.clock import utcnow
from shared.crypto.vault import Vault, new_secrets, vault_of
from shared.database import Database
from shared.ids import first_id_at, instant_of, new_id
from shared.partitions import drop_expired_partitions, week_of
from shared.sealing.chain import GENESIS, Head, head_named, linked
from shared.sealing.seal import BATCH, head_of, seal_entries, seal_recent
from shared.sealing.tables import audit_links, audit_seals
from shared.sealing.verify import Finding, Trouble, verify_anchor, verify_stretch
from tests.support.databases import Databases
from tests.support.sample_service import sample_service, sample_vault

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ALL = 100_000


@dataclass
class Trail:
    """A service's trail; `attack` is what somebody does who owns its database."""

    database: Database
    vault: Vault

    async def write(self, count: int) -> list[UUID]:
        async with self.database.transaction() as session:
            for number in range(count):
                await audit(
                    session,
                    "sample.changed",
                    actor=SYSTEM,
                    subject_kind="sample",
                    subject_id=new_id(),
                    now=NOON,
                    number=number,
                    fields=["name"],
                )
            return list(await session.scalars(select(audit_entries.c.id).order_by("id")))

    async def seal(self) -> int:
        return await seal_entries(self.database, self.vault, now=NOON)

    async def head(self) -> Head:
        async with self.database.transaction() as session:
            return await head_of(session)

    async def found(self, after: int = 0, limit: int = ALL) -> Sequence[Finding]:
        async with self.database.transaction() as session:
            stretch = await verify_stretch(session, self.vault, after=after, limit=limit)
        return stretch.findings

    async def attack(self, *statements: str, **values: object) -> None:
        async with self.database.transaction() as session:
            for table in ("audit_entry", "audit_link", "audit_seal"):
                await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            for statement in statements:
                await session.execute(text(statement), values)


@pytest.fixture
async def trail(databases_on_each: Databases) -> Trail:
    return Trail(await databases_on_each.open(sample_service()), sample_vault())


def test_the_chain_is_the_one_that_others_compute() -> None:
    first = linked(GENESIS, {"seq": 1, "action": "login"})
    second = linked(first, {"action": "ticket.close", "seq": 2})
    assert first.hex() == "62ddecd903f9abb91cfb52e682dbaa9181bef8207b0fed2c1b7b88b3245673f3"
    assert second.hex() == "f46642e46a7481d340612f7fec8cef46acea186d4dbf798bbff9fbb6f9ef8c9f"


async def test_a_line_is_hashed_with_all_that_it_says(trail: Trail) -> None:
    (entry_id,) = await trail.write(1)
    await trail.seal()
    async with trail.database.transaction() as session:
        row = (await session.execute(select(audit_entries))).one()
    written = (
        '{"action":"sample.changed","actor_id":null,"actor_kind":"system",'
        '"at":"2026-11-25T12:00:00+00:00",'
        f'"correlation_id":"{row.correlation_id}","detail":{{"fields":["name"],"number":0}},'
        f'"id":"{entry_id}","seq":1,"subject_id":"{row.subject_id}","subject_kind":"sample"}}'
    )
    expected = hashlib.sha256(bytes(32) + written.encode()).digest()
    assert await trail.head() == Head(1, expected)
    assert head_named(str(Head(1, expected))) == Head(1, expected)


async def test_what_commits_is_sealed_once_in_whatever_order_and_by_however_many(
    trail: Trail,
) -> None:
    async with trail.database.transaction() as slow:
        late = new_id()  # older than all that follows, and committed after it was sealed
        await trail.write(3)
        assert await trail.seal() == 3
        values = {"id": late, "at": NOON, "action": "slow", "actor_kind": "system"}
        rest = {"subject_kind": "sample", "detail": {}, "correlation_id": "c"}
        await slow.execute(insert(audit_entries).values(**values, **rest))
    await trail.write(BATCH + 5)
    sealed = await asyncio.gather(*(trail.seal() for _ in range(6)))
    while more := await trail.seal():
        sealed.append(more)
    assert sum(sealed) == BATCH + 6
    assert (await trail.head()).position == BATCH + 9
    assert await trail.found() == []
    async with trail.database.transaction() as session:
        first = await verify_stretch(session, trail.vault, after=0, limit=600)
        second = await verify_stretch(session, trail.vault, after=first.until, limit=600)
    assert [(s.checked, s.end, s.findings) for s in (first, second)] == [
        (600, False, []),
        (BATCH + 9 - 600, True, []),
    ]


async def test_what_is_sealed_already_is_not_looked_through_for_ever(trail: Trail) -> None:
    """A line that committed late waits for the longer look, once nothing else is written."""
    late = new_id()
    await trail.write(3)
    assert await trail.seal() == 3
    values = {"id": late, "at": NOON, "action": "slow", "actor_kind": "system"}
    rest = {"subject_kind": "sample", "detail": {}, "correlation_id": "c"}
    async with trail.database.transaction() as session:
        await session.execute(insert(audit_entries).values(**values, **rest))
    idle = instant_of(late) + timedelta(minutes=1)
    assert await seal_recent(trail.database, trail.vault, now=idle) == 0
    assert await seal_recent(trail.database, trail.vault, now=instant_of(late)) == 1
    assert await trail.found() == []


async def test_a_line_that_was_changed_is_named(trail: Trail) -> None:
    entries = await trail.write(5)
    await trail.seal()
    change = """UPDATE audit_entry SET detail = '{"number": 99}' WHERE id = :id"""
    await trail.attack(change, id=entries[2])
    assert await trail.found() == [Finding(Trouble.CHANGED, 3, entries[2])]
    assert await trail.found(after=3) == []


async def test_a_line_that_was_deleted_is_named_also_with_its_link(trail: Trail) -> None:
    entries = await trail.write(5)
    await trail.seal()
    await trail.attack("DELETE FROM audit_entry WHERE id = :id", id=entries[1])
    assert await trail.found() == [Finding(Trouble.MISSING, 2, entries[1])]
    await trail.attack("DELETE FROM audit_link WHERE entry_id = :id", id=entries[1])
    for after in (0, 1, 2):
        assert await trail.found(after) == [Finding(Trouble.GAP, 2)]
    assert await trail.found(after=3) == []


async def test_who_asks_behind_the_end_is_told_where_it_is(trail: Trail) -> None:
    await trail.write(5)
    await trail.seal()
    async with trail.database.transaction() as session:
        pieces = [
            await verify_stretch(session, trail.vault, after=after, limit=ALL)
            for after in (4, 5, 99)
        ]
    assert [(one.checked, one.until, one.end, one.findings) for one in pieces] == [
        (1, 5, True, []),
        (0, 5, True, []),
        (0, 5, True, []),
    ]


async def test_lines_that_changed_places_are_named(trail: Trail) -> None:
    entries = await trail.write(5)
    await trail.seal()
    swap = "UPDATE audit_link SET position = :there WHERE position = :here"
    for here, there in ((2, 99), (3, 2), (99, 3)):
        await trail.attack(swap, here=here, there=there)
    assert await trail.found() == [
        Finding(Trouble.CHANGED, 2, entries[2]),
        Finding(Trouble.CHANGED, 3, entries[1]),
        Finding(Trouble.CHANGED, 4, entries[3]),  # it followed on another one
    ]


async def test_a_line_that_came_later_than_its_time_is_named(trail: Trail) -> None:
    forged = first_id_at(utcnow() - timedelta(days=1))
    await trail.write(2)
    await trail.seal()
    await trail.attack(
        "INSERT INTO audit_entry SELECT :id, at, action, actor_kind, actor_id, subject_kind, "
        "subject_id, detail, correlation_id FROM audit_entry LIMIT 1",
        id=forged,
    )
    assert await trail.seal() == 0
    assert await trail.found() == [Finding(Trouble.LATE, None, forged)]


async def test_a_tail_that_was_cut_off_is_found_by_the_anchor(trail: Trail) -> None:
    await trail.write(3)
    await trail.seal()
    await trail.write(3)
    await trail.seal()
    anchor = await trail.head()
    await trail.attack(
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_link WHERE position > 3)",
        "DELETE FROM audit_link WHERE position > 3",
        "DELETE FROM audit_seal WHERE position > 3",
    )
    assert await trail.found() == []  # nothing within shows it
    async with trail.database.transaction() as session:
        assert await verify_anchor(session, anchor) == [Finding(Trouble.ANCHOR, 6)]
    await trail.write(4)
    await trail.seal()
    async with trail.database.transaction() as session:
        assert await verify_anchor(session, anchor) == [Finding(Trouble.ANCHOR, 6)]
        assert await verify_anchor(session, await head_of(session)) == []


async def test_who_makes_the_chain_anew_has_no_key_for_its_seals(trail: Trail) -> None:
    await trail.write(3)
    await trail.seal()
    forger = Trail(
        trail.database, vault_of(new_secrets(("sample", "other")), "sample", recipients=())
    )
    await trail.attack(
        "UPDATE audit_entry SET action = 'nothing.happened'",
        "DELETE FROM audit_link",
        "DELETE FROM audit_seal",
    )
    await forger.seal()
    assert await trail.found() == [Finding(Trouble.SEAL, 3)]
    await trail.attack("DELETE FROM audit_seal")
    assert await trail.found() == [Finding(Trouble.UNSEALED, 1)]


@pytest.mark.parametrize("table", ["audit_entry", "audit_link", "audit_seal"])
async def test_the_database_refuses_to_change_what_was_written(trail: Trail, table: str) -> None:
    await trail.write(1)
    await trail.seal()
    column = "id" if table == "audit_entry" else "position"
    week = f"audit_entry_{week_of(utcnow()):%Y%m%d}"
    whole = [table, week] if table == "audit_entry" else [table]
    for statement in (
        f"UPDATE {table} SET {column} = {column}",  # noqa: S608 - the table is a constant
        f"DELETE FROM {table}",  # noqa: S608 - the same
        *(f"TRUNCATE {name}" for name in whole),
    ):
        with pytest.raises(DBAPIError, match="stays as it was written"):
            async with trail.database.transaction() as session:
                await session.execute(text(statement))
    assert await trail.found() == []


async def test_a_week_that_retention_drops_breaks_no_chain(trail: Trail) -> None:
    old = await trail.write(2)
    await trail.seal()
    later = utcnow() + timedelta(weeks=2)
    await trail.attack(
        "INSERT INTO audit_entry SELECT :id, at, action, actor_kind, actor_id, subject_kind, "
        "subject_id, detail, correlation_id FROM audit_entry LIMIT 1",
        id=first_id_at(later),
    )
    await trail.seal()
    kept = replace(AUDIT_PARTITIONS, keep=timedelta(days=1))
    async with trail.database.transaction() as session:
        assert len(await drop_expired_partitions(session, [kept], now=later)) == 2
        assert await session.scalar(select(func.count()).select_from(audit_entries)) == 1
        stretch = await verify_stretch(session, trail.vault, after=0, limit=ALL)
        links = await session.scalar(select(func.count()).select_from(audit_links))
        seals = await session.scalar(select(func.count()).select_from(audit_seals))
    assert (stretch.checked, stretch.retired, stretch.findings) == (3, len(old), [])
    assert (links, seals) == (3, 2)
