"""The tools of the tests keep what they promise to the tests."""

from pathlib import Path

import aio_pika
import asyncpg
import pytest
from pamqp.common import FieldTable
from playwright.async_api import Browser
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.service import Service
from tests.support.browser import PHONE_WIDTH, phone
from tests.support.databases import Databases, Server
from tests.support.rabbitmq import remove_node, start_node


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(name="sample", migrations=tmp_path)


async def test_two_databases_of_one_service_are_migrated_and_apart(
    databases_on_each: Databases, service: Service
) -> None:
    first = await databases_on_each.open(service)
    second = await databases_on_each.open(service)
    async with first.transaction() as session:
        await session.execute(text("CREATE TABLE only_here (id int)"))
        migrated = await session.scalar(text("SELECT count(*) FROM ground_version"))
    async with second.transaction() as session:
        found = await session.scalar(text("SELECT to_regclass('only_here')"))
    assert (migrated, found) == (1, None)


async def test_databases_are_gone_when_their_test_ends(server15: Server) -> None:
    databases = Databases(server15)
    database = databases.connect(await databases.empty())
    async with database.transaction() as session:
        version = await session.scalar(text("SHOW server_version_num"))
    assert int(str(version)) // 10_000 == 15
    await databases.close()
    with pytest.raises((DBAPIError, asyncpg.PostgresError)):
        async with database.transaction():
            pass


@pytest.mark.rabbit
@pytest.mark.crash
async def test_a_killed_broker_comes_back_with_what_it_confirmed(rabbit_programs: Path) -> None:
    node = await start_node(rabbit_programs)
    try:
        connection = await aio_pika.connect(node.url)
        channel = await connection.channel()
        kind: FieldTable = {"x-queue-type": "quorum"}
        await channel.declare_queue("kept", durable=True, arguments=kind)
        await channel.default_exchange.publish(aio_pika.Message(b"told"), "kept")
        await node.kill()
        assert not await node.answers()
        await node.start()
        connection = await aio_pika.connect(node.url)
        channel = await connection.channel()
        queue = await channel.declare_queue("kept", durable=True, arguments=kind)
        kept = await queue.get(timeout=10)
        assert kept is not None
        assert kept.body == b"told"
        await connection.close()
    finally:
        await remove_node(node)
    assert not node.folder.exists()


@pytest.mark.browser
async def test_the_browser_draws_chinese_with_a_chinese_font(browser: Browser) -> None:
    async with phone(browser) as context:
        page = await context.new_page()
        await page.set_content(
            "<meta name=viewport content='width=device-width'><p>您的投诉已受理</p>"
        )
        assert await page.evaluate("document.documentElement.clientWidth") == PHONE_WIDTH
        tools = await context.new_cdp_session(page)
        await tools.send("DOM.enable")
        await tools.send("CSS.enable")
        root = await tools.send("DOM.getDocument")
        node = await tools.send(
            "DOM.querySelector", {"nodeId": root["root"]["nodeId"], "selector": "p"}
        )
        used = await tools.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})
        assert sum(font["glyphCount"] for font in used["fonts"]) == len("您的投诉已受理")
