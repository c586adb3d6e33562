"""Take a customer's answer: once, by the link that was sent to him."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.surveys.invitations.links import hash_of
from services.surveys.invitations.queries import Invitation, by_token, change_invitation
from services.surveys.invitations.vocabulary import InvitationState
from services.surveys.questionnaires.documents import read_questionnaire
from services.surveys.questionnaires.queries import document_of
from services.surveys.questionnaires.rules import (
    Questionnaire,
    Scores,
    check_answers,
    is_low,
    score,
    tidy,
)
from services.surveys.questionnaires.vocabulary import AnswerProblem, Language, QuestionType
from services.surveys.responses.queries import (
    Given,
    add_response,
    response_of,
    write_callback,
)
from services.surveys.responses.telling import (
    Answer,
    call_for_recovery,
    hand_on_words,
    tell_callback,
    tell_completed,
)
from services.surveys.responses.vocabulary import CallbackTime
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.ids import new_id


class AnswersInvalidError(InvalidError):
    """Some answers cannot be accepted; `problems` says which, by qid."""

    def __init__(self, problems: Mapping[str, AnswerProblem]) -> None:
        super().__init__(
            "answers_invalid",
            "Some answers cannot be accepted.",
            errors=[
                {"pointer": f"/answers/{qid}", "code": problem, "message": problem}
                for qid, problem in problems.items()
            ],
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """A link that works: what is asked, and what was answered already."""

    invitation: Invitation
    questionnaire: Questionnaire
    given: Given | None


async def find_survey(
    session: Session, token: str, *, now: datetime, lock: bool = False
) -> OpenSurvey:
    """Return the survey of a link.

    Raises the same NotFoundError for every link that opens nothing: unknown, expired, foreign.
    """
    invitation = await by_token(session, hash_of(token), lock=lock)
    if invitation is None or not _opens(invitation, now):
        raise NotFoundError("survey_not_found", "The link opens nothing, or no more.")
    document = await document_of(
        session, invitation.questionnaire or "", invitation.version_no or 0
    )
    given = await response_of(session, invitation.id)
    return OpenSurvey(invitation, read_questionnaire(document), given)


async def note_opening(session: Session, token: str, *, now: datetime) -> None:
    """Note when the page was first opened by a person. Raises NotFoundError."""
    found = await find_survey(session, token, now=now, lock=True)
    if found.invitation.opened_at is None:
        await change_invitation(session, found.invitation, opened_at=now)


async def submit_response(
    session: Session,
    vault: Vault,
    token: str,
    answers: Mapping[str, Any],
    *,
    language: Language,
    now: datetime,
) -> Scores:
    """Store an answer and tell of it; of two phones that send at once one is first.

    Raises NotFoundError, ConflictError when it was answered already, AnswersInvalidError.
    """
    found = await find_survey(session, token, now=now, lock=True)
    if found.given is not None:
        raise ConflictError("survey_answered", "It was answered already. Thank you.")
    accepted = tidy(answers)
    problems = check_answers(found.questionnaire, accepted)
    if problems:
        raise AnswersInvalidError(problems)
    scores = score(found.questionnaire, accepted)
    completed = await change_invitation(
        session,
        found.invitation,
        said=1,
        state=InvitationState.COMPLETED,
        opened_at=found.invitation.opened_at or now,
        ended_at=now,
    )
    answer = Answer(new_id(), scores, low=is_low(scores), given_at=now)
    after_reopen = completed.reopened_at is not None and completed.reopened_at < now
    words = _words(found.questionnaire, accepted)
    values = {qid: said for qid, said in accepted.items() if qid not in words}
    stored = _row(vault, found, values, words, answer)
    await add_response(session, stored | {"language": language, "after_reopen": after_reopen})
    await tell_completed(session, completed, answer, after_reopen=after_reopen)
    await call_for_recovery(session, completed, answer)
    await hand_on_words(session, vault, completed, answer, words=words, language=language)
    return scores


async def ask_for_call(
    session: Session, token: str, time: CallbackTime, *, now: datetime
) -> OpenSurvey:
    """Note that a customer who was let down would like to be called.

    Raises NotFoundError, or ConflictError when no call was offered.
    """
    found = await find_survey(session, token, now=now, lock=True)
    if found.given is None or not found.given.low:
        raise ConflictError("no_callback_offered", "A call is offered after a low answer.")
    if found.given.callback_time is not time:
        await write_callback(session, found.given.id, time)
        await tell_callback(session, found.invitation, found.given.id, time, now=now)
    return OpenSurvey(
        found.invitation, found.questionnaire, Given(found.given.id, low=True, callback_time=time)
    )


def _opens(invitation: Invitation, now: datetime) -> bool:
    """Return whether a link works: sent and in time, or used before."""
    if invitation.state is InvitationState.COMPLETED:
        return True
    in_time = invitation.expires_at is not None and now < invitation.expires_at
    return invitation.state is InvitationState.SENT and in_time


def _words(form: Questionnaire, accepted: Mapping[str, Any]) -> dict[str, str]:
    texts = {question.qid for question in form.questions if question.type is QuestionType.TEXT}
    return {qid: said for qid, said in accepted.items() if qid in texts}


def _row(
    vault: Vault,
    found: OpenSurvey,
    values: Mapping[str, Any],
    words: Mapping[str, str],
    answer: Answer,
) -> dict[str, Any]:
    """Return an answer as it is stored: values to count, words sealed."""
    return {
        "id": answer.response_id,
        "invitation_id": found.invitation.id,
        "questionnaire": found.invitation.questionnaire,
        "version_no": found.invitation.version_no,
        "answers": values,
        "texts_sealed": seal_words(vault, answer.response_id, words),
        "satisfaction": answer.scores.satisfaction,
        "nps": answer.scores.nps,
        "solved": answer.scores.solved,
        "low": answer.low,
        "submitted_at": answer.given_at,
    }


def seal_words(vault: Vault, response_id: UUID, words: Mapping[str, str]) -> str:
    """Return what a customer wrote as it is stored."""
    return vault.encrypt(json.dumps(words), context=f"response:{response_id}")
