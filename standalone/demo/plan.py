"""What happened in the demo's twelve weeks: lives of tickets, drawn from a fixed seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from standalone.demo.words import BLAME, PRAISE, REQUESTS

SEED: Final = 20_260_101
WEEKS: Final = 12
TICKETS: Final = 1_500
CUSTOMERS: Final = 400
TEAMS: Final = 6
AGENTS_A_TEAM: Final = 3
ANSWERED: Final = 0.37

KINDS: Final = {"complaint": 45, "consultation": 25, "repair": 20, "business_request": 10}
CHANNELS: Final = {"phone": 45, "wechat": 30, "web": 10, "mobile_app": 10, "store": 5}
PRIORITIES: Final = {"normal": 70, "high": 20, "low": 7, "critical": 3}

ASSIGNED_AFTER: Final = timedelta(minutes=2)

SLOW_TEAM: Final = 4
"""One team answers late and pleases less, so that the figures have something to show."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the customer answers, some time after the closing."""

    after: timedelta
    satisfaction: int
    recommend: int
    solved: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class Life:
    """One ticket's life; delays count from the step before, None is a step not taken yet."""

    created_at: datetime
    kind: str
    channel: str
    priority: str
    category: int
    customer: int
    team: int
    agent: int
    subject: str
    description: str
    first_reply_after: timedelta | None
    resolved_after: timedelta | None
    closed_after: timedelta | None
    by_timer: bool
    reopened_after: timedelta | None
    answer: Answer | None


def lives(now: datetime, *, count: int = TICKETS) -> list[Life]:
    """Return the demo's lives, oldest first, the newest `ASSIGNED_AFTER` ago at the latest.

    For another `now` they are the same lives, moved in time: a load goes on where it stopped.
    """
    random = Random(SEED)
    last = now - ASSIGNED_AFTER
    span = timedelta(weeks=WEEKS).total_seconds()
    ages = sorted((span * (1 - random.random() ** 0.9) for _ in range(count)), reverse=True)
    return [
        _life(Random(f"{SEED}/{number}"), last - timedelta(seconds=age), now)
        for number, age in enumerate(ages)
    ]


def _life(random: Random, created_at: datetime, now: datetime) -> Life:
    kind = _draw(random, KINDS)
    subject, description = random.choice(REQUESTS[kind])
    team = random.randrange(TEAMS)
    slow = 2.2 if team == SLOW_TEAM else 1.0
    reply = ASSIGNED_AFTER + timedelta(minutes=slow * random.lognormvariate(2.7, 0.7))
    solve = timedelta(hours=slow * random.lognormvariate(2.3, 0.9))
    by_timer = random.random() < 0.45  # noqa: PLR2004 - many customers never press confirm
    close = timedelta(hours=72 if by_timer else random.uniform(0.5, 72))
    closed_at = created_at + reply + solve + close
    reopened = timedelta(hours=20) if random.random() < 0.05 else None  # noqa: PLR2004 - rare
    return Life(
        created_at=created_at,
        kind=kind,
        channel=_draw(random, CHANNELS),
        priority=_draw(random, PRIORITIES),
        category=random.randrange(8),
        customer=random.randrange(CUSTOMERS),
        team=team,
        agent=random.randrange(AGENTS_A_TEAM),
        subject=subject,
        description=description,
        first_reply_after=reply if created_at + reply < now else None,
        resolved_after=solve if created_at + reply + solve < now else None,
        closed_after=close if closed_at < now else None,
        by_timer=by_timer,
        reopened_after=reopened if reopened and closed_at + reopened < now else None,
        answer=_answer(random, slow=slow > 1, closed_at=closed_at, now=now),
    )


def _answer(random: Random, *, slow: bool, closed_at: datetime, now: datetime) -> Answer | None:
    after = timedelta(hours=random.uniform(0.2, 60))
    if random.random() > ANSWERED or closed_at + after >= now:
        return None
    weights: Sequence[int] = (8, 10, 27, 31, 24) if slow else (2, 3, 13, 38, 44)
    satisfaction = random.choices((1, 2, 3, 4, 5), weights)[0]
    solved = random.random() < (0.35, 0.6, 0.94, 0.99, 1)[satisfaction - 1]
    recommend = max(0, min(10, round(satisfaction * 2 + random.gauss(0.3, 1.2))))
    comment = random.choice(PRAISE if satisfaction > 3 else BLAME)  # noqa: PLR2004 - 4 and 5 please
    return Answer(
        after=after,
        satisfaction=satisfaction,
        recommend=recommend,
        solved=solved,
        comment=comment if random.random() < 0.3 else None,  # noqa: PLR2004 - few write
    )


def _draw(random: Random, weights: dict[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]
