"""What notices say, in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError

from services.integrations.notifications.vocabulary import Template

LANGUAGES: Final = ("zh", "en")


class WordingError(Exception):
    """A notice lacks something that its text needs."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """In whose name notices are written, by language, and in which zone their times are."""

    organisations: Mapping[str, str]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Wording:
    """A notice as its customer reads it."""

    subject: str
    body: str
    language: str


def language_for(wanted: str) -> str:
    """Return the language in which a notice is written; Chinese unless English is wanted."""
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def word_notice(
    template: Template,
    parameters: Mapping[str, str],
    *,
    name: str,
    language: str,
    head: Letterhead,
) -> Wording:
    """Return the text of a notice. Raises WordingError when a parameter is missing or no instant.

    The first line of a template is the subject, the third begins the body.
    """
    chosen = language_for(language)
    try:
        text = (
            _templates(chosen, head.zone)
            .get_template(f"{template}.{chosen}.txt.j2")
            .render({**parameters, "name": name, "organisation": head.organisations[chosen]})
        )
    except (TemplateError, TypeError, ValueError) as error:
        raise WordingError(type(error).__name__) from error
    subject, _, body = text.partition("\n\n")
    return Wording(" ".join(subject.split()), body.strip(), chosen)


@cache
def _templates(language: str, zone: ZoneInfo) -> Environment:
    # plain text, not HTML: the page that shows it escapes it
    environment = Environment(  # noqa: S701
        loader=PackageLoader("services.integrations.notifications", "notices"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def moment(instant: str) -> str:
        then = datetime.fromisoformat(instant).astimezone(zone)
        if language == "zh":
            return f"{then.month}月{then.day}日 {then:%H:%M}"
        return f"{then.day} {then:%B}, {then:%H:%M}"

    environment.filters["moment"] = moment
    return environment
