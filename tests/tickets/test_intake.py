"""What partners send becomes customers and tickets once, in whatever order it comes."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from services.tickets.customers.tables import customers
from services.tickets.tickets.tables import tickets
from shared.auth.rights import Scope
from shared.bus.interface import Delivery, Exchange, Message, Queue, QueueKind
from shared.clock import utcnow
from shared.contracts.integrations import CrmComplaintReceived, CrmCustomerReceived, CrmLetter
from shared.ids import new_id
from shared.inbox.receive import Inbox, receive_into
from shared.messages.contract import Envelope
from shared.outbox.tables import outbox
from shared.privacy.tombstones import remember_erased
from tests.support.people import VAULT
from tests.tickets.conftest import Desk

NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPENID: Final = "oQ8xY5sT2kLmN4pR7vW9zB1cD3eF"


def customer(hour: int = 0, *, external_id: str = "C-10023", **fields: Any) -> CrmCustomerReceived:
    """Return a partner's customer as he was some hours after noon."""
    return CrmCustomerReceived(
        delivery_id=fields.pop("delivery_id", None) or new_id(),
        source=fields.pop("source", "crm_main"),
        external_id=external_id,
        occurred_at=NOON + timedelta(hours=hour),
        **fields,
    )


def complaint(external_id: str = "CASE-5521", **fields: Any) -> CrmComplaintReceived:
    """Return a complaint as a partner's system has it."""
    said = {"subject": "账单多收了一个月", "description": "九月的账单重复。"} | fields
    return CrmComplaintReceived(
        delivery_id=said.pop("delivery_id", None) or new_id(),
        source=said.pop("source", "crm_main"),
        external_id=external_id,
        occurred_at=NOON,
        **said,
    )


def message(letter: CrmLetter) -> Delivery:
    """Return the letter as it comes from integrations."""
    message_id = new_id()
    envelope = Envelope(
        id=message_id,
        source="careloop/integrations",
        type=letter.TYPE,
        subject=letter.delivery_id,
        time=NOON + timedelta(hours=1),
        dataschema=letter.key(),
        sequence=1,
        epoch=1,
        origin="live",
        correlationid="test",
        data=VAULT.seal_letter("tickets", letter.model_dump_json().encode()),
    )
    body = envelope.model_dump_json().encode()
    whole = Message(message_id, letter.key(), "integrations", Exchange.LETTERS, "tickets", body)
    return Delivery(whole, 0, redelivered=False)


async def hear(desk: Desk, *letters: CrmLetter) -> None:
    """Let the service receive letters in one batch."""
    box = Inbox("tickets", desk.database, desk.service.handlers, VAULT, utcnow)
    queue = Queue("tickets", QueueKind.LETTERS)
    assert await receive_into(box, queue)([message(letter) for letter in letters]) == {}


async def answers(desk: Desk, letter: CrmLetter | None = None) -> list[dict[str, Any]]:
    """Return what was answered, oldest first: all of it, or what is about one letter."""
    async with desk.database.transaction() as session:
        rows = await session.scalars(
            select(outbox.c.data)
            .where(outbox.c.type.in_(["crm.record_taken", "crm.record_refused"]))
            .order_by(outbox.c.id)
        )
        found = list(rows)
    return [a for a in found if letter is None or a["delivery_id"] == str(letter.delivery_id)]


async def known(desk: Desk) -> list[dict[str, Any]]:
    """Return all customers, with their addresses, as an agent may see them."""
    listed = (await desk.agent.get("/api/v1/customers")).json()["data"]
    why = {"reason": "call_customer"}
    shown = [await desk.agent.post(f"/api/v1/customers/{one['id']}/reveal", why) for one in listed]
    return [answer.json() for answer in shown]


async def counted(desk: Desk) -> tuple[int, int]:
    """Count customers and tickets."""
    async with desk.database.transaction() as session:
        people = await session.scalar(select(func.count()).select_from(customers))
        requests = await session.scalar(select(func.count()).select_from(tickets))
    return people or 0, requests or 0


def shown(customer: dict[str, Any]) -> dict[str, Any]:
    fields = ("name", "phone", "email", "wechat_openid", "grade", "language")
    return {name: customer[name] for name in fields}


async def test_a_partners_customer_is_added_once_and_told_with_every_way_to_reach_him(
    desk: Desk,
) -> None:
    letter = customer(
        name="王芳",
        phone="138 0013 8642",
        email="Wang@Example.com",
        wechat_openid=OPENID,
        grade="high_value",
        language="en",
    )
    await hear(desk, letter)
    await hear(desk, letter)

    (one,) = await known(desk)
    assert shown(one) == {
        "name": "王芳",
        "phone": "+8613800138642",
        "email": "wang@example.com",
        "wechat_openid": OPENID,
        "grade": "high_value",
        "language": "en",
    }
    first, second = await answers(desk)
    assert (first["result"], second["result"]) == ("created", "unchanged")
    assert first["record_id"] == first["customer_id"] == one["id"]
    async with desk.database.transaction() as session:
        told = await session.scalars(
            select(outbox.c.data).where(outbox.c.type == "customer.changed")
        )
    assert [event["reachable_by"] for event in told] == [["email", "phone", "wechat_openid"]]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_newest_version_counts_in_whatever_order_they_come(
    desk: Desk, order: tuple[int, ...]
) -> None:
    versions = [
        customer(hour, name=f"王芳{hour}", phone=f"1380013800{hour}", grade=grade)
        for hour, grade in enumerate(["basic", "standard", "high_value"])
    ]
    for place in order:
        await hear(desk, versions[place])
    (one,) = await known(desk)
    assert (one["name"], one["phone"], one["grade"]) == ("王芳2", "+8613800138002", "high_value")
    late = [a["result"] for a in await answers(desk) if a["result"] == "outdated"]
    assert len(late) == sum(place < max(order[:n] or (0,)) for n, place in enumerate(order))


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_a_request_and_its_customer_end_alike_in_whatever_order_they_come(
    desk: Desk, order: tuple[int, ...]
) -> None:
    letters: list[CrmLetter] = [
        customer(0, name="王芳", phone="13800138642"),
        customer(1, name="王方", phone="13911112222"),
        complaint(customer_external_id="C-10023"),
        complaint("CASE-2", customer_external_id="C-10023"),
    ]
    for place in order:
        await hear(desk, letters[place])
    (one,) = await known(desk)
    assert (one["name"], one["phone"]) == ("王方", "+8613911112222")
    found = (await desk.agent.get("/api/v1/tickets")).json()["data"]
    assert {ticket["customer_id"] for ticket in found} == {one["id"]}
    assert len(found) == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_of_two_versions_of_one_instant_the_later_delivery_counts(
    desk: Desk, order: tuple[int, ...]
) -> None:
    versions = customer(name="王芳"), customer(name="王方")
    for place in order:
        await hear(desk, versions[place])
    assert [one["name"] for one in await known(desk)] == ["王方"]


async def test_what_a_partner_does_not_say_stays_as_it_is(desk: Desk) -> None:
    await hear(desk, customer(name="王芳", phone="13800138642", grade="high_value"))
    await hear(desk, customer(1, email="wang@example.com"))
    (one,) = await known(desk)
    assert shown(one) == {
        "name": "王芳",
        "phone": "+8613800138642",
        "email": "wang@example.com",
        "wechat_openid": None,
        "grade": "high_value",
        "language": "zh",
    }


async def test_a_deleted_customer_is_not_brought_back_by_what_is_older(desk: Desk) -> None:
    await hear(desk, customer(2, deleted=True))
    late = customer(1, name="王芳", phone="13800138642")
    await hear(desk, late)
    assert [a["result"] for a in await answers(desk)] == ["deleted", "outdated"]
    assert await counted(desk) == (0, 0)
    await hear(desk, customer(3, name="王芳"))
    assert [one["name"] for one in await known(desk)] == ["王芳"]


async def test_one_phone_number_never_makes_one_customer_of_two(desk: Desk) -> None:
    same: dict[str, Any] = {"name": "王芳", "phone": "13800138642"}
    await desk.agent.post("/api/v1/customers", same)
    await hear(desk, customer(**same), customer(**same, source="crm_other"))
    assert len(await known(desk)) == 3


async def test_a_request_waits_for_nobody_and_its_customer_is_filled_in_later(desk: Desk) -> None:
    letter = complaint(customer_external_id="C-10023", category="billing", channel="wechat")
    await hear(desk, letter)
    (stub,) = await known(desk)
    assert (stub["name"], stub["phone"]) == ("", None)

    await hear(desk, customer(-5, name="王芳", phone="13800138642"))

    (one,) = await known(desk)
    assert (one["id"], one["name"], one["phone"]) == (stub["id"], "王芳", "+8613800138642")
    (ticket,) = (await desk.agent.get("/api/v1/tickets")).json()["data"]
    whole = (await desk.agent.get(f"/api/v1/tickets/{ticket['id']}")).json()
    assert (whole["kind"], whole["channel"], whole["customer_id"]) == (
        "complaint",
        "wechat",
        one["id"],
    )
    assert (whole["source"], whole["source_ref"]) == ("crm_main", "CASE-5521")
    assert whole["created_at"] == "2026-11-23T13:00:00Z"
    (answer,) = await answers(desk, letter)
    assert (answer["result"], answer["record_id"], answer["customer_id"]) == (
        "created",
        ticket["id"],
        one["id"],
    )


async def test_a_request_sent_twenty_times_at_once_is_one_ticket_of_one_customer(
    desk: Desk,
) -> None:
    letters = [complaint(customer_external_id="C-10023") for _ in range(20)]
    await asyncio.gather(*(hear(desk, letter) for letter in letters))
    assert await counted(desk) == (1, 1)
    results = sorted(a["result"] for a in await answers(desk))
    assert results == ["created"] + ["known"] * 19
    assert len({a["record_id"] for a in await answers(desk)}) == 1


async def test_twenty_versions_at_once_end_with_the_newest(desk: Desk) -> None:
    warm = [customer(external_id=f"W-{number}") for number in range(20)]
    await asyncio.gather(*(hear(desk, letter) for letter in warm))  # opens every connection
    hours = [hour for pair in zip(range(10), range(19, 9, -1), strict=True) for hour in pair]
    letters = [customer(hour, name=f"王芳{hour}") for hour in hours]
    await asyncio.gather(*(hear(desk, letter) for letter in letters))
    assert [one["name"] for one in await known(desk) if one["name"]] == ["王芳19"]
    assert len(await answers(desk)) == 40


@pytest.mark.parametrize(
    ("letter", "reason", "field"),
    [
        (customer(phone="123"), "invalid_phone", "phone"),
        (customer(email="wang@"), "invalid_email", "email"),
        (customer(wechat_openid="o 1"), "invalid_openid", "wechat_openid"),
        (customer(grade="VIP"), "unknown_grade", "grade"),
        (customer(language="fr"), "unknown_language", "language"),
        (complaint(kind="claim"), "unknown_kind", "kind"),
        (complaint(kind="recovery"), "unknown_kind", "kind"),
        (complaint(channel="fax"), "unknown_channel", "channel"),
        (complaint(priority="urgent"), "unknown_priority", "priority"),
        (complaint(category="Billing"), "unknown_category", "category"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
async def test_a_record_that_cannot_be_taken_is_refused_whole_and_taken_when_it_is_mended(
    desk: Desk, letter: CrmLetter, reason: str, field: str
) -> None:
    good = complaint("CASE-1")
    await hear(desk, letter, good)
    (refused,) = await answers(desk, letter)
    assert (refused["reason"], refused["field"]) == (reason, field)
    assert (await answers(desk, good))[0]["result"] == "created"
    assert await counted(desk) == (0, 1)

    mended = letter.model_copy(update={field: MENDED.get(field)})
    await hear(desk, mended)
    await hear(desk, mended)
    assert [a["result"] for a in (await answers(desk, letter))[1:]] in (
        ["created", "unchanged"],
        ["created", "known"],
    )


MENDED: Final = {"kind": "repair", "channel": "web"}


async def test_an_erased_customer_is_not_brought_back(desk: Desk) -> None:
    await hear(desk, customer(name="王芳"))
    (one,) = await known(desk)
    async with desk.database.transaction() as session:
        await remember_erased(session, UUID(one["id"]), request_id=new_id(), now=utcnow())
    letters = (
        customer(5, name="王芳", phone="13800138642"),
        complaint(customer_external_id="C-10023"),
    )
    await hear(desk, *letters)
    assert {a["reason"] for letter in letters for a in await answers(desk, letter)} == {
        "customer_erased"
    }
    assert await counted(desk) == (1, 0)


async def test_no_word_of_a_partners_customer_stands_anywhere_in_clear_text(desk: Desk) -> None:
    await hear(
        desk,
        customer(
            name="陈静宜", phone="13800138642", wechat_openid=OPENID, external_id="13800138642"
        ),
        complaint(customer_external_id="13800138642"),
    )
    leaks = []
    async with desk.database.transaction() as session:
        tables = await session.scalars(
            text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        )
        for table in tables.all():
            rows = await session.scalars(
                text(f"SELECT t::text FROM {table} t")  # noqa: S608 - a name from the catalogue
            )
            whole = json.dumps(rows.all(), ensure_ascii=False)
            for secret in ("陈静宜", "13800138642", OPENID):
                hidden = secret in whole or secret.encode().hex() in whole
                leaks += [(table, secret)] if hidden else []
    assert leaks == []


TICKETS: Final = "/api/v1/intake/tickets"
CUSTOMERS: Final = "/api/v1/intake/customers"
CASE: Final = {
    "external_id": "CASE-5521",
    "customer_external_id": "C-10023",
    "kind": "complaint",
    "channel": "wechat",
    "category": "billing",
    "subject": "账单多收了一个月",
    "description": "九月的账单重复。",
}
WANG: Final = {"external_id": "C-10023", "occurred_at": "2026-11-23T08:00:00Z", "name": "王芳"}


async def test_a_partners_program_brings_a_request_once_and_sees_how_far_it_is(
    desk: Desk,
) -> None:
    partner = desk.people.partner(*Scope)
    answers = await asyncio.gather(*(partner.post(TICKETS, CASE) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    (number,) = {answer.json()["number"] for answer in answers}
    brought = await partner.post(CUSTOMERS, WANG)
    assert (brought.status_code, brought.json()["result"]) == (200, "updated")
    assert await counted(desk) == (1, 1)
    (one,) = await known(desk)
    assert one["name"] == "王芳"

    ticket_id = answers[0].json()["id"]
    path = f"/api/v1/tickets/{ticket_id}"
    seen = (await desk.agent.get(path)).json()
    assert (seen["source"], seen["customer_id"]) == (f"partner-{partner.id}", one["id"])
    body = {"reason": "solved", "solution": "已退款。"}
    assert (await desk.agent.post(f"{path}/resolve", body)).status_code == 200
    found = await partner.get(TICKETS, params={"external_id": "CASE-5521"})
    assert (found.json()["number"], found.json()["state"]) == (number, "resolved")


async def test_what_one_partner_brought_is_nothing_to_another(desk: Desk) -> None:
    partner, other = desk.people.partner(*Scope), desk.people.partner(*Scope)
    mine, theirs = [await one.post(TICKETS, CASE) for one in (partner, other)]
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]
    stranger = desk.people.partner(*Scope)
    asked = await stranger.get(TICKETS, params={"external_id": "CASE-5521"})
    assert (asked.status_code, asked.json()["code"]) == (404, "ticket_not_found")
    assert len(await known(desk)) == 2


async def test_a_scope_opens_its_own_door_only(desk: Desk) -> None:
    tickets_only, customers_only = (
        desk.people.partner(scope) for scope in (Scope.TICKETS_WRITE, Scope.CUSTOMERS_WRITE)
    )
    nothing = desk.people.partner()
    assert (await tickets_only.post(TICKETS, CASE)).status_code == 201
    assert (await customers_only.post(CUSTOMERS, WANG)).status_code == 200
    for person, path, body in (
        (tickets_only, CUSTOMERS, WANG),
        (customers_only, TICKETS, CASE),
        (nothing, TICKETS, CASE),
        (nothing, CUSTOMERS, WANG),
        (desk.agent, TICKETS, CASE),
        (desk.supervisor, CUSTOMERS, WANG),
    ):
        assert (await person.post(path, body)).status_code == 403


@pytest.mark.parametrize(
    ("path", "wrong", "code"),
    [
        (TICKETS, {"kind": "recovery"}, "unknown_kind"),
        (TICKETS, {"kind": "claim"}, "invalid_request"),
        (TICKETS, {"category": "Billing"}, "unknown_category"),
        (TICKETS, {"external_id": "a\u0000b"}, "invalid_request"),
        (TICKETS, {"customer_id": "0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f"}, "invalid_request"),
        (CUSTOMERS, {"phone": "123"}, "invalid_phone"),
        (CUSTOMERS, {"occurred_at": "2026-11-23T08:00:00"}, "invalid_request"),
    ],
)
async def test_what_a_program_brings_wrongly_changes_nothing(
    desk: Desk, path: str, wrong: dict[str, str], code: str
) -> None:
    partner = desk.people.partner(*Scope)
    refused = await partner.post(path, (CASE if path == TICKETS else WANG) | wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert await counted(desk) == (0, 0)
    assert (await partner.post(path, CASE if path == TICKETS else WANG)).is_success
