"""Answer a question about a metric: the whole, the period before, and the groups."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from services.reporting.facts.invitation_rules import InvitationState
from services.reporting.facts.rules import Measure, Sums
from services.reporting.figures.metric_rules import Metric, Shape
from services.reporting.figures.period_rules import Period, end_of, pieces, start_of
from services.reporting.figures.queries import EXACT_UP_TO, Cells, cells, durations
from services.reporting.figures.question_rules import Group, Question
from services.reporting.figures.rules import Figure, figure
from services.reporting.figures.vocabulary import TIMES
from shared.database import Session

ANSWERED: Final = frozenset(
    {Measure.CSAT, Measure.COMPLAINT_SATISFACTION, Measure.NPS, Measure.RESPONSE_RATE}
)
"""What moves as long as an invitation of the period can still be answered."""

WAITING: Final = {(Measure.INVITATION, InvitationState.OPEN), (Measure.FEEDBACK_RECEIVED, 0)}
"""Rows of the period that will count otherwise: to be answered, to be closed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A figure of one group; `provisional` when it will still move by itself."""

    group: Group
    period: Period
    figure: Figure
    provisional: bool


async def answer(session: Session, asked: Question) -> Answer:
    """Return the figure of the whole period."""
    return (await _answers(session, replace(asked, by=None)))[None]


async def answers(session: Session, asked: Question) -> list[Answer]:
    """Return the figure of each group; of times every piece of the period, empty ones too."""
    if asked.by is None:
        return []
    found = await _answers(session, asked)
    if asked.by in TIMES:
        return list(found.values())
    return sorted(found.values(), key=lambda one: (-one.figure.n, str(one.group)))


async def _answers(session: Session, asked: Question) -> dict[Group, Answer]:
    metric = asked.metric
    wanted = set(metric.measures) - metric.standing
    if metric.measure in ANSWERED:
        wanted.add(Measure.INVITATION)
    counted = await cells(session, asked, wanted)
    if metric.standing:
        await _add_standing(session, asked, counted)
    ordered = await _ordered(session, asked, counted)
    found, today = {}, asked.today
    for group, period in _groups(asked, counted).items():
        buckets = counted.get(group, {})
        values = None if ordered is None else ordered.get(group, [])
        shown = figure(metric, buckets, values)
        found[group] = Answer(group, period, shown, _provisional(asked, today, period, buckets))
    return found


def _groups(asked: Question, counted: Cells) -> dict[Group, Period]:
    by = asked.by
    if by is None:
        return {None: asked.period}
    if by in TIMES:
        return {start_of(piece.first, by): piece for piece in pieces(asked.period, by)}
    measured = set(asked.metric.measures)
    return {
        group: asked.period
        for group, buckets in counted.items()
        if any(measure in measured for measure, _ in buckets)
    }


async def _add_standing(session: Session, asked: Question, counted: Cells) -> None:
    """Add what stands at the end of each period: of everything that began up to then."""
    found = await cells(session, asked, asked.metric.standing, since=False)
    if asked.by not in TIMES:
        for group, buckets in found.items():
            counted[group].update(buckets)
        return
    days = sorted(day for day in found if isinstance(day, date))
    so_far: defaultdict[tuple[Measure, int], Sums] = defaultdict(Sums)
    for start, piece in _groups(asked, counted).items():
        while days and days[0] <= piece.last:
            for key, sums in found[days.pop(0)].items():
                so_far[key] += sums
        counted[start].update(so_far)


async def _ordered(
    session: Session, asked: Question, counted: Cells
) -> Mapping[Group, list[int]] | None:
    """Return the single durations; None when they are too many: then their buckets are counted."""
    metric = asked.metric
    if metric.shape is not Shape.DURATION:
        return None
    n = sum(_n(metric, buckets) for buckets in counted.values())
    if n <= EXACT_UP_TO:
        return await durations(session, asked)
    for buckets in counted.values():
        for key in [key for key in buckets if key[0] is metric.measure]:
            del buckets[key]
    for group, buckets in (await cells(session, asked, [metric.measure], histogram=True)).items():
        counted[group].update(buckets)
    return None


def _n(metric: Metric, buckets: Mapping[tuple[Measure, int], Sums]) -> int:
    return sum(sums.n for (measure, _), sums in buckets.items() if measure is metric.measure)


def _provisional(
    asked: Question, today: date, period: Period, buckets: Mapping[tuple[Measure, int], Sums]
) -> bool:
    by = asked.by
    last = period.last if by is None or by not in TIMES else end_of(start_of(period.last, by), by)
    settled = last + timedelta(days=asked.metric.settles)
    return settled >= today or any(sums.n for key, sums in buckets.items() if key in WAITING)
