"""Correct the scores of an answer, or take it back; how it stood before stays readable."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.surveys.invitations.queries import Invitation, change_invitation
from services.surveys.invitations.telling import tell
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
from services.surveys.questionnaires.vocabulary import QuestionType
from services.surveys.responses.submit_response import AnswersInvalidError, seal_words
from services.surveys.responses.telling import Answer, call_for_recovery
from services.surveys.restatements.queries import Stated, former_of, replace_answer
from services.surveys.restatements.vocabulary import RestateReason, WithdrawReason
from shared.audit import audit
from shared.auth.actor import Actor
from shared.changes import difference
from shared.contracts.surveys import SurveyResponseRestated
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import ConflictError


async def restate_response(
    session: Session,
    invitation: Invitation,
    stated: Stated,
    corrections: Mapping[str, Any],
    *,
    reason: RestateReason,
    actor: Actor,
    now: datetime,
) -> Stated:
    """Correct what a held answer says to some questions; null takes an answer away.

    Raises ConflictError when it was withdrawn or says this already, AnswersInvalidError.
    """
    _require_standing(stated)
    form = await _asked(session, stated)
    answers = tidy({**stated.answers, **corrections})
    if problems := check_answers(form, answers):
        raise AnswersInvalidError(problems)
    if answers == stated.answers:
        raise ConflictError("answer_unchanged", "The answer says this already.")
    scores = score(form, answers)
    answer = Answer(stated.id, scores, low=is_low(scores), given_at=now)
    was_low = stated.low or any(one.low for one in await former_of(session, stated.id))
    restated = await replace_answer(
        session,
        stated,
        reason=reason,
        actor=actor,
        now=now,
        answers=answers,
        satisfaction=scores.satisfaction,
        nps=scores.nps,
        solved=scores.solved,
        low=answer.low,
    )
    await _tell(session, invitation, stated, answer, withdrawn=False, reason=reason, actor=actor)
    if not was_low:
        await call_for_recovery(session, invitation, answer)
    return restated


async def withdraw_response(
    session: Session,
    vault: Vault,
    invitation: Invitation,
    stated: Stated,
    *,
    reason: WithdrawReason,
    actor: Actor,
    now: datetime,
) -> Stated:
    """Take a held answer out of every figure and delete its words.

    Raises ConflictError when it was withdrawn already.
    """
    _require_standing(stated)
    withdrawn = await replace_answer(
        session,
        stated,
        reason=reason,
        actor=actor,
        now=now,
        answers={},
        texts_sealed=seal_words(vault, stated.id, {}),
        satisfaction=None,
        nps=None,
        solved=None,
        low=False,
        callback_time=None,
        withdrawn_at=now,
    )
    nothing = Answer(stated.id, Scores(), low=False, given_at=now)
    await _tell(session, invitation, stated, nothing, withdrawn=True, reason=reason, actor=actor)
    return withdrawn


def _require_standing(stated: Stated) -> None:
    if stated.withdrawn_at is not None:
        raise ConflictError("answer_withdrawn", "The answer was withdrawn.")


async def _asked(session: Session, stated: Stated) -> Questionnaire:
    """Return the questions that can be corrected: words cannot."""
    form = read_questionnaire(await document_of(session, stated.questionnaire, stated.version_no))
    counted = tuple(one for one in form.questions if one.type is not QuestionType.TEXT)
    return replace(form, questions=counted)


async def _tell(
    session: Session,
    invitation: Invitation,
    before: Stated,
    answer: Answer,
    *,
    withdrawn: bool,
    reason: str,
    actor: Actor,
) -> None:
    """Tell how an answer stands now, and write the line of the audit trail."""
    changed = await change_invitation(session, invitation, said=1)
    await tell(
        session,
        changed,
        SurveyResponseRestated,
        now=answer.given_at,
        low=answer.low,
        withdrawn=withdrawn,
        reason=reason,
        restated_at=answer.given_at,
        **answer.facts,
    )
    await audit(
        session,
        "response.withdrawn" if withdrawn else "response.restated",
        actor=actor,
        subject_kind="response",
        subject_id=answer.response_id,
        now=answer.given_at,
        changes=difference(_scores(before), _scores(answer.scores)),
        reason=reason,
    )


def _scores(of: Stated | Scores) -> dict[str, int | bool | None]:
    return {name: getattr(of, name) for name in ("satisfaction", "nps", "solved")}
