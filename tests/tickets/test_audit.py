"""Who changed or read what, from where, with before and after: found by each of these."""

from typing import Any, Final

import pytest
from sqlalchemy import select, text

from shared.audit import AUDIT_PARTITIONS, audit_entries
from shared.auth.actor import Role
from shared.clock import utcnow
from shared.database import Database
from shared.sealing.seal import seal_entries
from shared.sealing.verify import Finding, Trouble, verify_stretch
from tests.support.people import VAULT, Person
from tests.tickets.conftest import Desk

OFFICE, HOME = "203.0.113.7", "2001:db8::7"
TRAIL = "/api/v1/tickets/audit"
PERSONAL: Final = ("王芳", "王芳芳", "陈静宜", "13800138642", "8642", "chen@example.com")

TAMPER = "UPDATE audit_entry SET detail = jsonb_set(detail, :path, :value) WHERE id = :id"


async def worked(desk: Desk) -> tuple[Person, Person, str, str]:
    """Let an administrator and an agent change and read; return them, and whom it was about."""
    admin = desk.people.at(OFFICE, await desk.people.staff(Role.ADMIN))
    agent = desk.people.at(HOME, desk.agent)
    body = {"name": "王芳", "roles": ["agent"], "org_unit_ids": [str(desk.team)]}
    hired = (await admin.post("/api/v1/staff", body)).json()["id"]
    change: dict[str, Any] = {"name": "王芳芳", "roles": ["agent", "supervisor"], "version": 1}
    for _ in range(2):  # the second answer is the stored one
        await admin.post(f"/api/v1/staff/{hired}/update", change, key="change-0001")
    contacts = {"phone": "13800138642", "email": "chen@example.com"}
    added = await agent.post("/api/v1/customers", {"name": "陈静宜"} | contacts)
    customer = added.json()["id"]
    change = {"grade": "high_value", "email": None, "phone": "13800138643", "version": 1}
    changed = await agent.post(f"/api/v1/customers/{customer}/update", change)
    stale = await agent.post(f"/api/v1/customers/{customer}/update", change)
    assert (changed.status_code, stale.status_code) == (200, 412)
    await agent.post(f"/api/v1/customers/{customer}/reveal", {"reason": "call_customer"})
    return admin, agent, hired, customer


async def listed(auditor: Person, **query: str) -> list[dict[str, Any]]:
    """Return the lines that fit, oldest first."""
    answer = await auditor.get(TRAIL, params=query)
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["data"]))


def change(before: Any, after: Any) -> dict[str, Any]:
    return {"before": before, "after": after}


async def test_a_change_is_a_line_with_before_and_after_found_by_who_what_when_and_about_whom(
    desk: Desk,
) -> None:
    admin, agent, hired, customer = await worked(desk)
    auditor = await desk.people.staff(Role.AUDITOR)
    trail = await listed(auditor)
    assert [(one["action"], one["address"], one["changes"]) for one in trail] == [
        (
            "staff.added",
            OFFICE,
            {
                "active": {"before": None, "after": True},
                "name": change(None, "***"),
                "org_unit_ids": change(None, [str(desk.team)]),
                "roles": change(None, ["agent"]),
            },
        ),
        (
            "staff.changed",
            OFFICE,
            {
                "name": change("***", "***"),
                "roles": change(["agent"], ["agent", "supervisor"]),
            },
        ),
        (
            "customer.added",
            HOME,
            {
                "email": change(None, "***"),
                "grade": change(None, "standard"),
                "language": change(None, "zh"),
                "name": change(None, "***"),
                "phone": change(None, "***"),
            },
        ),
        (
            "customer.changed",
            HOME,
            {
                "email": change("***", None),
                "grade": change("standard", "high_value"),
                "phone": change("***", "***"),
            },
        ),
        ("customer.contacts_read", HOME, {}),
    ]
    assert trail[4]["detail"] == {"reason": "call_customer"}
    third = trail[2]["at"]
    for query, expected in (
        ({"actor_id": str(admin.id)}, trail[:2]),
        ({"actor_id": str(agent.id), "action": "customer.changed"}, trail[3:4]),
        ({"action": "staff.changed"}, trail[1:2]),
        ({"subject_kind": "staff"}, trail[:2]),
        ({"subject_id": customer}, trail[2:]),
        ({"since": third}, trail[2:]),
        ({"until": third}, trail[:2]),
        ({"since": third, "subject_id": hired}, []),
    ):
        assert await listed(auditor, **query) == expected, query


async def test_what_was_changed_is_sealed_with_its_line_and_kept_for_ever(desk: Desk) -> None:
    await worked(desk)
    assert await seal_entries(desk.database, VAULT, now=utcnow()) == 5
    assert await found(desk.database) == []
    async with desk.database.transaction() as session:
        entries = list(await session.scalars(select(audit_entries.c.id).order_by("id")))
        kept = " ".join(await session.scalars(text("SELECT detail::text FROM audit_entry")))
        await session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        for entry, path, value in (
            (entries[1], ["changes", "roles"], '[["agent"], ["agent"]]'),
            (entries[3], ["address"], f'"{OFFICE}"'),
        ):
            await session.execute(text(TAMPER), {"id": entry, "path": path, "value": value})
    assert [word for word in PERSONAL if word in kept] == []
    assert await found(desk.database) == [
        Finding(Trouble.CHANGED, 2, entries[1]),
        Finding(Trouble.CHANGED, 4, entries[3]),
    ]
    assert AUDIT_PARTITIONS.keep is None


async def found(database: Database) -> list[Finding]:
    async with database.transaction() as session:
        return list((await verify_stretch(session, VAULT, after=0, limit=100)).findings)


@pytest.mark.parametrize(
    "query",
    ["actor_id=me", "action=DROP", "subject_kind=%00", "since=yesterday", "until=2026-11-28T00:00"],
)
async def test_what_is_no_question_is_refused(desk: Desk, query: str) -> None:
    auditor = await desk.people.staff(Role.AUDITOR)
    assert (await auditor.get(f"{TRAIL}?{query}")).status_code == 422
    assert (await desk.agent.get(TRAIL)).status_code == 403
