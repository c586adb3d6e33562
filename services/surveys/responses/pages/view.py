"""What the respondent's pages show; addresses are relative to the page's own origin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.surveys.questionnaires.rules import Questionnaire
from services.surveys.questionnaires.vocabulary import AnswerProblem, Language
from services.surveys.responses.vocabulary import CallbackTime


@dataclass(frozen=True, slots=True)
class SurveyView:
    """The form: as it is opened, or once more with what was answered and what is wrong with it.

    `address` is the link itself; the form posts to it, and `address`/opened hears of the opening.
    """

    company: str
    language: Language
    address: str
    questionnaire: Questionnaire
    closed_on: date
    answers: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, AnswerProblem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThanksView:
    """The page after an answer, which is also the page of a link that was used before.

    After a low answer that has no `callback_time` yet, a call is offered; it is posted to
    `address`/callback. `callback_unticked` shows the offer again with what is missing.
    """

    company: str
    language: Language
    address: str
    low: bool = False
    callback_time: CallbackTime | None = None
    callback_unticked: bool = False


@dataclass(frozen=True, slots=True)
class NotFoundView:
    """The one page for unknown, expired and foreign links; it tells them apart by nothing."""

    company: str
    language: Language


@dataclass(frozen=True, slots=True)
class TroubleView:
    """The page when answers could not be stored: it carries them, to be sent once more.

    `fields` is what the browser had posted to `address`. It needs nothing from any database.
    """

    company: str
    language: Language
    address: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AwayView:
    """The page when a link cannot be looked up just now; it needs nothing from any database."""

    company: str
    language: Language
    address: str
