"""Who may ask for an import, and how a worker does it although workers die."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, table, text, update
from sqlalchemy.exc import DataError

from services.tickets.history import import_steps, take_batch
from services.tickets.history.tables import import_pieces
from services.tickets.history.upload import LARGEST_IMPORT
from services.tickets.tickets.tables import tickets
from shared.auth.actor import Role
from tests.tickets.conftest import Desk
from tests.tickets.history_steps import (
    MAPPING,
    handed_in,
    imported,
    kept,
    line,
    shown,
    told,
    work,
    written,
)
from tests.tickets.steps import taken


async def test_a_request_that_comes_twice_is_one_import(desk: Desk) -> None:
    manager = await desk.people.staff(Role.MANAGER)
    key, content = str(uuid4()), written([line("A-1")]).encode()
    twins = await asyncio.gather(*(handed_in(manager, content, MAPPING, key=key) for _ in "ab"))
    assert [one.status_code for one in twins] == [202, 202]
    assert twins[0].json()["id"] == twins[1].json()["id"]
    other = await handed_in(manager, content + b"\n", MAPPING, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert sum(await asyncio.gather(work(desk), work(desk))) == 1
    assert len(await kept(desk)) == 1


async def test_who_may_not_import_is_refused_and_a_senseless_request_is_explained(
    desk: Desk,
) -> None:
    content, manager = written([line("A-1")]).encode(), await desk.people.staff(Role.MANAGER)
    assert (await handed_in(desk.agent, content, MAPPING)).status_code == 403
    nobody = desk.people.bearing(uuid4(), None)
    assert (await handed_in(nobody, content, MAPPING)).status_code == 401
    torn = {"Content-Type": "multipart/form-data", "Idempotency-Key": str(uuid4())}
    unread = await nobody.client.post("/api/v1/imports", content=content, headers=torn)
    assert unread.status_code == 401  # who he is comes before what he sends
    said = {"mapping": json.dumps(MAPPING)}
    keyless = await manager.client.post("/api/v1/imports", files={"file": content}, data=said)
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")
    for wrong, place in (
        ("{", "mapping"),
        (MAPPING | {"colums": {}}, "colums"),
        (MAPPING | {"zone": "Asia/Peking"}, "zone"),
        (MAPPING | {"constants": {"kind": "grumble"}}, "constants.kind"),
        (MAPPING | {"constants": {"kind": "recovery"}}, "constants.kind"),
        (MAPPING | {"constants": {}}, "kind"),
        (MAPPING | {"columns": {"ref": "单号"}}, "created_at"),
        (MAPPING | {"values": {"priority": {"一级": "urgent"}}}, "values.priority"),
        (MAPPING | {"encoding": "klingon"}, "encoding"),
        (MAPPING | {"instant_format": "%Q"}, "instant_format"),
        (MAPPING | {"instant_format": "%H:%M"}, "instant_format"),
        (MAPPING | {"shape": "log"}, "log"),
    ):
        answer = await handed_in(manager, content, wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "mapping_invalid")
        assert place in answer.json()["detail"]
    second = await handed_in(manager, content, MAPPING, events=b"x")
    assert second.json()["code"] == "events_not_mapped"
    assert (await manager.get(f"/api/v1/imports/{uuid4()}")).status_code == 404
    too_large = {"/api/v1/imports": LARGEST_IMPORT + 1, "/api/v1/tickets": LARGEST_IMPORT}
    for path, size in too_large.items():
        huge = await manager.client.post(path, content=b"", headers={"Content-Length": str(size)})
        assert (huge.status_code, huge.json()["code"]) == (413, "too_large")
    assert (await manager.get("/api/v1/imports")).json()["data"] == []
    assert await work(desk) == 0


async def test_an_import_whose_worker_dies_goes_on_behind_the_last_line_that_is_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_steps, "BATCH", 2)
    honest, taken_batches = take_batch.take_batch, 0

    async def dying(*arguments: Any, **named: Any) -> Any:
        nonlocal taken_batches
        taken_batches += 1
        results = await honest(*arguments, **named)
        if taken_batches == 3:
            raise ConnectionError  # everything of this batch is written, nothing committed
        return results

    manager = await desk.people.staff(Role.MANAGER)
    lines = [line(f"A-{number}") for number in range(7)]
    answer = await handed_in(manager, written([*lines, line("A-0")]).encode(), MAPPING)
    monkeypatch.setattr(import_steps, "take_batch", dying)
    with pytest.raises(ConnectionError):
        await work(desk)
    half, _ = await shown(manager, answer.headers["location"])
    assert (half["state"], half["done_up_to"], half["counts"]["created"]) == ("running", 5, 4)
    assert await work(desk) == 0  # it may only be slow
    assert await work(desk, lease=timedelta(0)) == 1
    whole, results = await shown(manager, answer.headers["location"])
    assert whole["counts"] == {"created": 7, "unchanged": 0, "rejected": 1}
    assert [one["line"] for one in results] == list(range(2, 10))
    assert (results[-1]["remark"], results[-1]["first_line"]) == ("ref_repeated", 2)
    assert await told(desk) == {
        f"ticket.{verb}": 7 for verb in ("created", "responded", "resolved", "closed")
    }


async def test_an_import_at_which_every_worker_fails_ends_and_holds_up_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = take_batch.take_batch

    async def failing(*arguments: Any, **named: Any) -> Any:
        raise ZeroDivisionError

    manager = await desk.people.staff(Role.MANAGER)
    first = await handed_in(manager, written([line("A-1")]).encode(), MAPPING)
    second = await handed_in(manager, written([line("A-2")]).encode(), MAPPING)
    monkeypatch.setattr(import_steps, "take_batch", failing)
    for _ in range(1 + 5):  # the first came further: it found out how the file is written
        with pytest.raises(ZeroDivisionError):
            await work(desk, lease=timedelta(0))
    monkeypatch.setattr(import_steps, "take_batch", honest)
    assert [await work(desk, lease=timedelta(0)) for _ in range(3)] == [1, 1, 0]
    ended, _ = await shown(manager, first.headers["location"])
    assert (ended["state"], ended["problem"]) == (
        "failed",
        {"code": "gave_up", "file": None, "columns": []},
    )
    other, _ = await shown(manager, second.headers["location"])
    assert (other["state"], other["counts"]["created"]) == ("done", 1)
    again, _ = await imported(desk, written([line("A-1"), line("A-2")]))
    assert again["counts"] == {"created": 1, "unchanged": 1, "rejected": 0}


async def test_a_worker_that_was_taken_for_dead_leaves_the_import_to_the_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_steps, "BATCH", 2)
    honest = import_steps.Steps._of_lines
    others: list[int] = []

    async def overtaken(steps: import_steps.Steps) -> AsyncIterator[list[Any]]:
        async for some in honest(steps):
            yield some
            if not others:
                others.append(0)
                others[0] = await work(desk, lease=timedelta(0))

    monkeypatch.setattr(import_steps.Steps, "_of_lines", overtaken)
    job, results = await imported(
        desk, written([line(f"A-{number}") for number in range(7)]), worked=0
    )
    assert others == [1]
    assert job["counts"] == {"created": 7, "unchanged": 0, "rejected": 0}
    assert [one["line"] for one in results] == list(range(2, 9))


async def test_what_the_database_refuses_is_tried_line_by_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await taken(desk.agent)
    async with desk.database.transaction() as session:
        last = await session.scalar(text("SELECT last_value FROM ticket_number"))
        in_the_way = update(tickets).where(tickets.c.number == live["number"])
        await session.execute(in_the_way.values(number=f"R20250301-{last + 2:06}"))
    lines = [line(f"A-{number}") for number in range(4)]
    job, _ = await imported(desk, written(lines))
    assert job["counts"] == {"created": 4, "unchanged": 0, "rejected": 0}
    honest = take_batch.take_batch

    async def refused(session: Any, job: Any, mapping: Any, candidates: Any, **named: Any) -> Any:
        if any(one.ref == "B-1" for one in candidates):
            raise DataError("INSERT", {}, ValueError("out of range"))
        return await honest(session, job, mapping, candidates, **named)

    monkeypatch.setattr(import_steps, "take_batch", refused)
    more = [line(f"B-{number}") for number in range(3)]
    job, results = await imported(desk, written(more))
    assert job["counts"] == {"created": 2, "unchanged": 0, "rejected": 1}
    assert [one["remark"] for one in results] == [None, "not_storable", None]


async def test_a_file_is_kept_sealed_until_it_is_read_and_not_at_all_after(desk: Desk) -> None:
    manager = await desk.people.staff(Role.MANAGER)
    secret = "13800138000"
    content = written([line("A-1")]).replace("重开", "重开,电话号码", 1).rstrip() + f",{secret}\n"
    await handed_in(manager, content.encode(), MAPPING)
    assert secret not in await everything(desk)
    assert await work(desk) == 1
    assert secret not in await everything(desk)
    async with desk.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(import_pieces)) == 0
    assert len(await kept(desk)) == 1


async def everything(desk: Desk) -> str:
    """Return every row of every table as text."""
    async with desk.database.transaction() as session:
        names = await session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        found = [
            str(row)
            for name in names.all()
            for row in await session.execute(select(text("*")).select_from(table(name)))
        ]
    return "\n".join(found)
