"""The survey as people meet it: on a phone in a bus, with and without script, in the dark."""

import re
from dataclasses import replace

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from services.surveys.questionnaires.rules import check_answers
from services.surveys.questionnaires.shipped import SHIPPED, shipped
from services.surveys.questionnaires.vocabulary import Language
from services.surveys.responses.pages.assets import MEDIA_TYPES, asset
from services.surveys.responses.pages.page import (
    render_away,
    render_not_found,
    render_survey,
    render_thanks,
    render_trouble,
)
from services.surveys.responses.pages.view import (
    AwayView,
    NotFoundView,
    ThanksView,
    TroubleView,
)
from services.surveys.responses.pages.words import PROBLEMS, REQUIRED_OF, WORDS
from services.surveys.responses.vocabulary import CallbackTime
from tests.pages.survey_desk import COMPANY, HOST, LINK, long_words, opened, survey

WIDTHS = (320, 360, 768, 1280)
SERIOUS = {"serious", "critical"}
THREE_TAPS = """() => {
  const button = document.querySelector('button[type=submit]');
  let sent = 0;
  document.addEventListener('submit', (event) => { sent += event.defaultPrevented ? 0 : 1; });
  button.click(); button.click(); button.click();
  return { sent, said: button.textContent };
}"""
HOSTILE = "</textarea></script><script>document.title='owned'</script>\"'&<b>"


def with_faults(language: Language = Language.ZH) -> str:
    form = shipped("complaint_handling_v1")
    answers = {"result": 2, "comment": "字" * 1005}
    problems = check_answers(form, answers)
    return render_survey(survey(language=language, answers=answers, problems=problems))


def endings(language: Language = Language.ZH) -> dict[str, str]:
    low = ThanksView(COMPANY, language, LINK, low=True)
    return {
        "thanks": render_thanks(replace(low, low=False)),
        "low": render_thanks(low),
        "unticked": render_thanks(replace(low, callback_unticked=True)),
        "noted": render_thanks(replace(low, callback_time=CallbackTime.MORNING)),
        "not found": render_not_found(NotFoundView(COMPANY, language)),
        "away": render_away(AwayView(COMPANY, language, LINK)),
        "trouble": render_trouble(TroubleView(COMPANY, language, LINK, (("result", "2"),))),
    }


async def serious(page: Page) -> list[str]:
    found = (await Axe().run(page)).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in SERIOUS]


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_page_fits_every_width_and_axe_finds_nothing_serious(
    browser: Browser, *, dark: bool
) -> None:
    forms = {
        "form": render_survey(survey()),
        "faults": with_faults(),
        "English": with_faults(Language.EN),
        "long": render_survey(survey(long_words())),
        "long English": render_survey(survey(long_words(), language=Language.EN)),
    }
    async with opened(browser, dark=dark) as desk:
        for name, html in (forms | endings()).items():
            await desk.page.set_content(html.replace('"/s/assets', f'"{HOST}/s/assets'))
            await desk.page.wait_for_load_state("networkidle")
            for width in WIDTHS:
                await desk.page.set_viewport_size({"width": width, "height": 740})
                assert await desk.overflow() == 0, (name, width)
            await desk.page.set_viewport_size({"width": 360, "height": 740})
            assert await serious(desk.page) == [], name


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_phone_answers_with_and_without_script(browser: Browser, *, script: bool) -> None:
    async with opened(browser, script=script) as desk:
        await desk.choose(result="5", acceptance="4", solved="yes", recommend="10")
        await desk.page.fill("#comment", "师傅很耐心,\n谢谢 😀")
        await desk.submit()
        await desk.page.get_by_role("heading", name="谢谢，您的回答已收到").wait_for()
        assert desk.handed_in == [
            {
                "result": 5,
                "acceptance": 4,
                "solved": True,
                "recommend": 10,
                "comment": "师傅很耐心,\n谢谢 😀",
            }
        ]
        assert (f"POST {LINK}/opened" in desk.asked) is script
        assert desk.complaints == []


@pytest.mark.browser
async def test_without_script_what_is_missing_is_said_and_what_was_answered_stays(
    browser: Browser,
) -> None:
    async with opened(browser, script=False) as desk:
        await desk.choose(result="2")
        await desk.page.fill("#comment", HOSTILE)
        await desk.submit()
        await desk.page.get_by_text("还有 1 题需要您看一下").wait_for()
        assert await desk.page.locator("#solved-error").is_visible()
        assert await desk.page.locator("[name=result][value='2']").is_checked()
        assert await desk.page.locator("#comment").input_value() == HOSTILE
        await desk.choose(solved="no")
        await desk.submit()
        await desk.page.check("#callback")
        await desk.choose(time="evening")
        await desk.submit()
        await desk.page.get_by_text("您方便的时间：傍晚").wait_for()
        assert desk.handed_in == [{"result": 2, "solved": False, "comment": HOSTILE}]


@pytest.mark.browser
async def test_with_script_nothing_incomplete_is_sent_and_the_first_gap_gets_the_focus(
    browser: Browser,
) -> None:
    async with opened(browser) as desk:
        await desk.choose(result="4")
        await desk.submit()
        assert await desk.page.locator("#state").inner_text() == "还有 1 题需要您看一下"
        assert await desk.page.evaluate("document.activeElement.name") == "solved"
        assert f"POST {LINK}" not in desk.asked
        await desk.choose(solved="yes")
        assert not await desk.page.locator("#solved-error").is_visible()
        await desk.page.fill("#comment", "😀" * 1001)
        assert await desk.page.locator(".counter").inner_text() == "多了 1 字，请删短一些"
        await desk.submit()
        assert f"POST {LINK}" not in desk.asked
        await desk.page.fill("#comment", "😀" * 1000)
        await desk.submit()
        await desk.page.get_by_role("heading", name="谢谢，您的回答已收到").wait_for()


@pytest.mark.browser
async def test_answers_survive_a_reload_and_the_other_language_and_are_forgotten_when_sent(
    browser: Browser,
) -> None:
    async with opened(browser) as desk:
        await desk.choose(result="4", solved="yes")
        await desk.page.fill("#comment", "还行")
        await desk.page.reload()
        assert await desk.page.locator("#progress span").inner_text() == "3 / 10"
        await desk.page.get_by_role("link", name="English").click()
        await desk.page.get_by_role("heading", name="How did we handle your complaint?").wait_for()
        assert await desk.page.locator("#comment").input_value() == "还行"
        assert await desk.page.locator("[name=result][value='4']").is_checked()
        await desk.submit()
        await desk.page.get_by_role("heading", name="Thank you").wait_for()
        assert await desk.page.evaluate("sessionStorage.length") == 0
        assert desk.handed_in == [{"result": 4, "solved": True, "comment": "还行"}]


@pytest.mark.browser
async def test_an_impatient_thumb_sends_once_and_a_lost_network_sends_nothing(
    browser: Browser,
) -> None:
    async with opened(browser) as desk:
        await desk.choose(result="4", solved="yes")
        await desk.page.context.set_offline(offline=True)
        await desk.submit()
        await desk.page.get_by_text("现在没有网络").wait_for()
        assert await desk.page.locator("[name=result][value='4']").is_checked()
        await desk.page.context.set_offline(offline=False)
        assert await desk.page.evaluate(THREE_TAPS) == {"sent": 1, "said": "正在提交…"}
        await desk.page.get_by_role("heading", name="谢谢，您的回答已收到").wait_for()
        assert len(desk.handed_in) == 1


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_answers_that_could_not_be_stored_are_sent_again_unchanged(
    browser: Browser, *, script: bool
) -> None:
    async with opened(browser, script=script) as desk:
        desk.broken = True
        await desk.choose(result="1", solved="no")
        await desk.page.fill("#comment", f"{HOSTILE}\n第二行")
        await desk.submit()
        await desk.page.get_by_role("heading", name="刚才没能存好").wait_for()
        await desk.submit()
        await desk.page.get_by_role("heading", name="谢谢您告诉我们实情").wait_for()
        assert desk.handed_in == [{"result": 1, "solved": False, "comment": f"{HOSTILE}\n第二行"}]
        assert desk.complaints == []


def test_low_answers_are_offered_a_call_once_and_others_never() -> None:
    pages = endings()
    assert [name for name, html in pages.items() if "/callback" in html] == ["low", "unticked"]


def test_a_link_that_opens_nothing_says_nothing_about_itself() -> None:
    html = endings()["not found"]
    assert LINK not in html
    assert "/s/" not in html.replace("/s/assets/", "")


def test_the_english_pages_have_no_chinese_words_of_ours() -> None:
    pages = [with_faults(Language.EN).replace("字", ""), *endings(Language.EN).values()]
    pages += [render_survey(survey(shipped(code), language=Language.EN)) for code in SHIPPED]
    for page in pages:
        mine = re.sub(r"<nav.*?</nav>", "", page).replace(COMPANY, "")
        assert re.findall(r"[\u3000-\u9fff\uff00-\uffef]+", mine) == []


def test_the_chinese_texts_use_chinese_punctuation() -> None:
    texts = [text.zh for table in (WORDS, REQUIRED_OF, PROBLEMS) for text in table.values()]
    for question in (q for code in SHIPPED for q in shipped(code).questions):
        texts += [question.text.zh, *(label.zh for label in question.labels)]
        texts += [question.help.zh] if question.help else []
    assert [text for text in texts if re.search(r"[\u4e00-\u9fff][,;:(?!]", text)] == []


def test_files_are_small_named_by_their_content_and_no_others_exist() -> None:
    most = {"survey.css": 12_000, "survey.js": 15_000}
    page = render_survey(survey())
    for name in MEDIA_TYPES:
        file = asset(name)
        assert file is not None
        assert len(file.body) <= most[name]
        assert f"/s/assets/{name}?v={file.version}" in page
    assert asset("../page.py") is None


def test_nothing_on_a_page_needs_more_than_the_policy_allows() -> None:
    for page in [with_faults(), *endings().values()]:
        assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?! src=)|https?:", page) == []
