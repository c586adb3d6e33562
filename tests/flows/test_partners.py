"""E14: a CRM pushes with valid, wrong and replayed signatures; what it brought is its team's."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook

from tests.flows.recovery import Team, led_team
from tests.support.company import Caller, Company, somebody
from tests.support.patience import becomes


def mapping(levels: dict[str, str], categories: dict[str, str]) -> dict[str, Any]:
    """Return the CRM's mapping, by the words of its that are known."""
    customer = {
        "external_id": {"path": "/data/id"},
        "occurred_at": {"path": "/at"},
        "name": {"path": "/data/name"},
        "phone": {"path": "/data/mobile"},
        "grade": {"path": "/data/level", "values": levels},
    }
    case = {
        "external_id": {"path": "/data/no"},
        "customer_external_id": {"path": "/data/contact"},
        "category": {"path": "/data/about", "values": categories},
        "subject": {"path": "/data/title"},
        "description": {"path": "/data/text"},
    }
    return {
        "kind": "/type",
        "customers": [{"values": ["contact.updated"], "fields": customer}],
        "complaints": [{"values": ["case.opened"], "fields": case}],
    }


def contact(hour: int, **data: Any) -> dict[str, Any]:
    """Return a customer as the CRM had him at an hour."""
    return {
        "type": "contact.updated",
        "at": f"2026-11-23T{hour:02}:00:00Z",
        "data": {"id": 10023, "mobile": "13800138642"} | data,
    }


async def pushed(
    company: Company, secret: str, body: dict[str, Any], *, id: str | None = None, age: int = 0
) -> httpx.Response:
    """Push as the CRM does: signed by the reference library."""
    message_id, at = id or f"msg_{uuid4().hex}", datetime.now(UTC) - timedelta(seconds=age)
    content = json.dumps(body, ensure_ascii=False)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, content),
    }
    path = "/api/v1/inbound/crm-main"
    return await company.running.client.post(path, content=content, headers=headers)


async def outcomes(admin: Caller) -> list[tuple[str, str | None]]:
    """Return what became of the deliveries, oldest first."""
    found = (await admin.get("/inbound-deliveries"))["data"]
    return [(one["state"], one["result"] or one["reason"]) for one in reversed(found)]


async def customers(company: Company) -> list[tuple[str, str]]:
    """Return name and grade of the customers with the CRM's phone number."""
    found = (await company.agent.get("/customers", phone="13800138642"))["data"]
    return [(one["name"], one["grade"]) for one in found]


@pytest.mark.feature("I-15")
async def test_what_a_crm_pushes_is_taken_once_and_what_does_not_fit_when_it_is_mended(
    company: Company,
) -> None:
    admin = await somebody(company.running, "admin")
    first = mapping({"VIP": "high_value"}, {"bills": "bills"})
    body = {"slug": "crm-main", "name": "客户系统", "scheme": {}, "mapping": first}
    source = await admin.does("/inbound-sources", body)
    secret = source["secret"]

    valid = contact(9, name="王芳", level="VIP")
    answers = [await pushed(company, secret, valid, id="msg_1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 200, 200]
    wrong = await pushed(company, "whsec_" + "A" * 43 + "=", valid)
    old = await pushed(company, secret, valid, age=400)
    assert [(a.status_code, a.json()["code"]) for a in (wrong, old)] == [
        (401, "signature_refused")
    ] * 2
    await becomes(lambda: outcomes(admin), [("taken", "created")])
    assert await customers(company) == [("王芳", "high_value")]

    await pushed(company, secret, contact(8, name="王方", level="VIP"))
    case = {"no": "CASE-5521", "contact": 10023, "title": "多收费", "text": "收了两次"}
    await pushed(company, secret, {"type": "case.opened", "data": case | {"about": "bills"}})
    await pushed(company, secret, contact(10, name="王芳芳", level="GOLD"))
    await becomes(
        lambda: outcomes(admin),
        [
            ("taken", "created"),
            ("taken", "outdated"),
            ("refused", "unknown_category"),
            ("rejected", "value_unknown"),
        ],
    )
    assert (await company.agent.get("/tickets"))["data"] == []

    mended = mapping({"VIP": "high_value", "GOLD": "standard"}, {"bills": "billing"})
    change = {"mapping": mended, "version": 1}
    await admin.does(f"/inbound-sources/{source['id']}/update", change)
    for _ in range(2):
        await admin.does(f"/inbound-sources/{source['id']}/rerun")
    results = ["created", "outdated", "created", "updated"]
    await becomes(lambda: outcomes(admin), [("taken", result) for result in results])
    assert await customers(company) == [("王芳芳", "standard")]
    (ticket,) = (await company.agent.get("/tickets"))["data"]
    whole = await company.agent.get(f"/tickets/{ticket['id']}")
    assert (whole["source"], whole["source_ref"]) == ("crm-main", "CASE-5521")
    assert whole["customer_id"] == (await company.agent.get("/customers"))["data"][0]["id"]
    await nobody_else_sees(await led_team(company), admin, whole)


async def nobody_else_sees(team: Team, admin: Caller, ticket: dict[str, Any]) -> None:
    """See that a team's ticket is its own, and that an address is shown for a reason only."""
    company, path = team.company, f"/tickets/{ticket['id']}"
    await team.supervisor.does(f"{path}/assign", {"org_unit_id": team.id})
    root = (await admin.get("/org-units"))["data"][0]["id"]
    other = await admin.does("/org-units", {"name": "热线三组", "kind": "team", "parent_id": root})
    people = {}
    for role, name in (("agent", "小赵"), ("auditor", "老钱")):
        body = {"name": name, "roles": [role], "org_unit_ids": [other["id"]]}
        hired = await admin.does("/staff", body)
        people[role] = await somebody(company.running, role, hired["id"])
    stranger, auditor = people["agent"], people["auditor"]

    head = {"Authorization": f"Bearer {stranger.token}"}
    refused = await company.running.client.get(f"/api/v1{path}", headers=head)
    assert refused.status_code == 404
    assert (await stranger.post(f"{path}/replies", {"body": "我来"})).status_code == 404
    assert (await stranger.get("/tickets"))["data"] == []
    assert (await company.agent.get(path))["subject"] == "多收费"

    customer = f"/customers/{ticket['customer_id']}"
    assert (await company.agent.get(customer))["phone"] == "+86138****8642"
    shown = await company.agent.does(f"{customer}/reveal", {"reason": "call_customer"})
    assert shown["phone"] == "+8613800138642"
    trail = (await auditor.get("/tickets/audit"))["data"]
    looks = [one["actor_id"] for one in trail if one["action"] == "customer.contacts_read"]
    assert looks == [company.agent.id]


@pytest.mark.parametrize("edition", ["standalone"], indirect=True)
async def test_a_partners_program_does_what_its_token_is_for(company: Company) -> None:
    admin = await somebody(company.running, "admin")
    body = {"name": "电商平台", "scopes": ["tickets:write", "customers:write"]}
    partner = await admin.does("/partners", body)
    credentials = {"client_id": partner["id"], "client_secret": partner["client_secret"]}

    async def program(scope: str) -> Caller:
        fields = {"grant_type": "client_credentials", "scope": scope} | credentials
        answer = await company.running.client.post("/api/v1/auth/token", data=fields)
        assert answer.is_success, answer.text
        return Caller(partner["id"], company.running.client, answer.json()["access_token"])

    tickets, both = await program("tickets:write"), await program("tickets:write customers:write")
    case = {"external_id": "O-1", "kind": "complaint", "channel": "ecommerce"} | {
        "subject": "少发一件",
        "description": "订单里少了一件",
        "customer_external_id": "B-7",
    }
    first, second = [await tickets.post("/intake/tickets", case) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 200)
    customer = {"external_id": "B-7", "occurred_at": "2026-11-23T09:00:00Z", "name": "李雷"}
    refused = await tickets.post("/intake/customers", customer)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (await both.does("/intake/customers", customer))["result"] == "updated"
    assert (await company.agent.get("/customers"))["data"][0]["name"] == "李雷"
    for path in ("/tickets", "/customers", "/partners", "/figures", "/loop-cases"):
        answer = await both.client.get(f"/api/v1{path}", headers=both._headers())
        assert answer.status_code == 403, path
    await admin.does(f"/partners/{partner['id']}/update", {"active": False, "version": 1})
    form = {"grant_type": "client_credentials"} | credentials
    off = await company.running.client.post("/api/v1/auth/token", data=form)
    assert (off.status_code, off.json()["error"]) == (401, "invalid_client")
