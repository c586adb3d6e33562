"""The respondent's pages as HTML: they work without script and ask nobody else for anything."""

from datetime import date
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.surveys.questionnaires.vocabulary import Language
from services.surveys.responses.pages.assets import MEDIA_TYPES, asset
from services.surveys.responses.pages.question_text import question_text
from services.surveys.responses.pages.view import (
    AwayView,
    NotFoundView,
    SurveyView,
    ThanksView,
    TroubleView,
)
from services.surveys.responses.pages.words import CALLBACK_TIMES, MONTHS, words_of

LANGUAGE_TAGS: Final = {Language.ZH: "zh-CN", Language.EN: "en"}

ASSETS_ROOT: Final = "/s/assets"

Page = SurveyView | ThanksView | NotFoundView | TroubleView | AwayView


@cache
def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("services.surveys.responses.pages"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,  # a misspelt name is an error, not an empty place
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_survey(view: SurveyView) -> str:
    """Return the form."""
    form, words = view.questionnaire, words_of(view.language)
    count = len(view.problems)
    wrong = words["one_to_mend"] if count == 1 else words["some_to_mend"].format(n=count)
    return _render(
        "survey.html.j2",
        view,
        title=form.title.in_language(view.language),
        why=words["why"].format(
            day=day(view.closed_on, view.language),
            subject=form.subject.in_language(view.language),
            minutes=form.minutes,
        ),
        questions=[question_text(view, n) for n in range(1, len(form.questions) + 1)],
        wrong=wrong if count else "",
        any_optional=any(not question.required for question in form.questions),
        any_required=any(question.required for question in form.questions),
    )


def render_thanks(view: ThanksView) -> str:
    """Return the page after an answer, or of a used link."""
    words = words_of(view.language)
    times = {time: text.in_language(view.language) for time, text in CALLBACK_TIMES.items()}
    return _render(
        "thanks.html.j2",
        view,
        title=words["thanks_low_title" if view.low else "thanks_title"],
        times=times,
        noted=times[view.callback_time] if view.callback_time else "",
        offered=view.low and view.callback_time is None,
    )


def render_not_found(view: NotFoundView) -> str:
    """Return the page of every link that opens nothing."""
    return _render("not_found.html.j2", view, title=words_of(view.language)["missing_title"])


def render_trouble(view: TroubleView) -> str:
    """Return the page that keeps what could not be stored."""
    return _render("trouble.html.j2", view, title=words_of(view.language)["trouble_title"])


def render_away(view: AwayView) -> str:
    """Return the page of a link that cannot be looked up just now."""
    return _render("away.html.j2", view, title=words_of(view.language)["away_title"])


def day(on: date, language: Language) -> str:
    """Return a day as people say it; whoever is asked within a week needs no year."""
    if language is Language.EN:
        return f"{on.day}\N{NO-BREAK SPACE}{MONTHS[on.month - 1]}"
    return f"{on.month} 月 {on.day} 日".replace(" ", "\N{NO-BREAK SPACE}")


def _render(template: str, view: Page, **more: Any) -> str:
    other = Language.EN if view.language is Language.ZH else Language.ZH
    return (
        _pages()
        .get_template(template)
        .render(
            view=view,
            w=words_of(view.language),
            tag=LANGUAGE_TAGS[view.language],
            home="" if isinstance(view, NotFoundView) else view.address,
            other=other.value,
            other_tag=LANGUAGE_TAGS[other],
            assets={name: _address(name) for name in MEDIA_TYPES},
            **more,
        )
    )


def _address(name: str) -> str:
    file = asset(name)
    return f"{ASSETS_ROOT}/{name}?v={file.version}" if file else ""
