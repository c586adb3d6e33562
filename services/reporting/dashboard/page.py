"""The dashboard as HTML: readable without script, complete in print."""

from dataclasses import replace
from functools import cache
from typing import Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.reporting.dashboard.assets import MEDIA_TYPES, asset
from services.reporting.dashboard.case_text import cases_text
from services.reporting.dashboard.case_words import CASE_WORDS
from services.reporting.dashboard.formats import full_day, said, span_name
from services.reporting.dashboard.tile_text import tile_text
from services.reporting.dashboard.trend_text import trend_text
from services.reporting.dashboard.view import DashboardView, Language
from services.reporting.dashboard.words import words_of

LANGUAGE_TAGS: Final = {Language.ZH: "zh-CN", Language.EN: "en"}


@cache
def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("services.reporting.dashboard"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,  # a misspelt name is an error, not an empty place
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_dashboard(view: DashboardView, *, root: str = "/dashboard") -> str:
    """Return the page; its files lie under `root`-assets."""
    language, words = view.language, words_of(view.language)
    return (
        _pages()
        .get_template("dashboard.html.j2")
        .render(
            view=view,
            w=words | {key: said(text, language) for key, text in CASE_WORDS.items()},
            tag=LANGUAGE_TAGS[language],
            root=root,
            assets={name: _address(root, name) for name in MEDIA_TYPES},
            span=span_name(view.first, view.last, language),
            as_of=f"{full_day(view.as_of.date(), language)} {view.as_of:%H:%M}",
            zone=str(view.as_of.tzinfo),
            other=address(_in_other_language(view), root),
            tiles=[tile_text(tile, language) for tile in view.tiles],
            cases=cases_text(view.cases, view.as_of, language) if view.cases else None,
            rates=[tile_text(rate, language) for rate in view.rates],
            trends=[trend_text(trend, language) for trend in view.trends],
            unfolded=any(field.selected for field in view.filters if not field.main),
            said=lambda text: said(text, language),
        )
    )


def render_refusal(language: Language, organisation: str, *, root: str = "/dashboard") -> str:
    """Return the page for somebody whose role sees no figures: why, and the way on."""
    return (
        _pages()
        .get_template("refused.html.j2")
        .render(
            w=words_of(language),
            tag=LANGUAGE_TAGS[language],
            organisation=organisation,
            root=root,
            stylesheet=_address(root, "dashboard.css"),
        )
    )


def address(view: DashboardView, root: str) -> str:
    """Return the address of a view: its filters are all there is to it."""
    chosen = [(field.name, field.selected) for field in view.filters if field.selected]
    return f"{root}?{urlencode([*chosen, ('lang', view.language.value)])}"


def _in_other_language(view: DashboardView) -> DashboardView:
    other = Language.EN if view.language is Language.ZH else Language.ZH
    return replace(view, language=other)


def _address(root: str, name: str) -> str:
    file = asset(name)
    return f"{root}-assets/{name}?v={file.version}" if file else ""
