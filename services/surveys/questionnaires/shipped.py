"""The questionnaires that CareLoop brings along, and which kind of ticket gets which."""

from functools import cache
from importlib.resources import files
from typing import Final

from services.surveys.questionnaires.documents import read_questionnaire
from services.surveys.questionnaires.rules import Questionnaire

COMPLAINT_HANDLING: Final = "complaint_handling_v1"
TICKET_FOLLOWUP: Final = "ticket_followup_v1"
RECOVERY_CHECK: Final = "recovery_check_v1"

SHIPPED: Final = (COMPLAINT_HANDLING, TICKET_FOLLOWUP, RECOVERY_CHECK)

_OF_KIND: Final = {"complaint": COMPLAINT_HANDLING, "recovery": RECOVERY_CHECK}


@cache
def shipped(code: str) -> Questionnaire:
    """Return a questionnaire of `SHIPPED`. Raises FileNotFoundError for any other code."""
    document = files("services.surveys.questionnaires").joinpath("forms", f"{code}.json")
    return read_questionnaire(document.read_bytes())


def code_for(kind: str) -> str:
    """Return the code of the questionnaire that a closed ticket of this kind is surveyed with."""
    return _OF_KIND.get(kind, TICKET_FOLLOWUP)
