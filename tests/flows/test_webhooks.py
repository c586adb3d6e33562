"""E14, the way out: a partner who fails five times gets it by hand, signed, under the same id."""

import json
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.flows.conftest import SETTINGS, Edition
from tests.support.company import Caller, Company, found_company, somebody
from tests.support.partner import partner
from tests.support.patience import becomes

ATTEMPTS = 5
PATIENT_FOR_SECONDS = {
    "CARELOOP_EGRESS_ALLOW": "127.0.0.1",
    "CARELOOP_INTEGRATIONS_WEBHOOK_RETRY_SECONDS": json.dumps([0.1] * (ATTEMPTS - 1)),
    "CARELOOP_INTEGRATIONS_WEBHOOK_TIMEOUT_SECONDS": "5",
}


async def filed(company: Company) -> Any:
    """File a complaint as somebody with words of his own."""
    customer = await company.customer("王芳", "wang@example.com")
    words = {"subject": "表具故障", "description": "已经三天没有人上门"}
    return await customer.does("/my/tickets", {"kind": "complaint", "channel": "wechat"} | words)


async def states(admin: Caller) -> list[tuple[str, int]]:
    """Return how far deliveries are, and after how many attempts."""
    found = (await admin.get("/webhook-deliveries"))["data"]
    return [(one["state"], one["attempts"]) for one in found]


@pytest.mark.feature("I-16")
async def test_what_a_partner_did_not_take_is_kept_and_goes_out_by_hand(
    edition: Edition, tmp_path: Path
) -> None:
    async with (
        edition(tmp_path, SETTINGS | PATIENT_FOR_SECONDS) as running,
        partner() as crm,
    ):
        company = await found_company(running)
        admin = await somebody(running, "admin")
        refused = await admin.post("/webhooks", {"url": "http://10.0.0.1/", "event_types": ["*"]})
        assert (refused.status_code, refused.json()["code"]) == (422, "target_refused")
        body = {"url": crm.url("/careloop"), "event_types": ["ticket.created"]}
        hook = await admin.does("/webhooks", body)

        crm.behave("fails")
        ticket = await filed(company)
        await becomes(lambda: states(admin), [("dead", ATTEMPTS)])
        (dead,) = (await admin.get("/webhook-deliveries", state="dead"))["data"]
        shown = await admin.get(f"/webhook-deliveries/{dead['id']}")
        assert [attempt["status"] for attempt in shown["log"]] == [500] * ATTEMPTS

        crm.behave("takes")
        await admin.does(f"/webhook-deliveries/{dead['id']}/redeliver")
        await becomes(lambda: states(admin), [("delivered", ATTEMPTS + 1)])
        taken = crm.requests[-1]
        said = Webhook(hook["secret"]).verify(taken.body, taken.headers)
        assert (said["type"], said["data"]["ticket_id"]) == ("ticket.created", ticket["id"])
        assert {one.headers["webhook-id"] for one in crm.requests} == {dead["message_id"]}
        assert len({one.body for one in crm.requests}) == 1
        words = taken.body.decode()
        assert not any(word in words for word in ("表具", "三天", "王芳", "wang"))
