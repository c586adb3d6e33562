"""Our people are told what asks for attention: once, in their language, and nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.integrations.staff_notices.tables import staff_notices
from shared.bus.interface import Message
from shared.contracts.integrations import StaffNoticeRequest
from shared.ids import new_id
from tests.integrations.conftest import Edge
from tests.integrations.letters import hear, message_of
from tests.support.people import Person

DUE = "2026-11-27T08:30:00Z"


def told(
    staff_id: UUID,
    template: str = "loop_overdue",
    *,
    notification_id: UUID | None = None,
    origin: str = "live",
    time: datetime | None = None,
    **parameters: Any,
) -> Message:
    """Return the letter that asks to tell somebody."""
    data = StaffNoticeRequest(
        notification_id=notification_id or new_id(),
        staff_id=staff_id,
        template=template,
        parameters=parameters,
        reference_kind="loop_case",
        reference_id=new_id(),
    )
    return message_of(data, staff_id, origin=origin, time=time)


async def supervisor(edge: Edge) -> Person:
    """Hire a supervisor who signs in."""
    staff_id = await edge.staff("supervisor")
    bearer = await edge.token(role="supervisor", subject=str(staff_id))
    return edge.people.bearing(staff_id, bearer)


async def listed(person: Person, query: str = "", language: str = "zh") -> list[dict[str, Any]]:
    answer = await person.get(f"/api/v1/my-notices{query}", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def test_a_notice_is_shown_once_to_whom_it_is_for_and_in_his_language(edge: Edge) -> None:
    mine, other = await supervisor(edge), await supervisor(edge)
    notice_id = new_id()
    parameters: dict[str, Any] = {
        "number": "C20261127-000007",
        "clock": "contact",
        "due_at": DUE,
    }
    for _ in range(2):  # a service that was restored asks again, in a letter with another id
        await hear(edge, told(mine.id, notification_id=notice_id, **parameters))

    (shown,) = await listed(mine)
    assert shown["id"] == str(notice_id)
    assert shown["title"] == "服务补救已超时"
    assert shown["text"] == "工单 C20261127-000007。还没有联系客户。时限：11月27日 16:30。"
    (english,) = await listed(mine, language="en")
    assert english["text"] == (
        "Ticket C20261127-000007. Nobody has answered the customer yet. Due 27 November, 16:30."
    )
    assert await listed(other) == []
    assert (await other.post(f"/api/v1/my-notices/{notice_id}/read")).status_code == 404


async def test_unread_notices_stand_first_however_a_list_is_cut_into_pages(edge: Edge) -> None:
    mine = await supervisor(edge)
    began = datetime(2026, 11, 1, tzinfo=UTC)
    ids = [new_id() for _ in range(5)]
    for hour, notice_id in enumerate(ids):
        at = began + timedelta(hours=hour)
        await hear(edge, told(mine.id, notification_id=notice_id, time=at))
    first, again = [await mine.post(f"/api/v1/my-notices/{ids[4]}/read") for _ in range(2)]
    await mine.post(f"/api/v1/my-notices/{ids[1]}/read")
    assert first.json()["read_at"] == again.json()["read_at"] is not None

    pages, query = [], "?limit=2"
    while query:
        answer = (await mine.get(f"/api/v1/my-notices{query}")).json()
        pages += [row["id"] for row in answer["data"]]
        query = f"?limit=2&cursor={answer['next_cursor']}" if answer["next_cursor"] else ""
    assert pages == [str(ids[n]) for n in (3, 2, 0, 4, 1)]


@pytest.mark.parametrize("origin", ["import", "replay", "demo"])
async def test_nobody_is_told_about_what_is_not_live(edge: Edge, origin: str) -> None:
    mine = await supervisor(edge)
    await hear(edge, told(mine.id, origin=origin))
    assert await listed(mine) == []


@pytest.mark.parametrize(
    ("template", "parameters", "title", "text"),
    [
        ("coffee_is_out", {"number": "C1"}, "coffee_is_out", ""),
        ("loop_opened", {}, "有一位客户不满意，请尽快联系", ""),
        ("loop_escalated", {"level": "2", "due_at": "soon"}, None, "现在是第 2 级。时限：soon。"),
        ("loop_not_recovered", {"number": "{{ 7 * 6 }}"}, None, None),
    ],
)
async def test_a_notice_is_shown_whatever_it_lacks(
    edge: Edge, template: str, parameters: dict[str, Any], title: str | None, text: str | None
) -> None:
    mine = await supervisor(edge)
    await hear(edge, told(mine.id, template, **parameters))
    (shown,) = await listed(mine)
    assert shown["parameters"] == parameters
    assert shown["title"] == (title or shown["title"]) != ""
    assert shown["text"] == (shown["text"] if text is None else text)
    assert "42" not in shown["text"]


async def test_what_a_notice_says_lies_encrypted_and_a_stranger_reads_none(edge: Edge) -> None:
    mine = await supervisor(edge)
    await hear(edge, told(mine.id, number="C20261127-000007"))
    async with edge.database.transaction() as session:
        stored = str(list(await session.execute(select(staff_notices))))
    assert "C20261127" not in stored
    customer = await edge.bearing(role="customer", subject=str(new_id()))
    assert (await customer.get("/api/v1/my-notices")).status_code == 403
    assert (await edge.anybody.get("/api/v1/my-notices")).status_code == 401
    assert (await mine.get("/api/v1/my-notices?cursor=abc")).status_code == 400
