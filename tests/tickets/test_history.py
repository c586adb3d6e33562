"""A company hands in its history: lines become tickets with the lives that they had."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from shared.auth.actor import Role
from shared.outbox.tables import outbox
from tests.support.real_data import mapping as shipped
from tests.support.real_data import real
from tests.tickets.conftest import Desk
from tests.tickets.history_steps import LOG, MAPPING, imported, kept, line, told, written
from tests.tickets.steps import taken


async def test_a_line_becomes_a_ticket_with_the_times_it_had_and_the_limits_of_its_priority(
    desk: Desk,
) -> None:
    found, results = await imported(desk, written([line("A-1"), line("A-2", 级别="三级")]))
    assert found["state"] == "done"
    assert found["counts"] == {"created": 2, "unchanged": 0, "rejected": 0}
    assert [(one["line"], one["ref"], one["outcome"]) for one in results] == [
        (2, "A-1", "created"),
        (3, "A-2", "created"),
    ]
    ticket = (await desk.supervisor.get(f"/api/v1/tickets/{results[0]['ticket_id']}")).json()
    assert ticket["state"] == "closed"
    assert ticket["number"].startswith("R20250301-")
    assert ticket["created_at"] == "2025-03-01T01:00:00Z"
    assert ticket["first_response_due_at"] == "2025-03-01T01:10:00Z"
    assert ticket["resolution_due_at"] == "2025-03-01T03:00:00Z"
    assert ticket["closed_at"] == "2025-03-04T02:00:00Z"
    assert ticket["org_unit_id"] == str(desk.team)
    _, other = await kept(desk)
    assert other.first_response_due_at - other.created_at == timedelta(minutes=30)
    async with desk.database.transaction() as session:
        said = (await session.execute(select(outbox).where(outbox.c.type.like("ticket.%")))).all()
    assert {row.origin for row in said} == {"import"}
    assert Counter(row.type for row in said) == {
        f"ticket.{verb}": 2 for verb in ("created", "responded", "resolved", "closed")
    }
    assert all(f"{row.time:%Y}" == "2025" for row in said)


async def test_a_second_run_makes_no_doubles_and_overwrites_nothing(desk: Desk) -> None:
    await imported(desk, written([line("A-1"), line("A-2")]))
    before, heard = await kept(desk), await told(desk)
    again = [line("A-1"), line("A-2", 关闭="2025-03-05 10:00"), line("A-3")]
    found, results = await imported(desk, written(again))
    assert found["counts"] == {"created": 1, "unchanged": 1, "rejected": 1}
    assert [(one["outcome"], one["remark"]) for one in results] == [
        ("unchanged", None),
        ("rejected", "differs"),
        ("created", None),
    ]
    assert (await kept(desk))[:2] == before
    assert {one["ticket_id"] for one in results[:2]} == {str(row.id) for row in before}
    assert await told(desk) == {type: count + count // 2 for type, count in heard.items()}


async def test_a_ref_of_a_live_ticket_and_an_ambiguous_team_are_left_alone(desk: Desk) -> None:
    live = await taken(desk.agent, source="旧系统", source_ref="A-1")
    admin = await desk.people.staff(Role.ADMIN)
    units = (await admin.get("/api/v1/org-units")).json()["data"]
    twin = {"name": "热线一组", "kind": "team", "parent_id": units[0]["id"]}
    assert (await admin.post("/api/v1/org-units", twin)).status_code == 201
    lines = [line("A-1"), line("A-2"), line("A-3", 班组="热线二组")]
    _, results = await imported(desk, written(lines))
    remarks = [(one["remark"], one["column"]) for one in results]
    assert remarks == [("ref_of_another", None), ("unit_ambiguous", "班组"), (None, None)]
    assert (await desk.agent.get(f"/api/v1/tickets/{live['id']}")).json()["version"] == 1


async def test_the_log_gives_waiting_hand_overs_and_reopenings_and_the_row_its_times(
    desk: Desk,
) -> None:
    log = [
        ("A-1", "2025-03-01 09:00", "新", "热线二组"),
        ("A-1", "2025-03-01 09:05", "办理", "热线二组"),
        ("A-1", "2025-03-01 09:20", "等客户", "热线一组"),
        ("A-1", "2025-03-01 09:40", "已解决", "热线一组"),
        ("A-1", "2025-03-02 08:00", "等厂家", "热线一组"),
        ("A-1", "2025-03-02 09:00", "办理", ""),
        ("A-1", "2025-03-02 23:00", "已解决", "热线一组"),
        ("A-9", "2025-03-02 23:00", "办理", ""),
        ("A-1", "昨天", "办理", ""),
        ("A-1", "2025-03-02 23:30", "发呆", ""),
    ]
    events = "单号,时间,状态,班组\n" + "".join(f"{','.join(one)}\n" for one in log)
    late = line("A-1", 解决="2025-03-02 22:00", 重开="1")
    job, results = await imported(desk, written([late]), MAPPING | {"events": LOG}, events)
    assert job["counts"] == {"created": 1, "unchanged": 0, "rejected": 3}
    wrong = {(r["file"], r["line"], r["ref"], r["remark"]) for r in results if r["remark"]}
    assert wrong == {
        ("events", 9, "A-9", "ticket_missing"),
        ("events", 10, "A-1", "instant_invalid"),
        ("events", 11, "A-1", "value_unknown"),
    }
    made = next(one for one in results if one["outcome"] == "created")
    history = await desk.supervisor.get(f"/api/v1/tickets/{made['ticket_id']}/history")
    moves = [
        (one["move"], one["state"], one["cycle_no"], one["moved_at"][5:16])
        for one in history.json()["moves"]
    ]
    assert moves == [
        ("open", "new", 1, "03-01T01:00"),
        ("reply", "open", 1, "03-01T01:05"),
        ("assign", "open", 1, "03-01T01:20"),
        ("await_customer", "waiting_customer", 1, "03-01T01:20"),
        ("resolve", "resolved", 1, "03-01T01:40"),
        ("reopen", "open", 2, "03-02T00:00"),
        ("await_third_party", "waiting_third_party", 2, "03-02T00:00"),
        ("resume", "open", 2, "03-02T01:00"),
        ("resolve", "resolved", 2, "03-02T14:00"),
        ("close", "closed", 2, "03-04T02:00"),
    ]
    assert await told(desk) == {
        "ticket.created": 1,
        "ticket.responded": 1,
        "ticket.assigned": 1,
        "ticket.resolved": 2,
        "ticket.reopened": 1,
        "ticket.closed": 1,
    }
    undated, found = await imported(desk, written([line("A-2", 重开="2")]))
    assert undated["counts"]["created"] == 1
    assert found[0]["remark"] == "reopenings_undated"


async def test_what_is_missing_is_made_once_when_the_mapping_says_so(desk: Desk) -> None:
    columns = MAPPING["columns"] | {"category": ["级别", "渠道"]}
    meaning = MAPPING | {"columns": columns, "create_missing": True}
    lines = [line("A-1", 班组="新班组"), line("A-2", 班组="新班组", 渠道="微信")]
    job, _ = await imported(desk, written(lines), meaning)
    assert job["counts"]["created"] == 2
    again = [line("A-3", 班组="新班组"), line("A-4", 班组="别的班组")]
    await imported(desk, written(again), meaning)
    manager = await desk.people.staff(Role.MANAGER)
    units = [one["name"] for one in (await manager.get("/api/v1/org-units")).json()["data"]]
    assert Counter(units)["新班组"] == Counter(units)["别的班组"] == 1
    shown_ones = (await manager.get("/api/v1/categories")).json()["data"]
    made = {one["name_zh"]: one for one in shown_ones if one["code"].startswith("c-")}
    assert set(made) == {"一级", "电话", "微信"}
    assert made["电话"]["parent_id"] == made["微信"]["parent_id"] == made["一级"]["id"]
    async with desk.database.transaction() as session:
        statement = select(outbox.c.data).where(outbox.c.type == "category.changed")
        said = [data for data in await session.scalars(statement) if data["path"]]
    assert sorted(len(data["path"]) for data in said) == [1, 2, 2]


async def test_the_whole_log_of_the_incidents_is_told_reopening_by_reopening(desk: Desk) -> None:
    content, log = real("tickets_uci498.csv"), real("ticket_events_uci498.csv")
    job, _ = await imported(
        desk, content.read_bytes(), shipped("uci498"), log.read_text(encoding="utf-8")
    )
    assert job["counts"] == {"created": 9544, "unchanged": 0, "rejected": 0}
    heard = await told(desk)
    assert (heard["ticket.created"], heard["ticket.responded"]) == (9544, 9544)
    assert heard["ticket.reopened"] == 103
    cycles = Counter(row.cycle_no for row in await kept(desk))
    assert sum((number - 1) * count for number, count in cycles.items()) == 103
    assert sum(count for number, count in cycles.items() if number > 1) == 90
