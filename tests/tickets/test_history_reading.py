"""Files as companies have them: every line is answered for, and a bad one costs itself only."""

import pytest
from sqlalchemy import func, select

from services.tickets.history.tables import import_pieces
from shared.auth.actor import Role
from tests.support.real_data import mapping as shipped
from tests.support.real_data import real, rows
from tests.tickets.conftest import Desk
from tests.tickets.history_steps import HEADER, MAPPING, imported, kept, line, work, written


@pytest.mark.parametrize(
    ("encoding", "delimiter", "found"),
    [
        ("utf-8", ",", "utf-8"),
        ("utf-8-sig", ";", "utf-8-sig"),
        ("gb18030", ",", "gb18030"),
        ("utf-16", "\t", "utf-16"),
        ("utf-16-le", ";", "utf-16-le"),
        ("utf-16-be", ",", "utf-16-be"),
    ],
)
async def test_a_file_is_read_in_the_encoding_and_with_the_delimiter_that_it_has(
    desk: Desk, encoding: str, delimiter: str, found: str
) -> None:
    lines = [line("甲-1"), line("乙-2", 渠道="微信")]
    content = written(lines, delimiter).encode(encoding)
    job, results = await imported(desk, content)
    assert job["encodings"] == {"main": found}
    assert job["counts"] == {"created": 2, "unchanged": 0, "rejected": 0}
    assert [one["ref"] for one in results] == ["甲-1", "乙-2"]
    assert {row.channel for row in await kept(desk)} == {"phone", "wechat"}


@pytest.mark.parametrize(
    ("content", "encoding", "problem", "columns"),
    [
        ("单号,渠道\n".encode() + b"\xff\xfe\x81", None, "encoding_unknown", []),
        (written([line("A-1")]).encode("gb18030"), "utf-8", "encoding_unknown", []),
        (b"caf\xe9,cr\xe8me\n", None, "encoding_unknown", []),
        (b"", None, "file_empty", []),
        (b"\n\n", None, "file_empty", []),
        ("单号,受理\nA-1,2025-03-01 09:00\n".encode(), None, "column_missing", HEADER[1:4]),
        (
            written([line("A-1")]).replace("重开", "关闭", 1).encode(),
            None,
            "column_missing",
            ["重开"],
        ),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_before_any_ticket(
    desk: Desk, content: bytes, encoding: str | None, problem: str, columns: list[str]
) -> None:
    job, results = await imported(desk, content, MAPPING | {"encoding": encoding})
    assert (job["state"], job["problem"]["code"]) == ("failed", problem)
    assert set(columns) <= set(job["problem"]["columns"])
    assert (results, await kept(desk), await work(desk)) == ([], [], 0)
    async with desk.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(import_pieces)) == 0


async def test_a_broken_line_is_reported_with_its_column_and_the_others_go_on(desk: Desk) -> None:
    broken = [
        (line("B-1", 受理="01/03/2025"), "instant_invalid", "受理"),
        (line("B-2", 受理="?"), "value_missing", "受理"),
        (line("B-3", 级别="特级"), "value_unknown", "级别"),
        (line("B-4", 解决="2025-02-28 10:00"), "order_of_instants", "解决"),
        (line("B-5", 关闭="2025-03-01 09:30"), "order_of_instants", "关闭"),
        (line("B-6", 班组="没有的班组"), "unit_unknown", "班组"),
        (line("B-7", 重开="两次"), "number_invalid", "重开"),
        (line("", 渠道="电话"), "value_missing", "单号"),
        (line("B-9", 班组="班" * 81), "value_too_long", "班组"),
        (line("B-10", 渠道="电\x07话"), "value_unreadable", "渠道"),
        (line("B-11", 受理="2999-01-01 00:00"), "instant_in_future", "受理"),
        (line("B-12", 渠道=""), "value_missing", "渠道"),
        # nothing, as databases and spreadsheets write it: it would be open in every figure for good
        (line("B-13", 受理="0001-01-01 00:00"), "instant_too_early", "受理"),
        (line("B-14", 受理="1900-01-01 00:00"), "instant_too_early", "受理"),
    ]
    good = [line("A-1"), line("A-2")]
    content = written([good[0], *(one for one, _, _ in broken), good[1]])
    content += "B-20,电话,一级\n" + 'B-21,"电话,一级,,2025-03-01 09:00,,,,\n'
    content += written([line("A-3")]).partition("\n")[2]
    job, results = await imported(desk, content)
    assert job["counts"] == {"created": 3, "unchanged": 0, "rejected": len(broken) + 2}
    reported = {one["line"]: (one["remark"], one["column"]) for one in results if one["remark"]}
    assert reported == {
        **{number: (remark, column) for number, (_, remark, column) in enumerate(broken, 3)},
        len(broken) + 4: ("wrong_number_of_cells", None),
        len(broken) + 5: ("broken_quotes", None),
    }
    assert [row.source_ref for row in await kept(desk)] == ["A-1", "A-2", "A-3"]
    manager = await desk.people.staff(Role.MANAGER)
    rejected = await manager.get(job["results"], params={"outcome": "rejected"})
    assert len(rejected.text.splitlines()) == job["counts"]["rejected"]
    # mended, only what was wrong is new
    mended = [line(one["单号"] or "B-8") for one, _, _ in broken]
    job, _ = await imported(desk, written([*good, *mended]))
    assert job["counts"] == {"created": len(broken), "unchanged": 2, "rejected": 0}


async def test_a_raw_log_handed_in_as_tickets_is_reported_line_by_line(desk: Desk) -> None:
    file = "dirty/incidents_raw_slice.csv"
    job, results = await imported(desk, real(file).read_bytes(), shipped("uci498_raw"))
    first: dict[str, int] = {}
    wanted = []
    for number, row in enumerate(rows(file), start=2):
        seen = first.setdefault(row["number"], number)
        new = seen == number
        wanted.append(
            (number, row["number"], "created" if new else "rejected", None if new else seen)
        )
    assert [(r["line"], r["ref"], r["outcome"], r["first_line"]) for r in results] == wanted
    assert {one["remark"] for one in results} == {None, "ref_repeated"}
    assert job["counts"] == {"created": 55, "unchanged": 0, "rejected": 245}
    solved = {row["number"]: row["resolved_at"] != "?" for row in reversed(rows(file))}
    assert {r.source_ref: r.resolved_at is not None for r in await kept(desk)} == solved
