"""The dashboard as the service gives it, with figures that came over the bus."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
import uvicorn
from playwright.async_api import Browser, Page
from sqlalchemy import text

from shared.auth.actor import ActorKind, Role
from shared.auth.callers import SESSION_COOKIE
from tests.reporting.conftest import OTHER_TEAM, TEAM, Desk
from tests.reporting.lives import Life
from tests.reporting.spoken import spoken
from tests.reporting.voices import RESPONSE, RESULT, said_of, voices
from tests.support.patience import until
from tests.support.people import Person, token


def lately(count: int, seed: int = 41) -> list[Life]:
    """Return lives that began in the last five weeks."""
    began = datetime.now(UTC) - timedelta(days=38)
    return [Life(Random(seed + n), n, now=began).live() for n in range(count)]


AGO = datetime.now(UTC) - timedelta(days=24)


def cookie(person: Person, *roles: Role) -> dict[str, str]:
    return {SESSION_COOKIE: token(ActorKind.STAFF, person.id, roles)}


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[str]:
    """Serve the application on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(desk.people.app, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await until(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def opened(
    browser: Browser, root: str, signed: dict[str, str], *, width: int = 1280, dark: bool = False
) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        locale="zh-CN",
    )
    await context.add_cookies(
        [{"name": name, "value": v, "url": root, "httpOnly": True} for name, v in signed.items()]
    )
    yield await context.new_page()
    await context.close()


@pytest.mark.browser
async def test_a_manager_reads_the_figures_of_his_service(desk: Desk, browser: Browser) -> None:
    cases = [voice for voice in voices(Random(42), 60, 60, since=AGO) if not voice.item]
    await desk.hear([*spoken(lately(300)), *said_of(cases)], at_once=100)
    await desk.fold()
    async with (
        served(desk) as root,
        opened(browser, root, cookie(desk.manager, Role.MANAGER)) as page,
    ):
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        answer = await page.goto(f"{root}/dashboard")
        assert answer is not None
        assert answer.status == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        await page.wait_for_selector("html[data-charts=drawn]")
        assert await page.locator(".tile.shown").count() == 8
        found = await desk.manager.get("/api/v1/figures?metric=complaint_count")
        shown = await page.locator("#complaint_count .value").inner_text()
        assert shown.startswith(f"{found.json()['figure']['n']}")
        waiting = [case for case in cases if not case.closed]
        assert await page.locator("#cases tbody tr").count() == min(12, len(waiting)) > 0
        assert f"共 {len(waiting)} 件" in await page.locator("#cases").inner_text()
        await page.select_option("select[name=period]", "90d")
        await page.select_option("select[name=org_unit_id]", str(TEAM))
        await page.click("button.primary")
        await page.wait_for_url("**period=90d**")
        assert f"org_unit_id={TEAM}" in page.url
        assert await page.locator("select[name=org_unit_id]").input_value() == str(TEAM)
        assert complaints == []


async def test_the_page_is_for_staff_who_may_see_figures_and_others_sign_in(desk: Desk) -> None:
    visitor = desk.people.bearing(desk.manager.id, None)
    for signed in (
        {},
        {SESSION_COOKIE: "nonsense"},
        {SESSION_COOKIE: token(ActorKind.CUSTOMER, desk.manager.id, [Role.CUSTOMER])},
        {SESSION_COOKIE: token(ActorKind.STAFF, TEAM, [Role.MANAGER])},
    ):
        header = {"Cookie": "; ".join(f"{n}={v}" for n, v in signed.items())}
        answer = await visitor.client.get("/dashboard?period=7d", headers=header)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=/dashboard%3Fperiod%3D7d"
    agent = await desk.people.staff(Role.AGENT)
    header = {"Cookie": f"{SESSION_COOKIE}={cookie(agent, Role.AGENT)[SESSION_COOKIE]}"}
    refused = await visitor.client.get("/dashboard", headers=header)
    assert refused.status_code == 403
    assert refused.headers["content-type"].startswith("text/html")
    assert 'href="/sign-in?next=/dashboard"' in refused.text
    assert 'class="tile' not in refused.text


async def test_the_cookie_opens_the_page_and_no_other_door(desk: Desk) -> None:
    visitor = desk.people.bearing(desk.manager.id, None)
    signed = cookie(desk.manager, Role.MANAGER)[SESSION_COOKIE]
    header = {"Cookie": f"{SESSION_COOKIE}={signed}"}
    assert (await visitor.client.get("/dashboard", headers=header)).status_code == 200
    for path in ("/api/v1/figures?metric=nps", "/api/v1/books", "/api/v1/targets"):
        assert (await visitor.client.get(path, headers=header)).status_code == 401
    put = await visitor.client.put(
        "/api/v1/targets/nps", json={"value": 1, "version": 0}, headers=header
    )
    assert put.status_code == 401


async def test_a_supervisor_is_offered_and_shown_his_own_units(desk: Desk) -> None:
    await desk.hear(spoken(lately(60)), at_once=100)
    await desk.fold()
    signed = cookie(desk.supervisor, Role.SUPERVISOR)[SESSION_COOKIE]
    visitor = desk.people.bearing(desk.supervisor.id, None)
    header = {"Cookie": f"{SESSION_COOKIE}={signed}"}
    page = (await visitor.client.get("/dashboard", headers=header)).text
    assert str(TEAM) in page
    assert str(OTHER_TEAM) not in page
    foreign = await visitor.client.get(f"/dashboard?org_unit_id={OTHER_TEAM}", headers=header)
    assert foreign.text.count('<article class="tile shown') == 1  # no complaints is a figure: 0
    assert "还没有结案的工单" in foreign.text


async def test_open_cases_are_those_of_ones_own_units_the_most_urgent_first(desk: Desk) -> None:
    told = [voice for voice in voices(Random(43), 40, 40, since=AGO) if not voice.item]
    said = said_of(told)
    Random(1).shuffle(said)
    await desk.hear([*said, *said[:20]])
    await desk.fold()
    waiting = [case for case in told if not case.closed]
    limits = {
        case.id: min(
            case.began + RESULT if case.result is None else datetime.max.replace(tzinfo=UTC),
            case.began + RESPONSE if case.answered is None else datetime.max.replace(tzinfo=UTC),
        )
        for case in waiting
    }
    for person, role, mine in (
        (desk.manager, Role.MANAGER, waiting),
        (desk.supervisor, Role.SUPERVISOR, [case for case in waiting if case.team == TEAM]),
    ):
        header = {"Cookie": f"{SESSION_COOKIE}={cookie(person, role)[SESSION_COOKIE]}"}
        visitor = desk.people.bearing(person.id, None)
        page = (await visitor.client.get("/dashboard", headers=header)).text
        shown = [UUID(id) for id in re.findall(r'data-case-id="([^"]+)"', page)]
        assert set(shown) <= {case.id for case in mine}
        assert len(shown) == min(12, len(mine)) > 0
        assert [limits[id] for id in shown] == sorted(limits[case.id] for case in mine)[:12]
        overdue = sum(limits[case.id] < datetime.now(UTC) for case in mine)
        assert f"{overdue} 件超时" in page
    other = {"org_unit_id": str(OTHER_TEAM)}
    foreign = await visitor.client.get("/dashboard", headers=header, params=other)
    assert "data-case-id" not in foreign.text


async def test_a_form_with_open_fields_is_the_whole_and_nonsense_is_refused(desk: Desk) -> None:
    signed = cookie(desk.manager, Role.MANAGER)[SESSION_COOKIE]
    visitor = desk.people.bearing(desk.manager.id, None)
    header = {"Cookie": f"{SESSION_COOKIE}={signed}"}
    empty = "?lang=en&period=30d&org_unit_id=&channel=&kind=&category_id=&priority=&tier="
    whole = await visitor.client.get(f"/dashboard{empty}", headers=header)
    assert (whole.status_code, whole.headers["content-language"]) == (200, "en")
    categories = re.findall(r"<option[^>]*>(Category [^<]*)</option>", whole.text)
    assert categories == ["Category 21", "Category 21 / Category 211", "Category 22"]
    for query in ("?period=ever", "?org_unit_id=me", "?lang=fr"):
        answer = await visitor.client.get(f"/dashboard{query}", headers=header)
        assert answer.status_code == 422


async def test_a_figure_that_fails_stays_inside_its_tile(desk: Desk) -> None:
    signed = cookie(desk.manager, Role.MANAGER)[SESSION_COOKIE]
    async with desk.database.transaction() as session:
        await session.execute(text("ALTER TABLE facts.contributions RENAME TO mislaid"))
    visitor = desk.people.bearing(desk.manager.id, None)
    page = await visitor.client.get("/dashboard", headers={"Cookie": f"{SESSION_COOKIE}={signed}"})
    assert page.status_code == 200
    assert page.text.count('<article class="tile failed') == 2  # two durations
    assert "账目暂时读不出来" in page.text


async def test_files_are_kept_for_ever_and_sent_small(desk: Desk) -> None:
    visitor = desk.people.bearing(desk.manager.id, None)
    answer = await visitor.client.get("/dashboard-assets/dashboard.css?v=1")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert (await visitor.client.get("/dashboard-assets/..%2Fpage.py")).status_code == 404
