"""Made-up lives of tickets: the events that they say, and a plain record of what happened.

The record is written while the life is lived; nothing in it comes from the code under test.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from services.reporting.facts.rules import LoggedEvent

COMPANY = UUID(int=1)
TEAMS = (UUID(int=11), UUID(int=12), None)
CATEGORIES = (UUID(int=21), UUID(int=22), UUID(int=211), None)
PATHS = {UUID(int=211): (UUID(int=21), UUID(int=211))}
"""One category lies below another."""
CUSTOMERS = (UUID(int=31), UUID(int=32), None)
START = datetime(2025, 11, 1, tzinfo=UTC)


@dataclass
class Survey:
    kind: str
    team: UUID | None
    closed: datetime
    suppressed: bool = False
    delivered: datetime | None = None
    outcome: str = "open"
    score: int | None = None
    nps: int | None = None
    taken_back: bool = False


@dataclass
class Cycle:
    begun: datetime
    due: datetime
    resolved: datetime | None = None
    resolved_team: UUID | None = None
    closed: datetime | None = None
    closed_team: UUID | None = None
    messages: int | None = None
    moved: bool = False


@dataclass
class Life:
    """One ticket: what it is at the end, when things happened, and all that was said about it."""

    random: Random
    number: int
    now: datetime = START
    dims: dict[str, Any] = field(default_factory=dict)
    customers: tuple[UUID | None, ...] = CUSTOMERS
    customer: UUID | None = None
    places: set[Any] = field(default_factory=set)
    sequence: int = 0
    created: datetime = START
    first_due: datetime = START
    reply: datetime | None = None
    cancelled: datetime | None = None
    cycles: list[Cycle] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    events: list[LoggedEvent] = field(default_factory=list)

    def pass_time(self, hours: int = 40) -> datetime:
        self.now += timedelta(seconds=self.random.randint(0, hours * 3600))
        return self.now

    def say(self, type: str, *, subject: dict[str, Any] | None = None, **data: Any) -> None:
        carried = {
            "ticket_id": str(UUID(int=1_000 + self.number)),
            "cycle_no": len(self.cycles),
            "customer_id": str(self.customer) if self.customer else None,
            **{name: str(v) if isinstance(v, UUID) else v for name, v in self.dims.items()},
            "org_path": [str(COMPANY)] + ([str(t)] if (t := self.dims["org_unit_id"]) else []),
            **{n: v.isoformat() if isinstance(v, datetime) else v for n, v in data.items()},
            **(subject or {}),
        }
        self.sequence += 1
        self.events.append(LoggedEvent(type, 1, self.sequence, self.now, "live", carried))

    def live(self) -> "Life":
        pick = self.random.choice
        self.dims = {
            "kind": pick(["complaint", "complaint", "consultation", "recovery"]),
            "channel": pick(["phone", "wechat"]),
            "category_id": pick(CATEGORIES),
            "org_unit_id": pick(TEAMS),
            "priority": pick(["p1", "p2"]),
            "tier": "l1",
        }
        self.customer = pick(self.customers)
        self.note_place()
        self.created = self.pass_time(24 * 20)
        self.first_due = self.created + timedelta(minutes=30)
        self.cycles.append(Cycle(self.created, due=self.created + timedelta(hours=48)))
        self.say(
            "ticket.created",
            created_at=self.created,
            first_response_due_at=self.first_due,
            resolution_due_at=self.cycles[0].due,
        )
        for _ in range(self.random.randint(0, 9)):
            if self.cancelled:
                break
            pick([self._move, self._reply, self._resolve, self._close, self._reopen, self._end])()
        return self

    def is_open(self, at: datetime) -> bool:
        """Return whether the ticket was neither closed nor cancelled just before an instant."""
        changes = [(cycle.begun, True) for cycle in self.cycles]
        changes += [(cycle.closed, False) for cycle in self.cycles if cycle.closed]
        if self.cancelled:
            changes.append((self.cancelled, False))
        before = [change for change in changes if change[0] < at]
        return max(before)[1] if before else False

    def note_place(self) -> None:
        self.places |= {self.dims["org_unit_id"], self.dims["tier"]} - {None}

    def _move(self) -> None:
        self.pass_time()
        if self.random.random() < 0.2:
            self.dims = {**self.dims, "tier": "l2"}
            self.say("ticket.escalated", from_tier="l1", reason="hard", escalated_at=self.now)
        elif self.random.random() < 0.5:
            self.dims = {**self.dims, "org_unit_id": self.random.choice(TEAMS)}
            self.say("ticket.assigned", assignee_id=None, assigned_at=self.now)
        else:
            self.dims = {**self.dims, "category_id": self.random.choice(CATEGORIES)}
            self.say("ticket.recategorized", recategorized_at=self.now)
        self.note_place()

    def _reply(self) -> None:
        at = self.pass_time(2)
        if self.random.random() < 0.1:  # a clock that runs two days behind
            at -= timedelta(days=2)
        self.say("ticket.responded", first=self.reply is None, responded_at=at)
        self.reply = self.reply or at

    def _resolve(self) -> None:
        cycle = self.cycles[-1]
        if cycle.resolved or cycle.closed:
            return
        cycle.resolved, cycle.resolved_team = self.pass_time(60), self.dims["org_unit_id"]
        cycle.messages = self.random.choice([None, 0, 1, 1, 2])
        teams = self.places - {"l1", "l2"}
        cycle.moved = len(teams) > 1 or {"l1", "l2"} <= self.places
        said: dict[str, Any] = {"resolution_reason": "solved"}
        said["customer_messages"] = cycle.messages
        self.say("ticket.resolved", resolved_at=self.now, **said)

    def _close(self) -> None:
        cycle = self.cycles[-1]
        if cycle.closed:
            return
        cycle.closed, cycle.closed_team = self.pass_time(), self.dims["org_unit_id"]
        self.say(
            "ticket.closed",
            closed_at=self.now,
            close_actor="timer",
            resolution_reason="done",
            requester="customer",
            created_at=self.created,
            resolved_at=cycle.resolved or self.now,
        )
        self._survey(cycle.closed)

    def _reopen(self) -> None:
        if not (self.cycles[-1].resolved or self.cycles[-1].closed):
            return
        at = self.pass_time()
        self.cycles.append(Cycle(at, due=at + timedelta(hours=48)))
        due = self.cycles[-1].due
        self.say("ticket.reopened", reason="recurred", reopened_at=at, resolution_due_at=due)

    def _end(self) -> None:
        if self.random.random() < 0.3 and not self.cycles[-1].resolved:
            self.cancelled = self.pass_time()
            self.say("ticket.cancelled", reason="withdrawn", cancelled_at=self.now)

    def _survey(self, closed: datetime) -> None:
        survey = Survey(self.dims["kind"], self.dims["org_unit_id"], closed)
        self.surveys.append(survey)
        id = str(UUID(int=5_000_000 + self.number * 100 + len(self.cycles)))
        named = {"invitation_id": id, "closed_at": closed.isoformat()}
        if self.random.random() < 0.2:
            survey.suppressed = True
            self.say("survey.suppressed", subject=named, reason="no_contact", suppressed_at=closed)
            return
        self.say("survey.invited", subject=named, questionnaire="c4", invited_at=closed)
        if self.random.random() < 0.8:
            survey.delivered = closed + timedelta(hours=self.random.randint(0, 30))
            for reminder in (0, 3)[: self.random.randint(1, 2)]:
                at = survey.delivered + timedelta(days=reminder)
                about = {"reference_kind": "survey_invitation", "reference_id": id}
                notice = {"notification_id": str(UUID(int=self.number * 1_000 + self.sequence))}
                told = {"template": "survey_invitation", "channel": "email", "delivered_at": at}
                self.say("notification.delivered", subject=about | notice, **told)
        survey.outcome = self.random.choice(["open", "completed", "completed", "expired"])
        if survey.outcome == "expired":
            self.say("survey.expired", subject=named, expired_at=closed)
        elif survey.outcome == "completed":
            survey.score = self.random.choice([None, 1, 2, 3, 4, 5])
            survey.nps = self.random.choice([None, 0, 6, 7, 8, 9, 10])
            answers = {"satisfaction": survey.score, "nps": survey.nps, "solved": True}
            flags = {"low": False, "after_reopen": False, "completed_at": closed}
            answered = named | {"questionnaire": "c4", "response_id": id}
            self.say("survey.completed", subject=answered, **answers, **flags)
            for _ in range(self.random.choice([0, 0, 0, 1, 2])):
                self._restate(survey, named | {"response_id": id})

    def _restate(self, survey: Survey, named: dict[str, Any]) -> None:
        survey.score, survey.nps = self.random.choice([1, 5]), self.random.choice([None, 0, 10])
        survey.taken_back = self.random.random() < 0.3
        scores = {"satisfaction": survey.score, "nps": survey.nps, "solved": True, "low": False}
        if survey.taken_back:
            survey.score = survey.nps = None
        why = {"reason": "entered_wrongly", "withdrawn": survey.taken_back}
        self.say("survey.response_restated", subject=named, **scores, **why, restated_at=self.now)
