"""Requests about one person's data: asked once, answered by all, read in time, and only then."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.integrations.contacts.tables import contacts
from services.integrations.privacy.tables import privacy_answers
from shared.audit import audit_entries
from shared.clock import utcnow
from shared.contracts.privacy import (
    EVERY_SERVICE,
    DataFound,
    ErasureDone,
    ErasureRequested,
    ExportRequested,
)
from shared.ids import new_id
from shared.messages.contract import Contract
from shared.restores.epochs import raise_epoch
from tests.integrations.conftest import Edge
from tests.integrations.letters import contact, hear, hear_each, message_of, request
from tests.support.people import Person

PATH = "/api/v1/privacy/requests"
REQUEST = new_id()


async def manager(edge: Edge) -> Person:
    """Return somebody who handles what people ask about their data."""
    return await edge.bearing(role="manager", subject=str(await edge.staff("manager")))


async def asked(person: Person, kind: str, customer_id: UUID) -> dict[str, Any]:
    """Ask about a customer's data."""
    body = {"type": kind, "customer_id": str(customer_id), "reason": "customer_asked"}
    answer = await person.post(PATH, body)
    assert answer.status_code == 202, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def answer(edge: Edge, service: str, content: Contract) -> None:
    """Let a service answer."""
    message = message_of(content, new_id())
    body = message.body.replace(b"careloop/tickets", f"careloop/{service}".encode())
    await hear(edge, replace(message, sender=service, body=body))


async def found(edge: Edge, wanted: dict[str, Any], services: Sequence[str]) -> None:
    """Let services say what they know; this one looks by itself."""
    ids = {"request_id": wanted["id"], "customer_id": wanted["customer_id"]}
    for service in services:
        if service == "integrations":
            said = ExportRequested.model_validate(ids | {"requested_at": wanted["requested_at"]})
            await answer(edge, service, said)
        else:
            records = {"words": [{"said": f"{service}知道"}]}
            await answer(
                edge,
                service,
                DataFound.model_validate(ids | {"service": service, "found": records}),
            )


async def test_what_is_known_of_a_person_is_read_when_all_have_answered_and_only_for_a_week(
    edge: Edge,
) -> None:
    customer_id, boss = new_id(), await manager(edge)
    await hear(edge, contact(customer_id, email="muxue@example.com"))
    wanted = await asked(boss, "access", customer_id)
    await found(edge, wanted, EVERY_SERVICE[:-1])
    early = await boss.get(f"{PATH}/{wanted['id']}/export")
    assert (early.status_code, early.json()["code"]) == (409, "privacy_export_not_ready")

    await found(edge, wanted, EVERY_SERVICE)  # those before once more, and the last one

    shown = (await boss.get(f"{PATH}/{wanted['id']}")).json()
    assert (shown["state"], shown["overdue"]) == ("completed", False)
    assert [one["service"] for one in shown["answers"] if one["answered_at"]] == [*EVERY_SERVICE]
    export = (await boss.get(f"{PATH}/{wanted['id']}/export")).json()["found"]
    assert export["surveys"] == {"words": [{"said": "surveys知道"}]}
    assert export["integrations"]["contacts"][0]["email"] == "muxue@example.com"
    await is_sealed_and_goes(edge)
    late = await boss.get(f"{PATH}/{wanted['id']}/export")
    assert late.json()["found"] == {}
    assert await trail(edge, "privacy.export_read") == 2


async def is_sealed_and_goes(edge: Edge) -> None:
    """See that what was found lies encrypted, and is taken away when its time is over."""
    sealed = select(privacy_answers.c.found_sealed)
    async with edge.database.transaction() as session:
        assert not any("muxue" in one or "知道" in one for one in await session.scalars(sealed))
    sweep = next(one for one in edge.service.sweeps if one.name == "privacy_exports")
    assert await sweep.run(edge.database, utcnow() + timedelta(days=6)) == 0
    assert await sweep.run(edge.database, utcnow() + timedelta(days=8)) == len(EVERY_SERVICE)


async def trail(edge: Edge, action: str) -> int:
    """Count lines of the audit trail."""
    wanted = select(audit_entries.c.id).where(audit_entries.c.action == action)
    async with edge.database.transaction() as session:
        return len((await session.scalars(wanted)).all())


async def test_of_ten_who_ask_for_one_erasure_one_asks_and_all_see_the_same(edge: Edge) -> None:
    customer_id, boss = new_id(), await manager(edge)

    shown = await asyncio.gather(*(asked(boss, "erase", customer_id) for _ in range(10)))

    assert len({one["id"] for one in shown}) == 1
    said = [kind for kind, _ in await edge.said()]
    assert said.count(ErasureRequested.TYPE) == 1
    assert await trail(edge, "privacy.erase_requested") == 1
    listed = (await boss.get(PATH, params={"customer_id": str(customer_id)})).json()["data"]
    assert [one["id"] for one in listed] == [shown[0]["id"]]


async def test_an_erasure_of_somebody_whom_nobody_knows_is_completed_with_nothing(
    edge: Edge,
) -> None:
    boss = await manager(edge)
    wanted = await asked(boss, "erase", new_id())
    for service in EVERY_SERVICE:
        await answer(
            edge,
            service,
            ErasureDone.model_validate(
                {
                    "request_id": wanted["id"],
                    "customer_id": wanted["customer_id"],
                    "service": service,
                    "rows": 0,
                    "erased_at": utcnow(),
                }
            ),
        )
    shown = (await boss.get(f"{PATH}/{wanted['id']}")).json()
    assert (shown["state"], {one["rows"] for one in shown["answers"]}) == ("completed", {0})
    none = await boss.get(f"{PATH}/{wanted['id']}/export")
    assert (none.status_code, none.json()["code"]) == (404, "privacy_export_not_found")


async def test_a_notice_to_an_erased_customer_ends_and_his_address_does_not_come_back(
    edge: Edge,
) -> None:
    customer_id = new_id()
    waiting = request(customer_id)
    await hear_each(edge, [contact(customer_id), waiting])
    erasing = ErasureRequested(request_id=new_id(), customer_id=customer_id, requested_at=utcnow())
    await answer(edge, "integrations", erasing)
    await hear_each(edge, [contact(customer_id, sequence=9), request(customer_id)])
    await edge.sweep()

    assert [(one.state, one.reason, one.parameters) for one in await edge.notices()] == [
        ("failed", "customer_erased", {}),
        ("failed", "customer_erased", {}),
    ]
    told = [kind for kind, _ in await edge.said()]
    assert told.count("notification.failed") == 2
    async with edge.database.transaction() as session:
        assert (await session.scalars(select(contacts.c.customer_id))).all() == []


async def set_back(edge: Edge) -> None:
    """Let the service be one that was restored from an older backup."""
    async with edge.database.transaction() as session:
        await raise_epoch(session, backup_at=utcnow() - timedelta(hours=1), now=utcnow())


def erased_by(service: str, customer_id: UUID) -> ErasureDone:
    return ErasureDone(
        request_id=REQUEST, customer_id=customer_id, service=service, rows=3, erased_at=utcnow()
    )


async def known_contacts(edge: Edge) -> list[UUID]:
    async with edge.database.transaction() as session:
        return list(await session.scalars(select(contacts.c.customer_id)))


async def test_who_was_erased_before_a_restore_that_forgot_it_is_erased_again(edge: Edge) -> None:
    erased, other = new_id(), new_id()
    await hear_each(edge, [contact(erased), contact(other), request(erased)])
    with pytest.raises(AssertionError):  # nobody asked for it here: it climbs the ladder
        await answer(edge, "tickets", erased_by("tickets", erased))
    assert sorted(await known_contacts(edge)) == sorted([erased, other])

    await set_back(edge)
    for service in ("tickets", "surveys", "tickets"):
        await answer(edge, service, erased_by(service, erased))
    await hear(edge, contact(erased, sequence=9))  # a snapshot that was on its way

    assert await known_contacts(edge) == [other]
    assert [one.reason for one in await edge.notices()] == ["customer_erased"]
    boss = await manager(edge)
    wanted = await asked(boss, "access", other)
    await found(edge, wanted, EVERY_SERVICE)
    shown = (await boss.get(f"{PATH}/{wanted['id']}")).json()
    assert shown["state"] == "completed"


async def test_answers_to_a_request_that_a_restore_forgot_are_passed_over(edge: Edge) -> None:
    await set_back(edge)
    letter = DataFound(
        request_id=REQUEST, customer_id=new_id(), service="surveys", found={"words": [{"x": "y"}]}
    )
    await answer(edge, "surveys", letter)
    async with edge.database.transaction() as session:
        assert (await session.scalars(select(privacy_answers.c.service))).all() == []


async def test_a_request_that_somebody_has_not_answered_is_shown_as_late(edge: Edge) -> None:
    boss = await manager(edge)
    wanted = await asked(boss, "access", new_id())
    async with edge.database.transaction() as session:
        await session.execute(
            text("UPDATE privacy_requests SET due_at = now() - interval '1 second'")
        )
    (shown,) = (await boss.get(PATH, params={"state": "open"})).json()["data"]
    assert (shown["id"], shown["overdue"]) == (wanted["id"], True)


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin", "operator", "auditor"])
async def test_only_who_answers_for_it_asks_and_reads(edge: Edge, role: str) -> None:
    boss = await manager(edge)
    wanted = await asked(boss, "access", new_id())
    stranger = await edge.bearing(role=role, subject=str(await edge.staff(role)))
    body = {"type": "erase", "customer_id": str(new_id()), "reason": "customer_asked"}
    doors = [
        await stranger.post(PATH, body),
        await stranger.get(PATH),
        await stranger.get(f"{PATH}/{wanted['id']}"),
        await stranger.get(f"{PATH}/{wanted['id']}/export"),
    ]
    assert {door.status_code for door in doors} == {403}
    named = await boss.post(PATH, body | {"reason": "王芳要求"})
    assert (named.status_code, named.json()["code"]) == (422, "invalid_request")
