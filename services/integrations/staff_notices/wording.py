"""Notices to staff in the reader's language; whatever is missing, something is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import ChainableUndefined, Environment

from services.integrations.staff_notices.words import TEXTS, TITLES


@dataclass(frozen=True, slots=True)
class StaffWording:
    """A notice as its reader sees it."""

    title: str
    text: str


def word_staff_notice(
    template: str, parameters: Mapping[str, str], *, language: str, zone: ZoneInfo
) -> StaffWording:
    """Return the text of a notice; one of which nobody here knows is shown by its code."""
    title = TITLES.get(template, {}).get(language, template)
    source = TEXTS.get(template, {}).get(language, "")
    text = _environment(language, zone).from_string(source).render(parameters)
    return StaffWording(title, " ".join(text.split()))


@cache
def _environment(language: str, zone: ZoneInfo) -> Environment:
    # the front-end that shows it escapes it: this is JSON
    environment = Environment(undefined=ChainableUndefined)  # noqa: S701

    def moment(instant: str) -> str:
        try:
            then = datetime.fromisoformat(instant).astimezone(zone)
        except ValueError:
            return instant
        if language == "zh":
            return f"{then.month}月{then.day}日 {then:%H:%M}"
        return f"{then.day} {then:%B}, {then:%H:%M}"

    environment.filters["moment"] = moment
    return environment
