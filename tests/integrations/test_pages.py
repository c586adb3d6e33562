"""The sign-in page and the notice page in a real browser, small and wide, light and dark."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from services.integrations.sign_in.keep_account import create_account
from services.integrations.sign_in.rules import HOME, local_path
from shared.auth.actor import SYSTEM
from shared.auth.tokens import read_token
from shared.clock import utcnow
from shared.ids import new_id
from shared.serving import listening, serving
from tests.integrations.conftest import Edge, Edges
from tests.integrations.letters import contact, hear, request

PASSWORD = "green kettle sings 7"
SIZES = {"360": (360, 740), "1280": (1280, 800)}


@asynccontextmanager
async def address_of(edge: Edge) -> AsyncIterator[str]:
    with listening("127.0.0.1", 0) as listener:
        async with serving(edge.people.app, listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def written_to(edge: Edge) -> None:
    """Let three customers be written to, and one stay out of reach."""
    wang, smith, unknown = new_id(), new_id(), new_id()
    times = {
        "first_response_due_at": "2026-11-25T02:30:00+00:00",
        "resolution_due_at": "2026-11-27T02:00:00+00:00",
    }
    about = {"number": "C20261125-000123", "subject": "燃气表走字太快"}
    await hear(edge, contact(wang), contact(smith, name="Mary Smith", language="en", email=None))
    for message in (
        request(wang, template="ticket_received", parameters=about | times),
        request(
            wang,
            template="ticket_replied",
            parameters=about | {"reply": "已约今天下午两点上门。"},
        ),
        request(smith, template="ticket_resolved", parameters=about | {"solution": "New meter."}),
        request(unknown, template="ticket_received", parameters=about | times),
        request(wang, parameters={"link": "http://127.0.0.1/s/Zk3PqW8vTn5LrXy2Bd7HcA", **about}),
        request(wang, origin="demo"),
    ):
        await hear(edge, message)
    await edge.sweep()


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_are_readable_for_everybody(
    edge: Edge, browser: Browser, size: str, scheme: Literal["light", "dark"]
) -> None:
    await edge.staff("agent")
    await written_to(edge)
    width, height = SIZES[size]
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(address_of(edge))
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale="zh-CN" if scheme == "light" else "en-GB",
        )
        stack.push_async_callback(context.close)
        page = await context.new_page()
        troubles: list[str] = []
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        for path in ("/sign-in", "/sign-out", "/outbox"):
            await page.goto(address + path)
            await _looks_right(page, f"{path[1:]}-{size}-{scheme}")
        assert troubles == []


async def _looks_right(page: Page, name: str) -> None:
    assert await page.evaluate("getComputedStyle(document.body).fontSize") == "16px"
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways"
    folder = os.environ.get("CARELOOP_TEST_SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)
    found: Any = await Axe().run(page)
    assert [v["id"] for v in found.response["violations"]] == [], found.generate_report()


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False])
async def test_a_person_signs_in_with_a_password_and_out_again(
    edge: Edge, browser: Browser, *, javascript: bool
) -> None:
    staff_id = await edge.staff("agent")
    async with edge.database.transaction() as session:
        await create_account(
            session,
            username="lin.mei",
            password=PASSWORD,
            staff_id=staff_id,
            actor=SYSTEM,
            now=utcnow(),
        )
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(address_of(edge))
        context = await browser.new_context(java_script_enabled=javascript, locale="zh-CN")
        stack.push_async_callback(context.close)
        page = await context.new_page()
        await page.goto(f"{address}/sign-in?next=/outbox%3Flang%3Den")
        await page.get_by_label("用户名").fill("lin.mei")
        await page.get_by_label("密码").fill("wrong")
        await page.get_by_role("button", name="登录").click()
        assert "没有登录成功" in await page.get_by_role("alert").inner_text()
        assert await page.get_by_label("用户名").input_value() == "lin.mei"
        assert await context.cookies() == []

        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        await page.wait_for_url(f"{address}/outbox?lang=en")
        (cookie,) = await context.cookies()
        assert cookie["name"] == "careloop_session"
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Lax"

        await page.goto(f"{address}/sign-out")
        assert len(await context.cookies()) == 1
        await page.get_by_role("button", name="退出").click()
        await page.wait_for_url(f"{address}/sign-in?lang=zh")
        assert await context.cookies() == []


async def test_a_role_is_one_click_away_in_development(edge: Edge) -> None:
    staff_id = await edge.staff("supervisor")
    client = edge.anybody.client
    answer = await client.post("/sign-in", data={"role": "supervisor", "next": "/dashboard?a=b"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard?a=b")
    token = answer.cookies["careloop_session"]
    client.cookies.clear()
    assert edge.service.keys is not None
    assert (await read_token(token, edge.service.keys)).id == staff_id
    nobody = await client.post("/sign-in", data={"role": "manager"})
    assert nobody.status_code == 400
    assert "还没有人担任这个角色" in nobody.text


async def test_the_cookie_is_for_encrypted_lines_only_where_there_is_one(
    edges: Edges, edge: Edge
) -> None:
    await edge.staff("agent")
    encrypted = await edges(public_url="https://care.example", database=edge.database)
    for one, secure in ((encrypted, True), (edge, False)):
        answer = await one.anybody.client.post("/sign-in", data={"role": "agent"})
        one.anybody.client.cookies.clear()
        assert ("Secure" in answer.headers["set-cookie"]) is secure


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example\t",
        "/\t/evil.example",
        "/\n/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "/a\r\nSet-Cookie: x=y",
        "/" + "x" * 600,
        "/[",
        "",
        None,
    ],
)
async def test_nobody_is_led_to_another_site(edge: Edge, wanted: str | None) -> None:
    await edge.staff("agent")
    fields = {"role": "agent"} | ({} if wanted is None else {"next": wanted})
    answer = await edge.anybody.client.post("/sign-in", data=fields)
    location = answer.headers["location"]
    assert location in {HOME, "/["}
    assert local_path(wanted) in {HOME, "/["}


async def test_another_site_cannot_sign_somebody_in(edge: Edge) -> None:
    await edge.staff("agent")
    for site, status in (("cross-site", 400), ("same-site", 400), ("same-origin", 303)):
        answer = await edge.anybody.client.post(
            "/sign-in", data={"role": "agent"}, headers={"Sec-Fetch-Site": site}
        )
        assert answer.status_code == status
        assert ("set-cookie" in answer.headers) is (status == 303)


async def test_what_was_typed_comes_back_as_text(edge: Edge) -> None:
    answer = await edge.anybody.client.post(
        "/sign-in", data={"username": '"><script>alert(1)</script>', "password": "x"}
    )
    assert answer.status_code == 400
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


async def test_pages_refuse_what_is_no_form_and_are_never_kept(edge: Edge) -> None:
    broken = await edge.anybody.client.post("/sign-in", json={"role": "agent"})
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed_request")
    page = await edge.anybody.get("/sign-in", headers={"Accept-Language": "en"})
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-language"] == "en"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    style = await edge.anybody.get("/sign-in-assets/pages.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert (await edge.anybody.get("/sign-in-assets/other.css")).status_code == 404
