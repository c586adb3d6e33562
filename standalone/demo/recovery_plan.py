"""How the demo's bad answers are made good: drawn from the fixed seed, like the lives."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from standalone.demo.plan import SEED, Answer

NEGLECTED: Final = 0.1
LATE: Final = 0.2
STUCK: Final = 0.1
"""Some cases are seen to by nobody, some late, some never end: the desk has something to show."""

ANSWERED: Final = 0.75


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is done about a bad answer; delays count from the step before, None is not done yet."""

    contacted_after: timedelta | None
    resolved_after: timedelta | None
    closed_after: timedelta | None
    answer: Answer | None


def recovery_of(number: int, opened_at: datetime, now: datetime) -> Recovery:
    """Return what is done about the bad answer of the life with this number."""
    random = Random(f"{SEED}/recovery/{number}")
    neglected, late, stuck = (random.random() < share for share in (NEGLECTED, LATE, STUCK))
    contact = timedelta(hours=random.uniform(26, 40) if late else random.uniform(0.5, 18))
    solve = timedelta(hours=random.uniform(2, 24))
    close = timedelta(hours=random.uniform(0.5, 40))
    answer = _answer(random)
    contacted_at = opened_at + contact
    closed_at = contacted_at + solve + close
    contacted = not neglected and contacted_at < now
    resolved = contacted and not stuck and contacted_at + solve < now
    closed = resolved and closed_at < now
    answered = closed and answer is not None and closed_at + answer.after < now
    return Recovery(
        contacted_after=contact if contacted else None,
        resolved_after=solve if resolved else None,
        closed_after=close if closed else None,
        answer=answer if answered else None,
    )


def _answer(random: Random) -> Answer | None:
    after = timedelta(hours=random.uniform(0.2, 40))
    if random.random() > ANSWERED:
        return None
    satisfaction = random.choices((1, 2, 3, 4, 5), (4, 8, 14, 40, 34))[0]
    return Answer(
        after=after,
        satisfaction=satisfaction,
        recommend=0,
        solved=random.random() < (0.2, 0.4, 0.8, 0.97, 1)[satisfaction - 1],
        comment=None,
    )
