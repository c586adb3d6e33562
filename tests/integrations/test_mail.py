"""Notices by mail, with a real mail server: one that takes, one that refuses, one that hangs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.integrations.contacts.queries import Contact
from services.integrations.notifications.carriers import CarriageError, Smtp
from services.integrations.notifications.queries import claim_due
from services.integrations.notifications.sweeps import LANES
from services.integrations.notifications.wording import Wording
from shared.clock import utcnow
from shared.ids import new_id
from shared.sweeps import run_sweep
from tests.integrations.conftest import Edge, Edges
from tests.integrations.letters import contact, hear, request
from tests.support.mail_server import MailServer, mail_server
from tests.support.patience import until
from tests.support.people import VAULT


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


async def asked(edge: Edge, *, email: str | None = "wang@example.com") -> None:
    customer_id = new_id()
    await hear(edge, contact(customer_id, email=email), request(customer_id))


async def states(edge: Edge) -> list[tuple[str, str | None]]:
    return [(notice.state, notice.reason) for notice in await edge.notices()]


async def test_a_customer_gets_one_mail_that_he_can_read(edges: Edges, mails: MailServer) -> None:
    edge = await edges(smtp_url=mails.url, development=False)
    await asked(edge)
    await edge.sweep()
    assert await edge.sweep() == 0

    (mail,) = mails.taken
    (notice,) = await edge.notices()
    assert mail["To"] == "wang@example.com"
    assert mail["From"] == "客户服务中心 <care@gas.example>"
    assert mail["Message-ID"] == f"<{notice.id}@gas.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "https://care.example/s/Zk3PqW8vTn5LrXy2Bd7HcA" in mail.get_content()
    assert "王芳，您好" in mail.get_content()
    ((kind, data),) = await edge.said()
    assert (kind, data["channel"]) == ("notification.delivered", "email")


async def test_a_customer_without_mail_is_told_to_be_out_of_reach(
    edges: Edges, mails: MailServer
) -> None:
    edge = await edges(smtp_url=mails.url, development=False)
    await asked(edge, email=None)
    await edge.sweep()
    assert await states(edge) == [("failed", "no_reachable_channel")]
    assert mails.taken == []


async def test_a_busy_mail_server_is_asked_again_later_and_not_at_once(
    edges: Edges, mails: MailServer
) -> None:
    edge = await edges(smtp_url=mails.url, development=False)
    mails.refusals = ["451 try again later", "421 closing"]
    await asked(edge)
    now = utcnow()
    assert await edge.sweep(now) == 1
    assert await states(edge) == [("pending", "mail_refused")]
    assert await edge.sweep(now + timedelta(seconds=14)) == 0
    assert await edge.sweep(now + timedelta(seconds=16)) == 1
    assert await edge.sweep(now + timedelta(seconds=70)) == 0
    assert await edge.sweep(now + timedelta(seconds=80)) == 1
    assert await states(edge) == [("delivered", None)]
    assert len(mails.taken) == 1
    assert [kind for kind, _ in await edge.said()] == ["notification.delivered"]


async def test_a_mail_that_is_never_taken_fails_after_six_attempts(
    edges: Edges, mails: MailServer
) -> None:
    edge = await edges(smtp_url=mails.url, development=False)
    mails.refusals = ["451 no"] * 10
    await asked(edge)
    now, tried = utcnow(), 0
    for _ in range(10):
        tried += await edge.sweep(now)
        now += timedelta(hours=1, seconds=1)
    assert tried == 6
    assert await states(edge) == [("failed", "mail_refused")]
    assert [kind for kind, _ in await edge.said()] == ["notification.failed"]


async def test_a_refused_address_is_not_tried_again(edges: Edges, mails: MailServer) -> None:
    edge = await edges(smtp_url=mails.url, development=False)
    mails.refused_addresses = {"wang@example.com"}
    await asked(edge)
    await asked(edge, email="li@example.com")
    await edge.sweep()
    assert await edge.sweep(utcnow() + timedelta(hours=2)) == 0
    assert sorted(await states(edge), key=str) == [
        ("delivered", None),
        ("failed", "address_refused"),
    ]


async def test_mails_that_hang_hold_up_no_other(edges: Edges, mails: MailServer) -> None:
    edge = await edges(smtp_url=mails.url, development=False)
    mails.held = {f"slow{n}@example.com": asyncio.Event() for n in range(LANES - 1)}
    for address in (*mails.held, *(f"quick{n}@example.com" for n in range(10))):
        await asked(edge, email=address)

    async def delivered() -> int:
        return [state for state, _reason in await states(edge)].count("delivered")

    async def all_but_those_that_hang() -> bool:
        return await delivered() == 10

    async def everything() -> bool:
        return await delivered() == 10 + LANES - 1

    lanes = [one for one in edge.service.sweeps if one.name.startswith("notices_")]
    tasks = [asyncio.create_task(run_sweep(lane, edge.database, utcnow)) for lane in lanes]
    try:
        await until(all_but_those_that_hang)
        for held in mails.held.values():
            held.set()
        await until(everything)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    assert len({mail["To"] for mail in mails.taken}) == len(mails.taken) == 10 + LANES - 1


async def test_a_worker_that_died_after_sending_sends_the_same_message_id(
    edges: Edges, mails: MailServer
) -> None:
    edge = await edges(smtp_url=mails.url, development=False)
    await asked(edge)
    now = utcnow()
    async with edge.database.transaction() as session:  # a worker claims, sends, and is killed
        (claimed,) = await claim_due(session, VAULT, now=now, lease=timedelta(minutes=10), limit=1)
    assert await edge.sweep(now + timedelta(minutes=9)) == 0
    assert await edge.sweep(now + timedelta(minutes=11)) == 1
    assert mails.taken[0]["Message-ID"] == f"<{claimed.id}@gas.example>"
    assert await states(edge) == [("delivered", None)]


async def test_nothing_listens_and_nobody_answers() -> None:
    loop = asyncio.get_running_loop()
    silent = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
    gone = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (silent, gone)]
    gone.close()
    async with silent:
        for port in ports:
            carrier = Smtp(
                f"smtp://127.0.0.1:{port}", "a@b.example", {"zh": "x"}, timeout_seconds=0.3
            )
            with pytest.raises(CarriageError) as refusal:
                await carrier.carry(new_id(), _contact(), Wording("主题", "正文", "zh"))
            assert (refusal.value.reason, refusal.value.again) == ("mail_unreachable", True)


async def test_an_address_with_a_line_break_writes_no_header(mails: MailServer) -> None:
    carrier = Smtp(mails.url, "a@b.example", {"zh": "x"})
    with pytest.raises(CarriageError) as refusal:
        await carrier.carry(
            new_id(), _contact("a@b.c\r\nBcc: all@b.c"), Wording("主题", "正文", "zh")
        )
    assert (refusal.value.reason, refusal.value.again) == ("address_refused", False)
    assert mails.taken == []


async def test_without_a_mail_server_notices_wait_until_they_are_worthless(edges: Edges) -> None:
    edge = await edges(development=False)
    await asked(edge)
    await edge.sweep()
    assert await states(edge) == [("pending", "no_channel_set_up")]


def _contact(address: str = "wang@example.com") -> Contact:

    return Contact("王芳", "zh", address, None)
