"""A real browser: Chromium as phones and desks have it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.support.found import chromium, has_chinese_font, missing

PHONE_WIDTH = 360
"""The narrowest phone in common use."""


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Run Chromium, which must be able to draw Chinese, as long as the block lasts."""
    program = chromium()
    if program is None:
        missing("Chromium", "apt install chromium")
    if not has_chinese_font():
        missing("A Chinese font", "apt install fonts-wqy-microhei fontconfig")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def phone(
    browser: Browser, *, locale: str = "zh-CN", javascript: bool = True
) -> AsyncIterator[BrowserContext]:
    """Open a phone held upright, as a customer in China has it."""
    context = await browser.new_context(
        viewport={"width": PHONE_WIDTH, "height": 740},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        java_script_enabled=javascript,
        locale=locale,
        timezone_id="Asia/Shanghai",
    )
    try:
        yield context
    finally:
        await context.close()


@asynccontextmanager
async def desk(browser: Browser, *, locale: str = "zh-CN") -> AsyncIterator[BrowserContext]:
    """Open the browser of someone at a desk."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale=locale, timezone_id="Asia/Shanghai"
    )
    try:
        yield context
    finally:
        await context.close()
