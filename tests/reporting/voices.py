"""Made-up loop cases and feedback items: what was said about them, and what happened.

As with lives, the record is written while it happens; nothing in it comes from the code under test.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from services.reporting.facts.rules import LoggedEvent
from shared.bus.interface import Message
from tests.reporting.lives import COMPANY, START, TEAMS
from tests.reporting.recount import Wanted, mean, share
from tests.reporting.spoken import message

RESPONSE, RESULT = timedelta(hours=24), timedelta(hours=48)


@dataclass
class Voice:
    """A loop case or, with `item`, a feedback item."""

    random: Random
    number: int
    item: bool = False
    began: datetime = START
    team: UUID | None = None
    important: bool = True
    level: int = 1
    sequence: int = 0
    answered: datetime | None = None
    result: datetime | None = None
    closed: datetime | None = None
    outcome: str | None = None
    events: list[LoggedEvent] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        return UUID(int=(8 if self.item else 7) * 10_000_000 + self.number)

    @property
    def spared(self) -> datetime | None:
        """Return when it turned out that nothing was needed."""
        return self.closed if self.outcome == "not_needed" else None

    def say(self, verb: str, at: datetime, **data: Any) -> None:
        common = {
            "ticket_id": str(UUID(int=1_000 + self.number)),
            "cycle_no": 1,
            "customer_id": None,
            "kind": "complaint",
            "channel": "phone",
            "category_id": None,
            "org_unit_id": str(self.team) if self.team else None,
            "org_path": [str(COMPANY)] + ([str(self.team)] if self.team else []),
        }
        if self.item:
            due = {"response_due_at": self.began + RESPONSE, "result_due_at": self.began + RESULT}
            data |= {"item_id": self.id, "importance": "important" if self.important else "normal"}
            data |= {"source": "hotline", "mode": "initiative", "sentiment": None} | due
            common["ticket_id"] = None
        else:
            data |= {"case_id": self.id, "priority": "p1", "tier": "l1", "level": self.level}
        self.sequence += 1
        told = {n: str(v) if isinstance(v, UUID) else v for n, v in data.items()}
        told = {n: v.isoformat() if isinstance(v, datetime) else v for n, v in told.items()}
        type = f"feedback.{'' if self.item else 'loop_'}{verb}"
        self.events.append(LoggedEvent(type, 1, self.sequence, at, "live", common | told))

    def live(self) -> "Voice":
        pick = self.random.choice
        self.team = pick(TEAMS)
        self.began = now = self.began + timedelta(seconds=self.random.randint(0, 20 * 86_400))
        self.important = pick([True, True, False])
        if self.item:
            self.say("received", now, received_at=now)
        else:
            scores = {"satisfaction": 1, "nps": None, "solved": False, "owner_id": None}
            due = {"contact_due_at": now + RESPONSE, "result_due_at": now + RESULT}
            self.say("opened", now, response_id=self.id, opened_at=now, **scores, **due)
        for _ in range(self.random.randint(0, 5)):
            now += timedelta(seconds=self.random.randint(0, 20 * 3_600))
            pick([self._move, self._answer, self._answer, self._result, self._close])(now)
        return self

    def _move(self, now: datetime) -> None:
        self.team = self.random.choice(TEAMS)
        if self.item:
            self.important = self.random.choice([True, False])
            self.say("classified", now, classified_at=now)
        else:
            self.level += 1
            why = {"owner_id": None, "reason": "contact_overdue"}
            self.say("escalated", now, escalated_at=now, **why)

    def _answer(self, now: datetime) -> None:
        if self.item:
            self.say("replied", now, first=self.answered is None, replied_at=now)
            self.answered = self.answered or now
        else:  # a second time only what was earlier and is heard of later
            self.answered = self._earlier(self.answered, now)
            self.say("contacted", now, contacted_at=self.answered)

    def _result(self, now: datetime) -> None:
        if self.closed or (self.item and self.result):
            return
        self.result = self._earlier(self.result, now)
        self.say("resulted", now, resulted_at=self.result)

    def _earlier(self, known: datetime | None, now: datetime) -> datetime:
        if known is None:
            return now
        return self.began + (known - self.began) * self.random.random()

    def _close(self, now: datetime) -> None:
        if self.closed:
            return
        self.closed = now
        if self.item:
            self.say("closed", now, verification="customer", closed_at=now)
            return
        self.outcome = self.random.choice(
            ["recovered", "recovered", "not_recovered", "unreachable", "not_needed"]
        )
        about = {"handling_ticket_id": None, "response_id": None}
        self.say("closed", now, outcome=self.outcome, closed_at=now, **about)


def voices(
    random: Random, least: int = 1, most: int = 8, *, since: datetime = START
) -> list[Voice]:
    count = random.randint(least, most)
    return [Voice(random, n, item=random.random() < 0.5, began=since).live() for n in range(count)]


def said_of(told: Iterable[Voice]) -> list[Message]:
    """Return all that was said about them, in the order in which it happened to each."""
    return [message(event) for voice in told for event in voice.events]


def recount_voices(
    told: Iterable[Voice], wanted: Wanted, *, by: datetime | None = None
) -> dict[str, tuple[float | None, int]]:
    """Count again from the records; of limits only those that had fallen due by then."""
    told = list(told)

    def met(limit: timedelta, names: tuple[str, ...]) -> Iterable[bool]:
        for voice in told:
            due = voice.began + limit
            done = next((at for name in names if (at := getattr(voice, name))), None)
            unneeded = voice.spared and voice.spared <= due and done in {None, voice.spared}
            binds = (voice.important or not voice.item) and not unneeded
            if binds and wanted(due, voice.team) and (by is None or due <= by):
                yield done is not None and done <= due

    cases = [v for v in told if not v.item and v.closed and wanted(v.closed, v.team)]
    judged = [v for v in cases if v.outcome != "not_needed"]
    items = [v for v in told if v.item]
    closed = [v for v in items if v.closed and wanted(v.closed, v.team)]
    return {
        "recovery_rate": share(v.outcome == "recovered" for v in judged),
        "feedback_24h_rate": share(met(RESPONSE, ("answered",))),
        "feedback_48h_rate": share(met(RESULT, ("result", "closed"))),
        "loop_closure_rate": share(v.closed is not None for v in items if wanted(v.began, v.team)),
        "loop_time": mean([(v.closed - v.began).total_seconds() for v in closed if v.closed]),
    }
