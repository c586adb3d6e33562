"""Questionnaires as JSON: how they are shipped, sent and stored."""

from typing import Final

from pydantic import TypeAdapter, ValidationError

from services.surveys.questionnaires.fault_rules import faults
from services.surveys.questionnaires.rules import Questionnaire
from shared.errors import InvalidError

_ADAPTER: Final = TypeAdapter(Questionnaire)


class QuestionnaireInvalidError(InvalidError):
    """The questionnaire cannot be used; `facts["faults"]` says why, one sentence each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("questionnaire_invalid", "; ".join(faults), faults=faults)


def read_questionnaire(document: str | bytes) -> Questionnaire:
    """Return the questionnaire of a JSON document. Raises QuestionnaireInvalidError."""
    try:
        questionnaire = _ADAPTER.validate_json(document, strict=True)
    except ValidationError as error:
        found = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise QuestionnaireInvalidError(tuple(found)) from error
    if found_by_rules := faults(questionnaire):
        raise QuestionnaireInvalidError(found_by_rules)
    return questionnaire


def write_questionnaire(questionnaire: Questionnaire) -> bytes:
    """Return the JSON document of a questionnaire; reading it gives an equal one."""
    return _ADAPTER.dump_json(questionnaire, exclude_none=True)
