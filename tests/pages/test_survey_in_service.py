"""The survey page in a browser, handed out and taken back by the service itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Page, Route
from sqlalchemy import select

from services.surveys.responses.tables import responses
from shared.database import Database
from shared.ids import new_id
from tests.support.browser import phone
from tests.surveys.conftest import Surveys, surveys  # noqa: F401 - a fixture

ORIGIN = "http://careloop.test"


@asynccontextmanager
async def visiting(
    service: Surveys, browser: Browser, address: str, *, script: bool
) -> AsyncIterator[Page]:
    """Open an address of the service on a phone."""
    client = service.people.bearing(new_id(), None).client

    async def answer(route: Route) -> None:
        request = route.request
        parts = urlsplit(request.url)
        language = {"accept-language": "zh-CN"}
        given = await client.request(
            request.method,
            f"{parts.path}?{parts.query}",
            content=request.post_data_buffer,
            headers=language | {"content-type": request.headers.get("content-type", "")},
        )
        await route.fulfill(
            status=given.status_code, body=given.content, headers=kept(given.headers)
        )

    async with phone(browser, javascript=script) as context:
        await context.route("**/*", answer)
        page = await context.new_page()
        await page.goto(ORIGIN + address)
        yield page


def kept(headers: httpx.Headers) -> dict[str, str]:
    """Return the headers that still fit a body that httpx has unpacked."""
    return {
        name: value
        for name, value in headers.items()
        if name not in {"content-encoding", "content-length"}
    }


async def choose(page: Page, **answers: str) -> None:
    for qid, value in answers.items():
        await page.locator(f"label:has([name={qid}][value='{value}'])").click()


async def stored(service: Surveys) -> Any:
    async with service.database.transaction() as session:
        return (await session.execute(select(responses))).one()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_customer_who_was_let_down_says_so_once_and_is_called(
    surveys: Surveys,  # noqa: F811 - the fixture
    browser: Browser,
    *,
    script: bool,
) -> None:
    address = f"/s/{await surveys.invited()}"
    async with visiting(surveys, browser, address, script=script) as page:
        await choose(page, result="2", solved="no", recommend="3")
        await page.fill("#comment", "等了一周 <b>还</b>没修好")
        await page.click("button[type=submit]")
        await page.get_by_role("heading", name="谢谢您告诉我们实情").wait_for()
        await page.check("#callback")
        await choose(page, time="evening")
        await page.click("button[type=submit]")
        await page.get_by_text("您方便的时间：傍晚").wait_for()

    async with visiting(surveys, browser, address, script=script) as page:
        await page.get_by_text("您方便的时间：傍晚").wait_for()
        assert await page.locator("form").count() == 0

    row = await stored(surveys)
    assert (row.answers, row.callback_time) == (
        {"result": 2, "solved": False, "recommend": 3},
        "evening",
    )
    (low,) = await surveys.said("survey.low_score")
    assert low.data["response_id"] == str(row.id)
    (invitation,) = await surveys.rows()
    assert (invitation.opened_at < row.submitted_at) is script


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_while_the_database_is_away_nothing_typed_is_lost(
    surveys: Surveys,  # noqa: F811 - the fixture
    browser: Browser,
    *,
    script: bool,
) -> None:
    address = f"/s/{await surveys.invited()}"
    state = surveys.people.app.state
    away = Database(
        "postgresql+asyncpg://nobody@127.0.0.1:9/none", pool_size=1
    )  # nothing listens there
    async with visiting(surveys, browser, address, script=script) as page:
        await choose(page, result="4", solved="yes")
        await page.fill("#comment", "第一行\n第二行")
        state.database = away
        await page.click("button[type=submit]")
        await page.get_by_role("heading", name="刚才没能存好").wait_for()
        async with visiting(surveys, browser, address, script=script) as other:
            await other.get_by_role("heading", name="页面暂时打不开").wait_for()
            state.database = surveys.database
            await other.get_by_role("button", name="再试一次").click()
            await other.get_by_role("heading", name="这次投诉，我们处理得怎么样？").wait_for()
        await page.click("button[type=submit]")
        await page.get_by_role("heading", name="谢谢，您的回答已收到").wait_for()

    assert (await stored(surveys)).answers == {"result": 4, "solved": True}
    assert len(await surveys.said("survey.completed")) == 1
