"""How a drill is judged; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RECOVERY_SECONDS = 300
"""N-02: recovered in less than five minutes."""

ANSWER_SECONDS = 2.0
"""N-01: what still runs answers within two seconds, 95 times of 100."""


@dataclass(frozen=True)
class Difference:
    """What the system has less or more of than was done, summed over all that is counted."""

    lost: float
    doubled: float


@dataclass(frozen=True)
class Outcome:
    """What became of one round; `seconds` are from the restart until every count was exact."""

    fault: str
    answers: int
    refused: int
    p95: float
    seconds: float
    difference: Difference

    @property
    def passed(self) -> bool:
        """Return whether the promises were kept."""
        exact = self.difference == Difference(0, 0)
        return exact and self.seconds < RECOVERY_SECONDS and self.p95 < ANSWER_SECONDS


def compared(expected: Mapping[str, float], found: Mapping[str, float]) -> Difference:
    """Return what is missing and what is too much; who says nothing has nothing."""
    gaps = [found.get(name, 0) - figure for name, figure in expected.items()]
    return Difference(
        lost=sum(-gap for gap in gaps if gap < 0), doubled=sum(gap for gap in gaps if gap > 0)
    )


def passed(outcomes: Sequence[Outcome], *, rebuilt_alike: bool) -> bool:
    """Return whether the whole drill is passed."""
    return bool(outcomes) and all(one.passed for one in outcomes) and rebuilt_alike
