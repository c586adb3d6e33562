"""The books of reporting: what is lost is listed by its id, told when it stays, and goes again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, text

from services.reporting.books import cycle_book
from services.reporting.books.sequence_rules import written
from services.reporting.rebuild.rebuild import rebuild
from shared.auth.actor import Role
from shared.backlog import backlog_sweep
from shared.books.rules import GRACE
from shared.books.run_books import run_if_due
from shared.bus.interface import Message
from shared.clock import utcnow
from shared.contracts.integrations import StaffNoticeRequest
from shared.outbox.tables import outbox
from tests.reporting.conftest import ZONE, Desk
from tests.reporting.recount import lives
from tests.reporting.spoken import spoken
from tests.support.people import VAULT

BOOKS = "/api/v1/reporting/books"
NOON = datetime.combine(utcnow().date() + timedelta(days=2), datetime.min.time(), UTC).replace(
    hour=4
)
"""Midday in Shanghai, long after everything that the tests say is heard."""

FEW = 3


def numbered(messages: Sequence[Message], *, epoch: int = 1, after: int = 0) -> list[Message]:
    """Return messages as their services would count them: each subject from one on."""
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for one in messages:
        body = orjson.loads(one.body)
        counts[one.sender, body["subject"]] += 1
        body |= {"sequence": after + counts[one.sender, body["subject"]], "epoch": epoch}
        found.append(replace(one, body=orjson.dumps(body)))
    return found


def sequence(message: Message) -> int:
    return int(orjson.loads(message.body)["sequence"])


def subject(message: Message) -> str:
    return str(orjson.loads(message.body)["subject"])


async def compare(desk: Desk, at: datetime) -> int:
    assert desk.service.ledger is not None
    return await run_if_due(desk.database, desk.service.ledger, now=at)


async def asked(desk: Desk, at: datetime) -> dict[str, Any]:
    """Ask for a whole run, let a worker make it, and return what became of it."""
    answer = await desk.operator.post(f"{BOOKS}/runs", {"whole": True})
    assert answer.status_code == 202, answer.text
    while await compare(desk, at):
        pass
    run: dict[str, Any] = (await desk.operator.get(answer.headers["location"])).json()
    return run


async def differences(desk: Desk) -> dict[tuple[str, str], dict[str, Any]]:
    shown = (await desk.operator.get(f"{BOOKS}/differences")).json()
    return {(one["book"], one["key"]): one for one in shown["data"]}


async def gauge(desk: Desk, book: str, state: str) -> float | None:
    await backlog_sweep(desk.service).run(desk.database, utcnow())
    labels = {"service": "reporting", "book": book, "state": state}
    return REGISTRY.get_sample_value("careloop_books_differences", labels)


async def told(desk: Desk) -> list[StaffNoticeRequest]:
    """Return the notices that were asked for."""
    async with desk.database.transaction() as session:
        bodies = await session.scalars(
            select(outbox.c.data).where(outbox.c.type == StaffNoticeRequest.TYPE)
        )
        opened = [VAULT.open_letter("integrations", body) for body in bodies]
    return [StaffNoticeRequest.model_validate_json(body) for body in opened]


@pytest.mark.feature("N-18")
async def test_what_is_lost_is_listed_told_when_it_stays_and_gone_when_it_is_mended(
    desk: Desk,
) -> None:
    admin = await desk.people.staff(Role.ADMIN)
    said = numbered(spoken(lives(Random(31), 12, 12)))
    await desk.hear(said, at_once=100)
    await desk.fold()
    assert await compare(desk, NOON) == 1
    assert await differences(desk) == {}

    lost = next(one for one in said if one.sender == "tickets" and sequence(one) == 2)
    async with desk.database.transaction() as session:
        await session.execute(text("DELETE FROM events.event_log WHERE id = :id"), {"id": lost.id})
        unaccounted = (
            await session.execute(
                text(
                    "DELETE FROM facts.contributions WHERE id = (SELECT id FROM facts.contributions"
                    " WHERE measure = 'invitation' LIMIT 1) RETURNING ticket_id, value, day"
                )
            )
        ).one()
    first = await asked(desk, NOON + timedelta(hours=1))
    found = await differences(desk)
    assert {key: one["problem"] for key, one in found.items()} == {
        ("sequences", f"tickets/{subject(lost)}"): "lost",
        ("cycles", f"{unaccounted.ticket_id}/{unaccounted.value}"): "unaccounted",
        ("cycles", f"invitation/{unaccounted.day}"): "sums_differ",
    }
    assert found["sequences", f"tickets/{subject(lost)}"]["detail"]["missing"] == "2"
    assert (first["state"], first["differences"]) == ("done", 3)
    assert [await gauge(desk, "cycles", state) for state in ("new", "staying")] == [2, 0]
    assert await told(desk) == []

    again = await asked(desk, NOON + timedelta(hours=2))
    (notice,) = await told(desk)
    assert (notice.staff_id, notice.template) == (admin.id, "books_differ")
    assert notice.parameters == {"sequences": "1", "cycles": "2"}
    assert str(notice.reference_id) == again["id"]
    assert [await gauge(desk, "sequences", state) for state in ("new", "staying")] == [0, 1]
    seen = await differences(desk)
    assert {one["first_seen_at"] for one in seen.values()} == {
        one["first_seen_at"] for one in found.values()
    }
    await asked(desk, NOON + timedelta(hours=3))
    assert len(await told(desk)) == 1  # once is enough

    await desk.hear([lost])
    await desk.fold()
    await rebuild(desk.database, ZONE)
    await asked(desk, NOON + timedelta(hours=4))
    assert await differences(desk) == {}
    assert await gauge(desk, "sequences", "staying") == 0


async def test_a_nights_run_compares_what_came_since_and_late_news_mends_a_gap(
    desk: Desk,
) -> None:
    said = numbered(spoken(lives(Random(33), 6, 6)))
    late = next(one for one in said if one.sender == "tickets" and sequence(one) == 2)
    await desk.hear([one for one in said if one is not late], at_once=50)
    await desk.fold()
    assert await compare(desk, utcnow() + timedelta(minutes=1)) in {0, 1}
    assert await differences(desk) == {}  # it may be under way
    assert await compare(desk, NOON) == 1
    assert {one["problem"] for one in (await differences(desk)).values()} >= {"lost"}
    await desk.hear([late])
    await desk.fold()
    assert await compare(desk, NOON + timedelta(days=1)) == 1
    assert await differences(desk) == {}


async def test_what_is_under_way_hides_nothing_that_is_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycle_book, "MOST", FEW)
    told = lives(Random(35), 40, 40)
    await desk.hear(numbered(spoken(told)), at_once=100)
    await desk.fold()
    async with desk.database.transaction() as session:
        await session.execute(text("DELETE FROM events.event_log WHERE type LIKE 'survey.%'"))
        await session.execute(text("DELETE FROM facts.figures WHERE measure = 'invitation'"))
        deleted = text("DELETE FROM facts.contributions WHERE measure = 'invitation' RETURNING *")
        gone = sorted((await session.execute(deleted)).all(), key=lambda row: row.day)
    lost = {f"{row.ticket_id}/{row.value}" for row in gone if row.ticket_id == gone[-1].ticket_id}
    under_way = {row.ticket_id for row in gone} - {gone[-1].ticket_id}
    heard = utcnow()
    assert len(under_way) > FEW >= len(lost)
    young = [life for life in told if UUID(int=1_000 + life.number) in under_way]
    await desk.hear(spoken(young), at_once=100)

    await asked(desk, heard + GRACE)
    found = await differences(desk)
    assert {key for book, key in found if book == "cycles"} == lost


async def test_a_source_that_was_restored_counts_on_in_its_new_epoch(desk: Desk) -> None:
    before = numbered(spoken(lives(Random(34), 1, 1)))
    tickets = [one for one in before if one.sender == "tickets"]
    without = [one for one in tickets if sequence(one) != 2]  # the backup did not know of it
    restored = numbered(spoken(lives(Random(34), 1, 1)), epoch=2, after=1)
    after = [one for one in restored if one.sender == "tickets"]
    await desk.hear([*without, *after])
    await desk.fold()
    await compare(desk, NOON)
    assert [key for key in await differences(desk) if key[0] == "sequences"] == []
    (gone,) = [one for one in after if sequence(one) == 3]
    async with desk.database.transaction() as session:
        await session.execute(text("DELETE FROM events.event_log WHERE id = :id"), {"id": gone.id})
    await asked(desk, NOON + timedelta(hours=1))
    lost = (await differences(desk))["sequences", f"tickets/{subject(gone)}"]
    assert (lost["detail"]["epoch"], lost["detail"]["missing"]) == (2, "3")


async def test_who_does_not_operate_the_system_asks_for_no_run(desk: Desk) -> None:
    assert (await desk.manager.post(f"{BOOKS}/runs", {"whole": True})).status_code == 403
    assert (await desk.manager.get(f"{BOOKS}/differences")).status_code == 403


def test_missing_numbers_are_written_as_people_write_them() -> None:
    assert written("{[3,4),[7,10)}") == "3, 7-9"
    assert written("{}") == ""
