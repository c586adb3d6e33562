"""A desk that hands out one survey and takes it back, as the service does, without a database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from playwright.async_api import Browser, Page, Route

from services.surveys.questionnaires.rules import (
    Bilingual,
    Questionnaire,
    check_answers,
    is_low,
    score,
)
from services.surveys.questionnaires.shipped import shipped
from services.surveys.questionnaires.vocabulary import Language
from services.surveys.responses.pages.assets import PAGE_HEADERS, asset
from services.surveys.responses.pages.form import read_answers, read_callback
from services.surveys.responses.pages.page import render_survey, render_thanks, render_trouble
from services.surveys.responses.pages.view import SurveyView, ThanksView, TroubleView

LINK = "/s/kV3nQ0xw8J2b4c6d8e0f1A"
HOST = "http://careloop.test"
COMPANY = "云帆家电服务有限公司"


def survey(questionnaire: Questionnaire | None = None, **changes: Any) -> SurveyView:
    view = SurveyView(
        company=COMPANY,
        language=Language.ZH,
        address=LINK,
        questionnaire=questionnaire or shipped("complaint_handling_v1"),
        closed_on=date(2026, 11, 22),
    )
    return replace(view, **changes)


def long_words() -> Questionnaire:
    """Return a form in which everything is longer than anybody should write."""
    long = Bilingual("为什么" * 30, "Donaudampfschifffahrtsgesellschaft" * 5)
    form = shipped("complaint_handling_v1")
    first, *others = form.questions
    labels = (Bilingual("非常非常不满意以至于", "Extraordinarilydissatisfied"), *first.labels[1:])
    return replace(
        form, title=long, questions=(replace(first, text=long, help=long, labels=labels), *others)
    )


@dataclass
class Desk:
    """What was asked for, what was complained about in the browser, what was handed in."""

    page: Page
    view: SurveyView
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    handed_in: list[dict[str, Any]] = field(default_factory=list)
    thanks: ThanksView | None = None
    broken: bool = False

    async def answer(self, route: Route) -> None:
        request = route.request
        address = urlsplit(request.url)
        self.asked.append(f"{request.method} {address.path}")
        fields = parse_qsl(request.post_data or "", keep_blank_values=True)
        language = Language(parse_qs(address.query).get("lang", ["zh"])[0])
        self.view = replace(self.view, language=language)
        file = asset(address.path.rsplit("/", 1)[-1])
        if file:
            await route.fulfill(body=file.body, content_type=file.media_type)
        elif address.path.endswith("/opened"):
            await route.fulfill(status=204)
        elif address.path.endswith("/callback") and self.thanks:
            wanted = read_callback(fields)
            unticked = wanted is None
            self.thanks = replace(self.thanks, callback_time=wanted, callback_unticked=unticked)
            await self._show(route, render_thanks(self.thanks))
        elif request.method == "POST":
            await self._take(route, fields)
        elif self.thanks:
            await self._show(route, render_thanks(self.thanks))
        else:
            await self._show(route, render_survey(self.view))

    async def _take(self, route: Route, fields: list[tuple[str, str]]) -> None:
        view, form = self.view, self.view.questionnaire
        answers = read_answers(form, fields)
        problems = check_answers(form, answers)
        if self.broken:
            self.broken = False
            trouble = TroubleView(view.company, view.language, LINK, tuple(fields))
            await self._show(route, render_trouble(trouble), 503)
        elif problems:
            view = replace(view, answers=answers, problems=problems)
            await self._show(route, render_survey(view), 422)
        else:
            self.handed_in.append(answers)
            low = is_low(score(form, answers))
            self.thanks = ThanksView(view.company, view.language, LINK, low=low)
            await self._show(route, render_thanks(self.thanks))

    async def _show(self, route: Route, html: str, status: int = 200) -> None:
        await route.fulfill(
            status=status,
            body=html,
            content_type="text/html; charset=utf-8",
            headers=dict(PAGE_HEADERS),
        )

    async def choose(self, **answers: str) -> None:
        for qid, value in answers.items():
            await self.page.locator(f"label:has([name={qid}][value='{value}'])").click()

    async def submit(self) -> None:
        await self.page.click("button[type=submit]")

    async def overflow(self) -> int:
        script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(await self.page.evaluate(script))


@asynccontextmanager
async def opened(
    browser: Browser,
    view: SurveyView | None = None,
    *,
    width: int = 360,
    dark: bool = False,
    script: bool = True,
) -> AsyncIterator[Desk]:
    context = await browser.new_context(
        viewport={"width": width, "height": 740},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        locale="zh-CN",
        has_touch=True,
    )
    desk = Desk(await context.new_page(), view or survey())
    desk.page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    desk.page.on("console", lambda line: note(desk, line.type, line.text))
    await context.route("**/*", desk.answer)
    await desk.page.goto(HOST + LINK)
    yield desk
    await context.close()


def note(desk: Desk, type: str, text: str) -> None:
    if type == "error" and "status of 4" not in text and "status of 5" not in text:
        desk.complaints.append(text)
