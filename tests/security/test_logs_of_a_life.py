"""A whole life goes through the system with its log wide open, and nobody is found in it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from sqlalchemy import text

from shared.ids import new_id
from standalone.compose import NAMES
from tests.flows.recovery import Team, answers, led_team, survey_link
from tests.support.company import Caller, found_company, somebody
from tests.support.partner import partner
from tests.support.patience import becomes
from tests.support.system import Running, standalone

SETTINGS: Final = {"CARELOOP_LOG_LEVEL": "DEBUG", "CARELOOP_EGRESS_ALLOW": "127.0.0.1"}

PERSON: Final = {
    "name": "慕容雪见",
    "email": "xuejian@example.com",
    "phone": "13912345678",
    "wechat_openid": "oQx7-3nJkLmPqRsTuVwXyZ12345",
}
WORDS: Final = {
    "complaint": "阀门一直滴水没人管",
    "reply": "师傅明早八点登门",
    "solution": "换了新的铜质球阀",
    "comment": "等了整整四天才来",
    "unforeseen": "写不进数据库的抱怨",
    "refused": "多出来的字段里的话",
}
PASSWORDS: Final = {"account": "seven grey herons wade", "guess": "seven grey herons fly"}
STRANGE: Final = {
    "token that nobody signed": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJib3NzIn0.bm9ib2R5",
    "link that nobody sent": "Qm7xV2nT9kLpR4sW8yZ3bC",
    "address that is refused": "murong@example.com",
}
NEVER: Final = "ALTER TABLE tickets ADD CONSTRAINT never CHECK (kind <> 'repair') NOT VALID"
LEFT: Final = """
    INSERT INTO pending_message (queue, message_id, type, sender, exchange, key, body)
    VALUES ('surveys.events', :id, 'ticket.closed.v1', 'tickets', 'events', 'ticket.closed.v1',
        :body)
"""

OPEN: Final = {"request", "unforeseen_error", "message_put_aside", "notice_not_sent"}
"""What the log must tell of, or nothing that was done here could have shown."""


@pytest.mark.timeout(600)  # alone 40 s: all of the system in one process, and all that it can do
async def test_a_whole_life_is_in_no_line_of_the_log(tmp_path: Path) -> None:
    async with standalone(None, tmp_path, SETTINGS) as running, partner() as crm:
        team = await led_team(await found_company(running))
        secrets = await lived(team, crm.url("/careloop"))
        await signed_in(team, secrets["client secret"])
        await refused(running, secrets["survey link"])
        await unreached(team)
        await failed(team)
        log = running.processes["run"].log
    assert_it_is_wide_open(log)
    keys = dict(keys_below(tmp_path / ".data/secrets"))
    assert len(keys) > 2 * len(NAMES)  # of its data and of its letters
    secrets |= keys | PERSON | WORDS | PASSWORDS | STRANGE
    whole = log.replace("\\\\", "\\")  # a line is JSON, and doubles what a value escapes
    found = [name for name, secret in secrets.items() if any(s in whole for s in written(secret))]
    assert found == []


async def lived(team: Team, url: str) -> dict[str, str]:
    """Play a complaint to its recovery, heard by a partner; return the secrets that were made."""
    company, agent = team.company, team.company.agent
    admin = await somebody(company.running, "admin")
    hook = await admin.does("/webhooks", {"url": url, "event_types": ["*"]})
    turned = await admin.does(f"/webhooks/{hook['id']}/rotate-secret", {})
    crm = await admin.does("/partners", {"name": "客户系统", "scopes": ["tickets:write"]})
    added = await agent.does("/customers", PERSON)
    await agent.get("/customers", phone=PERSON["phone"])
    await agent.does(f"/customers/{added['id']}/reveal", {"reason": "call_customer"})
    customer = await somebody(company.running, "customer", added["id"])
    ticket = await team.let_down(customer, WORDS["complaint"])
    link = await survey_link(company, "xuejian", 1)
    await company.running.client.get(f"/s/{link}")
    low = {"result": 1, "solved": False, "recommend": 2, "comment": WORDS["comment"]}
    await answers(company, link, low)
    recovery = f"/tickets/{(await team.case_of(ticket))['handling_ticket_id']}"
    await team.supervisor.does(f"{recovery}/replies", {"body": WORDS["reply"]})
    solution = {"reason": "solved", "solution": WORDS["solution"]}
    await agent.does(f"{recovery}/resolve", solution)

    async def heard_by_the_partner() -> bool:
        return len((await admin.get("/webhook-deliveries", state="delivered"))["data"]) > 5

    await becomes(heard_by_the_partner, expected=True)
    return {
        "token of the admin": str(admin.token),
        "token of the agent": str(agent.token),
        "token of the customer": str(customer.token),
        "webhook secret": hook["secret"],
        "next webhook secret": turned["secret"],
        "client secret": crm["client_secret"],
        "survey link": link,
    }


async def signed_in(team: Team, client_secret: str) -> None:
    """Sign in by password, at the API and on the page, and as a program; rightly and wrongly."""
    client, admin = team.company.running.client, await somebody(team.company.running, "admin")
    account = {"username": "chief", "password": PASSWORDS["account"]}
    await admin.does("/accounts", account | {"staff_id": team.supervisor.id})
    (crm,) = (await admin.get("/partners"))["data"]
    program = {"client_id": crm["id"], "client_secret": client_secret}
    guess = {"password": PASSWORDS["guess"], "client_secret": PASSWORDS["guess"]}
    statuses = []
    for wrong in ({}, guess):
        for grant, given in (("password", account), ("client_credentials", program)):
            form = {"grant_type": grant} | given | wrong
            statuses.append((await client.post("/api/v1/auth/token", data=form)).status_code)
        statuses.append((await client.post("/sign-in", data=account | wrong)).status_code)
    assert statuses == [200, 200, 303, 400, 401, 400]


async def refused(running: Running, link: str) -> None:
    """Ask for what is refused, with words and secrets in every place of a request."""
    client, customer = running.client, await somebody(running, "customer")
    stranger = Caller("", client, STRANGE["token that nobody signed"])
    body = {"kind": "complaint", "subject": "x", "description": "x", "more": WORDS["refused"]}
    nowhere = f"/s/{STRANGE['link that nobody sent']}"
    refusals = [
        await stranger.post("/my/tickets", body),
        await customer.post("/my/tickets", body),
        await customer.post("/my/tickets", PERSON | {"kind": WORDS["refused"]}),
        await client.post("/api/v1/my/tickets", content=f'{{"{WORDS["refused"]}'.encode()),
        await client.post(f"/api/v1/public/surveys/{link}", json={"answers": WORDS}),
        await client.get("/api/v1/customers", params=PERSON | STRANGE),
        await client.get(nowhere),
        await client.get(f"{nowhere}/{PERSON['phone']}"),
    ]
    assert [one.status_code for one in refusals] == [401, 422, 422, 401, 409, 401, 404, 404]


async def unreached(team: Team) -> None:
    """Let the mail server refuse an address."""
    running, address = team.company.running, STRANGE["address that is refused"]
    running.mails.refused_addresses = {address}
    customer = await team.company.customer(PERSON["name"], address)
    await customer.does(
        "/my/tickets",
        {"kind": "complaint", "subject": "x", "description": WORDS["complaint"]},
    )

    async def told() -> bool:
        return "notice_not_sent" in running.processes["run"].log

    await becomes(told, expected=True)


async def failed(team: Team) -> None:
    """Let a database refuse a row, and a message be one that nobody can read."""
    company = team.company
    await execute(company.running, "tickets", NEVER)
    body = {"kind": "repair", "subject": WORDS["unforeseen"], "description": WORDS["unforeseen"]}
    broken = await (await somebody(company.running, "customer")).post("/my/tickets", body)
    assert broken.status_code == 500
    unreadable = json.dumps(PERSON | WORDS, ensure_ascii=False).encode()
    await execute(company.running, "surveys", LEFT, id=new_id(), body=unreadable)

    async def put_aside() -> int:
        return len((await company.operator.get("/surveys/dead-letters"))["data"])

    await becomes(put_aside, 1)


async def execute(running: Running, service: str, statement: str, **values: Any) -> None:
    async with running.databases[service].transaction() as session:
        await session.execute(text(statement), values)


def assert_it_is_wide_open(log: str) -> None:
    """See that the log tells of all that must not show who it was about."""
    entries = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {one["event"] for one in entries} >= OPEN
    routes = {one.get("route") for one in entries}
    assert routes >= {"/api/v1/public/surveys/{token}", "/api/v1/my/tickets", "/sign-in"}
    stacks = [one["exception"] for one in entries if one["event"] == "unforeseen_error"]
    assert any('check constraint "never"' in stack for stack in stacks)


def written(secret: str) -> set[str]:
    """Return a text as it may stand in a log: plain, in JSON, in an address, as its bytes."""
    return {secret, json.dumps(secret)[1:-1], quote(secret), repr(secret.encode())[2:-1]}


def keys_below(folder: Path) -> Iterator[tuple[str, str]]:
    """Give every key of an installation by its place."""
    files = sorted(folder.rglob("*.json"))
    assert [file.name for file in files] == ["keys.json", "signing.json"]
    for file in files:
        yield from _long_texts(file.name, json.loads(file.read_text()))


def _long_texts(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in named:
            yield from _long_texts(f"{place}/{name}", inner)
    elif isinstance(value, str) and len(value) > len("2026-11-27T12:00:00.000000Z"):
        yield place, value
