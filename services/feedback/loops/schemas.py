"""Loop cases as the staff's front-ends see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.feedback.loops.case_queries import Escalation, LoggedContact, Score
from services.feedback.loops.queries import LoopCase
from services.feedback.loops.rules import read_clock, state_of
from services.feedback.loops.vocabulary import (
    BY_HAND,
    ContactMeans,
    LoopEscalationReason,
    LoopOutcome,
    LoopState,
    NotNeededReason,
)
from services.feedback.loops.work_on_case import ContactMade, needs_acknowledgement, note_context
from shared.crypto.vault import Vault
from shared.texts import RequestModel, Text, example


class LoopClockOut(BaseModel):
    """One clock: `seconds_left` is negative when overdue, null when it runs no more."""

    due_at: datetime
    stopped_at: datetime | None
    overdue: bool
    seconds_left: int | None


class LoopCaseLine(BaseModel):
    """A case on the worklist; `level` says how often it went upwards."""

    id: UUID
    ticket_id: UUID
    cycle_no: int
    customer_id: UUID | None
    kind: str
    channel: str
    category_id: UUID | None
    org_unit_id: UUID | None
    priority: str
    satisfaction: int | None
    solved: bool | None
    state: LoopState
    outcome: LoopOutcome | None
    opened_at: datetime
    contact: LoopClockOut
    result: LoopClockOut
    level: int
    owner_id: UUID | None
    needs_acknowledgement: bool
    callback_time: str | None
    handling_ticket_id: UUID | None
    noted: bool | None
    version: int


class LoopScoreOut(BaseModel):
    """A low answer of the case; the `restated_` fields stand in its place when it was restated."""

    response_id: UUID
    cycle_no: int
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    completed_at: datetime
    restated_at: datetime | None
    withdrawn: bool | None
    restated_satisfaction: int | None
    restated_solved: bool | None


class LoopContactOut(BaseModel):
    """A line of the contact log."""

    id: UUID
    means: ContactMeans
    reached: bool
    note: str | None
    staff_id: UUID
    at: datetime


class LoopEscalationOut(BaseModel):
    """A step upwards; `staff_id` is null when a clock or a verdict took it."""

    level: int
    reason: LoopEscalationReason
    owner_id: UUID | None
    staff_id: UUID | None
    at: datetime


class LoopCaseOut(LoopCaseLine):
    """A case with all that belongs to it."""

    handling_cycle_no: int | None
    taken_at: datetime | None
    restated_at: datetime | None
    close_reason: NotNeededReason | None
    closed_at: datetime | None
    closed_by: UUID | None
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    scores: list[LoopScoreOut]
    contacts: list[LoopContactOut]
    escalations: list[LoopEscalationOut]


class LoopContactIn(RequestModel):
    """How somebody tried to reach the customer; `reached` stops the contact clock."""

    model_config = example(
        means="phone", reached=True, note="客户说维修后仍不点火，已约明天上午九点再上门。"
    )

    means: ContactMeans
    reached: bool = Field(strict=True)
    note: Text | None = None

    @property
    def made(self) -> ContactMade:
        """Return the contact as the use case wants it."""
        return ContactMade(self.means, self.reached, self.note)


class LoopAssignment(RequestModel):
    """Who has the case from now on."""

    model_config = example(owner_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e51")

    owner_id: UUID


class LoopEscalation(RequestModel):
    """Why the case goes one level up."""

    model_config = example(reason="customer_insists")

    reason: LoopEscalationReason

    @model_validator(mode="after")
    def _is_a_persons(self) -> Self:
        if self.reason not in BY_HAND:
            msg = f"a person may say {', '.join(sorted(BY_HAND))}"
            raise ValueError(msg)
        return self


class LoopClosing(RequestModel):
    """How a person closes a case: not_needed with a reason, or unreachable."""

    model_config = example(outcome="not_needed", reason="mistaken_answer")

    outcome: LoopOutcome
    reason: NotNeededReason | None = None

    @model_validator(mode="after")
    def _is_a_persons(self) -> Self:
        if self.outcome not in {LoopOutcome.NOT_NEEDED, LoopOutcome.UNREACHABLE}:
            msg = "only the customer says whether he was won back"
            raise ValueError(msg)
        if (self.outcome is LoopOutcome.NOT_NEEDED) != (self.reason is not None):
            msg = "not_needed wants a reason, unreachable has none"
            raise ValueError(msg)
        if self.reason is NotNeededReason.ANSWER_RESTATED:
            msg = "an answer that was restated closes its case by itself"
            raise ValueError(msg)
        return self


def case_line(case: LoopCase, *, now: datetime) -> LoopCaseLine:
    """Return a case as the worklist shows it."""
    return LoopCaseLine.model_validate(_facts(case, now))


def case_out(
    case: LoopCase,
    vault: Vault,
    *,
    scores: Sequence[Score],
    contacts: Sequence[LoggedContact],
    escalations: Sequence[Escalation],
    now: datetime,
) -> LoopCaseOut:
    """Return a case with all that belongs to it; the notes are opened for who may read it."""
    return LoopCaseOut.model_validate(
        _facts(case, now)
        | {
            "scores": [LoopScoreOut.model_validate(one, from_attributes=True) for one in scores],
            "contacts": [_contact_out(one, vault) for one in contacts],
            "escalations": [
                LoopEscalationOut.model_validate(one, from_attributes=True) for one in escalations
            ],
        }
    )


def _facts(case: LoopCase, now: datetime) -> dict[str, object]:
    facts: dict[str, object] = {
        name: getattr(case, name)
        for name in LoopCaseOut.model_fields
        if name in LoopCase.__dataclass_fields__
    }
    contact = read_clock(case.contact_due_at, case.contacted_at, case.closed_at, now=now)
    result = read_clock(case.result_due_at, case.resulted_at, case.closed_at, now=now)
    return facts | {
        "state": state_of(
            contacted_at=case.contacted_at,
            verifying_since=case.verifying_since,
            closed_at=case.closed_at,
        ),
        "contact": LoopClockOut.model_validate(contact, from_attributes=True),
        "result": LoopClockOut.model_validate(result, from_attributes=True),
        "needs_acknowledgement": needs_acknowledgement(case),
    }


def _contact_out(one: LoggedContact, vault: Vault) -> LoopContactOut:
    sealed = one.note_sealed
    note = None if sealed is None else vault.decrypt(sealed, context=note_context(one.id))
    return LoopContactOut(
        id=one.id,
        means=ContactMeans(one.means),
        reached=one.reached,
        note=note,
        staff_id=one.staff_id,
        at=one.at,
    )
