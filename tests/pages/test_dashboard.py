"""The dashboard as people meet it: wide and narrow, light and dark, with and without script."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route

from services.reporting.dashboard.assets import CONTENT_SECURITY_POLICY, asset
from services.reporting.dashboard.case_rules import OpenCases
from services.reporting.dashboard.case_words import CASE_WORDS
from services.reporting.dashboard.page import render_dashboard
from services.reporting.dashboard.view import DashboardView, Filter, Language, Option
from services.reporting.dashboard.words import FILLED_BY, MOVED, WAITING, WORDS
from services.reporting.figures.registry import METRICS
from tests.pages.dashboards import a_bad_day, a_lively_month, an_empty_start, open_cases

KNOWN_REFUSAL = "Applying inline style violates"
"""Plotly tries to style an unused map library; the policy refuses it and nothing is missing."""

WIDTHS = (320, 360, 768, 1280)
HOSTILE = "</script><script>document.title='owned'</script>\"'&<b>"


class Visit:
    """A page that was opened: what it asked for and what it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self._note(line.type, line.text))

    def _note(self, type: str, text: str) -> None:
        if type == "error" and not text.startswith(KNOWN_REFUSAL):
            self.complaints.append(text)

    async def overflow(self) -> int:
        script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(await self.page.evaluate(script))


@asynccontextmanager
async def visit(
    browser: Browser,
    view: DashboardView,
    *,
    width: int = 1280,
    dark: bool = False,
    script: bool = True,
) -> AsyncIterator[Visit]:
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        locale="zh-CN",
    )
    opened = Visit(await context.new_page())
    html = render_dashboard(view)

    async def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        opened.asked.append(path.rsplit("/", 1)[-1])
        if path == "/dashboard":
            policy = {"content-security-policy": CONTENT_SECURITY_POLICY}
            await route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=policy)
        elif file := asset(opened.asked[-1]):
            await route.fulfill(body=file.body, content_type=file.media_type)
        else:
            await route.fulfill(status=404)

    await opened.page.route("**/*", answer)
    await opened.page.goto("http://careloop.test/dashboard")
    yield opened
    await context.close()


async def serious(page: Page) -> list[str]:
    found = (await Axe().run(page)).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in SERIOUS]


SERIOUS = {"serious", "critical"}
VIEWS = {"lively": a_lively_month, "empty": an_empty_start, "bad": a_bad_day}


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", VIEWS)
async def test_every_width_holds_the_page_and_axe_finds_nothing_serious(
    browser: Browser, name: str, *, dark: bool
) -> None:
    async with visit(browser, VIEWS[name](), dark=dark) as opened:
        for width in WIDTHS:
            await opened.page.set_viewport_size({"width": width, "height": 900})
            assert await opened.overflow() == 0, width
        await opened.page.locator("details").evaluate_all("all => all.forEach(d => d.open = true)")
        assert await serious(opened.page) == []
        assert opened.complaints == []


@pytest.mark.browser
async def test_a_desk_draws_charts_and_a_phone_does_not_load_the_library(browser: Browser) -> None:
    async with visit(browser, a_lively_month()) as desk:
        await desk.page.wait_for_selector("html[data-charts=drawn]")
        assert await desk.page.locator(".plot .main-svg >> visible=true").count() >= 2
        layers = desk.page.locator(".plot .main-svg").first
        assert await layers.evaluate("e => getComputedStyle(e).position") == "absolute"
        assert await desk.page.locator(".drawing >> visible=true").count() == 0
        assert desk.complaints == []
    async with visit(browser, a_lively_month(), width=360) as phone:
        assert await phone.page.locator(".drawing >> visible=true").count() == 2
        assert "plotly.min.js" not in phone.asked
        assert phone.complaints == []


@pytest.mark.browser
async def test_without_script_figures_drawings_and_numbers_are_there(browser: Browser) -> None:
    async with visit(browser, a_lively_month(), width=360, script=False) as opened:
        page = opened.page
        tile = page.locator("#satisfaction_rate")
        value = a_lively_month().tiles[1].figure
        assert value is not None
        assert f"{value.value:.1f}" in await tile.inner_text()
        assert f"n {value.n}" in await tile.inner_text()
        assert await page.locator(".drawing svg >> visible=true").count() == 2
        await page.locator(".numbers summary").first.click()
        assert await page.locator(".numbers table").first.locator("tbody tr").count() == 12
        assert not await page.locator("#print").is_visible()
        assert opened.asked == ["dashboard", "dashboard.css"]


@pytest.mark.browser
async def test_the_filters_are_the_address(browser: Browser) -> None:
    async with visit(browser, a_lively_month(), script=False) as opened:
        await opened.page.select_option("select[name=channel]", "v2")
        await opened.page.click("button[type=submit]")
        query = urlsplit(opened.page.url).query
        assert "channel=v2" in query
        assert "period=v0" in query
        assert "lang=zh" in query


@pytest.mark.browser
async def test_paper_has_the_tables_open_and_no_filters(browser: Browser, tmp_path: Path) -> None:
    async with visit(browser, a_lively_month(), dark=True, script=False) as opened:
        await opened.page.emulate_media(media="print")
        assert not await opened.page.locator(".filters").is_visible()
        assert await opened.page.locator(".numbers td >> visible=true").count() == 2 * 12 * 4
        background = "getComputedStyle(document.body).backgroundColor"
        assert await opened.page.evaluate(background) == "rgb(255, 255, 255)"


@pytest.mark.browser
async def test_hostile_names_are_shown_and_nothing_else(browser: Browser) -> None:
    case = replace(open_cases().rows[0], unit=HOSTILE, kind=HOSTILE)
    field = Filter("channel", HOSTILE, (Option(HOSTILE, HOSTILE),), HOSTILE, main=True)
    view = replace(a_lively_month(), organisation=HOSTILE, filters=(field,))
    view = replace(view, cases=OpenCases(1, 1, (case,)))
    async with visit(browser, view) as opened:
        assert await opened.page.locator(".organisation").inner_text() == HOSTILE
        assert HOSTILE in await opened.page.title()
        assert await opened.page.locator("select").input_value() == HOSTILE
        assert await opened.page.locator(".cases td").nth(3).inner_text() == HOSTILE
        assert opened.complaints == []


def test_a_failed_and_a_withheld_figure_stay_inside_their_tiles() -> None:
    page = render_dashboard(a_bad_day())
    assert page.count('<article class="tile failed"') == 1
    assert page.count('<article class="tile withheld"') == 1
    assert page.count('<article class="tile shown"') == 6
    assert "样本量小" in page


def test_books_that_do_not_balance_name_the_cycles() -> None:
    page = render_dashboard(a_bad_day())
    assert "有 2 处对不上" in page
    assert "019348aa-0000-7000-8000-000000000001" in page
    assert "账目相符" in render_dashboard(a_lively_month())
    assert "账目暂时读不出来" in render_dashboard(replace(a_lively_month(), books=None))


def test_open_cases_show_the_two_clocks_and_whether_there_are_more() -> None:
    page = render_dashboard(a_lively_month())
    panel = re.sub(r"<[^>]+>|\s+", " ", page[page.index('id="cases"') : page.index("对账")])
    panel = re.sub(r"\s+", " ", panel)
    assert "共 19 件 2 件超时" in panel
    urgent = "超时 2.5 小时 11月25日 16:50 到期 还剩 21.5 小时 11月26日 16:50 到期"
    assert urgent in panel
    assert "还剩 48 分钟 11月25日 20:08 到期" in panel
    assert "完成，晚了 90 分钟" in panel
    assert page.count('class="clock over"') == 2
    assert page.count('class="clock soon"') == 1
    assert "这里只列最急的 7 件。" in panel
    assert "24 小时响应率 84 % 76–89 · n 123 · 目标 ≥ 100%" in panel.replace("84%", "84 %")
    assert page.index("a0b1c000") < page.index("a0b1c3d1")


def test_cases_that_cannot_be_read_and_none_at_all_say_so() -> None:
    assert "个案暂时读不出来" in render_dashboard(a_bad_day())
    assert "现在没有未结的个案" in render_dashboard(an_empty_start())
    calm = OpenCases(1, 0, open_cases().rows[5:6])
    assert "都在时限内" in render_dashboard(replace(a_lively_month(), cases=calm))


def test_an_empty_page_says_what_fills_it() -> None:
    page = render_dashboard(an_empty_start())
    assert page.count("客户答完问卷后出现。") == 2
    assert "还没有结案的工单" in page
    assert page.count("有了两期数据") == 2


def test_the_english_page_has_no_chinese_words_of_ours() -> None:
    view = replace(a_bad_day(Language.EN), organisation="Cloudsail", filters=())
    words = re.sub(
        r'<a class="quiet"[^>]*>中文</a>|aria-label="中文 / Print"', "", render_dashboard(view)
    )
    assert re.findall(r"[\u3000-\u9fff\uff00-\uffef]+", words) == []


def test_the_chinese_texts_use_chinese_punctuation() -> None:
    tables = [
        WORDS.values(),
        CASE_WORDS.values(),
        FILLED_BY.values(),
        WAITING.values(),
        MOVED.values(),
    ]
    texts = [text.zh for table in tables for text in table]
    texts += [text.zh for metric in METRICS.values() for text in (metric.name, metric.definition)]
    assert [text for text in texts if re.search(r"[\u4e00-\u9fff][,;:(]", text)] == []


def test_the_other_language_keeps_the_filters() -> None:
    assert "/dashboard?period=v0&amp;lang=en" in render_dashboard(a_lively_month())


def test_files_are_small_named_by_their_content_and_no_others_exist() -> None:
    style, script = asset("dashboard.css"), asset("dashboard.js")
    assert style is not None
    assert script is not None
    assert len(style.body) <= 12_000
    assert len(script.body) <= 15_000
    assert f"dashboard.css?v={style.version}" in render_dashboard(a_lively_month())
    assert asset("../page.py") is None
