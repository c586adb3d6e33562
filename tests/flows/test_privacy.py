"""A customer is shown what we know of him, and then forgotten: everywhere, for good."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select

from services.reporting.log.tables import event_log
from shared.bus.local_tables import pending_messages
from shared.clock import utcnow
from shared.contracts.integrations import NotificationRequest
from shared.contracts.surveys import CommentGiven
from shared.contracts.tickets import CustomerContactChanged
from shared.crypto.vault import KEYS_FILE, read_vault
from shared.inbox.tables import inbox
from shared.messages.contract import Contract
from shared.outbox.emit import Saying, send
from shared.outbox.tables import outbox
from tests.flows.conftest import Edition
from tests.flows.recovery import Team, answers, led_team, survey_link
from tests.flows.test_e1 import unpublished
from tests.support.company import Caller, Company, found_company, somebody
from tests.support.patience import becomes, sooner_or_later
from tests.support.remains import remains

NAME, PHONE, MAIL, OPENID = "欧阳慕雪", "13877665544", "muxue@example.com", "oXyZ-7seed_openid-88"
NEEDLES = (NAME, PHONE, "138****5544", MAIL, OPENID)
WORDS = f"我是{NAME}，电话 {PHONE}，微信 {OPENID}，邮箱 {MAIL}"

METRICS = (
    "csat_score",
    "nps",
    "complaint_satisfaction_rate",
    "survey_response_rate",
    "complaint_count",
    "first_response_time",
    "resolution_time",
    "reopen_rate",
    "srr",
    "cpr",
)


COMPARED = ("value", "n", "interval", "hits", "median", "p90", "open_n")


@dataclass(frozen=True)
class Desk:
    """A team, one customer of it with a long history, and where the keys lie."""

    team: Team
    customer: Caller
    ticket: Any
    secrets: Path

    @property
    def manager(self) -> Caller:
        return self.team.company.manager

    async def figures(self) -> dict[str, Any]:
        """Return the team's figures; customers who come meanwhile have no team."""
        shown = {}
        for metric in METRICS:
            found = await self.manager.get("/figures", metric=metric, org_unit_id=self.team.id)
            shown[metric] = {name: found["figure"][name] for name in COMPARED}
        return shown

    async def left(self) -> set[tuple[str, str]]:
        return await remains(self.team.company.running, self.secrets, NEEDLES)


@pytest.fixture
async def desk(edition: Edition, tmp_path: Path) -> AsyncIterator[Desk]:
    """Run an edition in which one customer has left his name in every place that there is."""
    async with edition(tmp_path, {}) as running:
        team = await led_team(await found_company(running))
        secrets = tmp_path / "secrets"
        customer, ticket = await known_everywhere(team)
        yield Desk(
            team, customer, ticket, secrets if secrets.exists() else tmp_path / ".data/secrets"
        )


async def known_everywhere(team: Team) -> tuple[Caller, Any]:
    """Let one customer say who he is, and us write it down, wherever words can be written."""
    agent, company = team.company.agent, team.company
    body = {"name": NAME, "phone": PHONE, "email": MAIL, "wechat_openid": OPENID}
    added = await agent.does("/customers", body)
    customer = await somebody(company.running, "customer", added["id"])
    ticket = await customer.does(
        "/my/tickets", {"kind": "complaint", "subject": WORDS, "description": WORDS}
    )
    path = f"/tickets/{ticket['id']}"
    await team.supervisor.does(f"{path}/assign", {"org_unit_id": team.id})
    await customer.does(f"/my{path}/messages", {"body": WORDS})
    await agent.does(f"{path}/replies", {"body": WORDS})
    await agent.does(f"{path}/notes", {"body": WORDS})
    await agent.does(f"{path}/resolve", {"reason": "solved", "solution": WORDS})
    await customer.does(f"/my{path}/confirm")
    token = await survey_link(company, "muxue", 1)
    low = {"result": 1, "solved": False, "recommend": 2, "comment": WORDS}
    await answers(company, token, low)
    anybody = Caller("", company.running.client, None)
    await anybody.does(f"/public/surveys/{token}/callback", {"time": "evening"})
    case = await team.case_of(ticket)
    contact = {"means": "phone", "reached": True, "note": WORDS}
    await team.supervisor.does(f"/loop-cases/{case['id']}/contacts", contact)
    await feedback_about(team, customer)
    await agent.does(f"/customers/{customer.id}/reveal", {"reason": "call_customer"})
    return customer, ticket


async def feedback_about(team: Team, customer: Caller) -> None:
    """Take down what he said at a counter, amend it, answer it, and note what it is about."""
    said = {"source": "store_visit", "kind": "complaint", "channel": "store", "text": WORDS}
    about = {"customer_id": customer.id, "org_unit_id": team.id}
    item = await team.supervisor.does("/feedback", said | about)
    path = f"/feedback/{item['id']}"
    change = {"text": f"{WORDS}。", "reason": WORDS, "version": item["version"]}
    await team.supervisor.does(f"{path}/update", change)
    await team.supervisor.does(f"{path}/replies", {"text": WORDS, "channel": "notice"})
    category = (await team.supervisor.get("/categories"))["data"][0]["id"]
    seen_as = {"category_id": category, "sentiment": "negative"}
    await team.supervisor.does(f"{path}/classify", seen_as)
    await team.supervisor.does(f"{path}/analyze", {"note": WORDS})


async def asked(desk: Desk, kind: str) -> Any:
    """Ask about the customer's data, and return the request when every service has answered."""
    body = {"type": kind, "customer_id": desk.customer.id, "reason": "customer_asked"}
    request = await desk.manager.does("/privacy/requests", body)

    async def completed() -> Any:
        shown = await desk.manager.get(f"/privacy/requests/{request['id']}")
        return shown if shown["state"] == "completed" else None

    return await sooner_or_later(completed)


@pytest.mark.timeout(400)  # a broker and ten processes start, and everything is read three times
async def test_who_is_erased_is_found_nowhere_and_no_figure_has_moved(desk: Desk) -> None:
    await settled(desk)
    before = await desk.figures()
    assert before["complaint_count"]["value"] == 1
    assert {needle for _, needle in await desk.left()} == set(NEEDLES)
    export = await asked(desk, "access")
    known = str(await desk.manager.get(f"/privacy/requests/{export['id']}/export"))
    assert {needle for needle in NEEDLES if needle in known} >= {NAME, PHONE, MAIL, OPENID}

    async with traffic(desk) as answered:
        erased = await asked(desk, "erase")
    assert {answer["service"] for answer in erased["answers"] if answer["answered_at"]} == {
        *desk.team.company.running.databases
    }
    assert answered == {201, 409}
    await late_letters(desk)
    await settled(desk)
    assert await desk.left() == set()
    assert await desk.figures() == before

    again = await asked(desk, "erase")
    assert again == erased
    await nobody_is_there(desk, export)


@asynccontextmanager
async def traffic(desk: Desk) -> AsyncIterator[set[int]]:
    """Let the customer and the agent go on writing, and others too, while the block runs.

    Gives what was answered to them.
    """
    agent, him, seen, over = desk.team.company.agent, desk.customer, set[int](), asyncio.Event()
    own = await him.does("/my/tickets", {"kind": "consultation", "subject": WORDS, **SAID})
    stranger = await desk.team.company.customer("王芳", "wang@example.com")

    async def again(act: Callable[[], Awaitable[httpx.Response]], *, his: bool) -> None:
        while not over.is_set():
            answer = await act()
            assert answer.status_code in {201, 409}, answer.text
            assert his or answer.status_code == 201
            seen.add(answer.status_code)

    acts = [
        (lambda: him.post("/my/tickets", {"subject": WORDS, **SAID}), True),
        (lambda: him.post(f"/my/tickets/{own['id']}/messages", {"body": WORDS}), True),
        (lambda: agent.post(f"/tickets/{own['id']}/replies", {"body": WORDS}), True),
        (lambda: stranger.post("/my/tickets", {"subject": "漏水", "description": "漏"}), False),
    ]
    async with asyncio.TaskGroup() as group:
        for act, his in acts:
            group.create_task(again(act, his=his))
        yield seen
        over.set()


SAID = {"description": WORDS}


async def late_letters(desk: Desk) -> None:
    """Let letters come that were on their way, and see them handled."""
    customer_id = UUID(desk.customer.id)
    contact = CustomerContactChanged(
        customer_id=customer_id, name=NAME, language="zh", email=MAIL, phone=PHONE
    )
    notice = NotificationRequest(
        notification_id=uuid4(),
        customer_id=customer_id,
        template="ticket_replied",
        parameters={"number": "C1", "subject": WORDS, "reply": WORDS},
        reference_kind="ticket",
        reference_id=uuid4(),
        expires_at=utcnow().replace(year=2100),
    )
    comment = CommentGiven(
        response_id=uuid4(),
        ticket_id=uuid4(),
        cycle_no=1,
        customer_id=customer_id,
        kind="complaint",
        channel="phone",
        category_id=None,
        org_unit_id=None,
        org_path=(),
        language="zh",
        satisfaction=1,
        nps=1,
        low=True,
        comments={"comment": WORDS},
        completed_at=utcnow(),
    )
    for sender, recipient, letter in (
        ("tickets", "integrations", contact),
        ("tickets", "integrations", notice),
        ("surveys", "feedback", comment),
    ):
        await late(desk, sender, recipient, letter)


async def late(desk: Desk, sender: str, recipient: str, letter: Contract) -> None:
    """Send a letter, and return when its recipient has handled it."""
    databases, subject = desk.team.company.running.databases, uuid4()
    vault = read_vault(desk.secrets / KEYS_FILE, sender, recipients=(recipient,))
    async with databases[sender].transaction() as session:
        await send(session, vault, Saying(letter, subject, 1_000_000, utcnow()))
        message_id = await session.scalar(select(outbox.c.id).where(outbox.c.subject == subject))

    async def handled() -> bool | None:
        wanted = select(func.count()).where(inbox.c.message_id == message_id)
        async with databases[recipient].transaction() as session:
            return bool(await session.scalar(wanted)) or None

    await sooner_or_later(handled)


async def settled(desk: Desk) -> None:
    """Return when everything that was said is heard and counted."""
    company = desk.team.company

    async def open_ends() -> int:
        return await unpublished(company) + await unheard(company)

    await becomes(open_ends, 0)


async def unheard(company: Company) -> int:
    """Count the messages that wait in a table, and the events that are in no figure yet."""
    counts = {"said": 0, "waiting": 0, "counted": 0}
    statements = {
        "said": select(func.count()).where(outbox.c.recipient.is_(None)),
        "waiting": select(func.count()).select_from(pending_messages),
    }
    for database in company.running.databases.values():
        async with database.transaction() as session:
            for name, statement in statements.items():
                counts[name] += await session.scalar(statement) or 0
    async with company.running.databases["reporting"].transaction() as session:
        folded = select(func.count()).where(event_log.c.position.is_not(None))
        counts["counted"] = await session.scalar(folded) or 0
    return counts["said"] - counts["counted"] + counts["waiting"]


async def nobody_is_there(desk: Desk, export: Any) -> None:
    """See that every door treats the customer as somebody whom nobody knows."""
    agent, path = desk.team.company.agent, f"/customers/{desk.customer.id}"
    shown = await agent.get(path)
    assert (shown["name"], shown["phone"], shown["email"], shown["wechat_openid"]) == (
        "",
        None,
        None,
        None,
    )
    change = await agent.post(f"{path}/update", {"name": NAME, "version": shown["version"]})
    filed = await desk.customer.post("/my/tickets", {"subject": WORDS, **SAID})
    assert {change.json()["code"], filed.json()["code"]} == {"customer_erased"}
    url = f"/api/v1/privacy/requests/{export['id']}/export"
    head = {"Authorization": f"Bearer {desk.manager.token}"}
    read = await desk.team.company.running.client.get(url, headers=head)
    assert (read.status_code, read.json()["code"]) == (409, "customer_erased")
    refused = await agent.post("/privacy/requests", {"type": "erase", "customer_id": str(uuid4())})
    assert refused.status_code == 403
