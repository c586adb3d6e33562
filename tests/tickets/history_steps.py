"""How a test hands in a history, and lets a worker read it."""

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import select

from services.tickets.history.run_import import Importer
from services.tickets.tickets.tables import tickets
from shared.auth.actor import Role
from shared.clock import utcnow
from shared.outbox.tables import outbox
from tests.support.people import VAULT, Person
from tests.tickets.conftest import Desk

MAPPING: dict[str, Any] = {
    "source": "旧系统",
    "zone": "Asia/Shanghai",
    "instant_format": "%Y-%m-%d %H:%M",
    "nulls": ["", "?"],
    "constants": {"kind": "repair"},
    "columns": {
        "ref": "单号",
        "channel": "渠道",
        "priority": "级别",
        "org_unit": "班组",
        "created_at": "受理",
        "first_responded_at": "首响",
        "resolved_at": "解决",
        "closed_at": "关闭",
        "reopen_count": "重开",
    },
    "values": {
        "channel": {"电话": "phone", "微信": "wechat"},
        "priority": {"一级": "critical", "二级": "high", "三级": "normal"},
    },
    "limits": {"critical": {"first_response_seconds": 600, "resolution_seconds": 7200}},
}
LOG = {
    "columns": {"ref": "单号", "at": "时间", "happening": "状态", "org_unit": "班组"},
    "happenings": {
        "新": "new",
        "办理": "open",
        "等客户": "waiting_customer",
        "等厂家": "waiting_third_party",
        "已解决": "resolved",
        "已关闭": "closed",
    },
}
HEADER = ["单号", "渠道", "级别", "班组", "受理", "首响", "解决", "关闭", "重开"]
LINE = {
    "单号": "A-1",
    "渠道": "电话",
    "级别": "一级",
    "班组": "热线一组",
    "受理": "2025-03-01 09:00",
    "首响": "2025-03-01 09:05",
    "解决": "2025-03-01 10:00",
    "关闭": "2025-03-04 10:00",
    "重开": "0",
}


def line(ref: str, **differently: str) -> dict[str, str]:
    return LINE | {"单号": ref} | differently


def written(lines: Sequence[dict[str, str]], delimiter: str = ",") -> str:
    """Return a file with a header."""
    file = io.StringIO()
    writer = csv.DictWriter(file, HEADER, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue()


async def handed_in(
    who: Person,
    content: bytes,
    meaning: Any,
    *,
    events: bytes | None = None,
    key: str | None = None,
) -> httpx.Response:
    files = {"file": content} | ({"events": events} if events is not None else {})
    said = meaning if isinstance(meaning, str) else json.dumps(meaning)
    return await who.client.post(
        "/api/v1/imports",
        files=files,
        data={"mapping": said},
        headers={"Idempotency-Key": key or str(uuid4())},
    )


async def work(desk: Desk, lease: timedelta = timedelta(seconds=30)) -> int:
    """Let a worker look for something to do."""
    importer = Importer(VAULT, desk.service.state["intake"], lease)
    return await importer.run_next(desk.database, utcnow())


async def imported(
    desk: Desk,
    content: str | bytes,
    meaning: Any = MAPPING,
    events: str | None = None,
    *,
    worked: int = 1,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Import a file; return the import and what became of each line."""
    manager = await desk.people.staff(Role.MANAGER)
    plain = content.encode() if isinstance(content, str) else content
    answer = await handed_in(manager, plain, meaning, events=events.encode() if events else None)
    assert answer.status_code == 202, answer.text
    assert await work(desk) == worked
    return await shown(manager, answer.headers["location"])


async def shown(who: Person, path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = await who.get(path)
    results = await who.get(found.json()["results"])
    assert results.headers["content-type"] == "application/x-ndjson"
    return found.json(), [json.loads(one) for one in results.text.splitlines()]


async def kept(desk: Desk) -> list[Any]:
    """Return the tickets, by their refs."""
    statement = select(tickets).where(tickets.c.source_ref.is_not(None))
    async with desk.database.transaction() as session:
        return list(await session.execute(statement.order_by(tickets.c.source_ref)))


async def told(desk: Desk) -> Counter[str]:
    """Return how many events of tickets were told, by type."""
    async with desk.database.transaction() as session:
        types = await session.scalars(select(outbox.c.type).where(outbox.c.type.like("ticket.%")))
    return Counter(types)
