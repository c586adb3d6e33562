"""A trend in words and lines: its sentence, its table, its drawing and the data of its chart."""

from dataclasses import dataclass
from typing import Any

from services.reporting.dashboard import drawing
from services.reporting.dashboard.formats import Scale, period_name, said, scale_of
from services.reporting.dashboard.rules import movement
from services.reporting.dashboard.tile_text import reach, target_scale
from services.reporting.dashboard.view import Language, Trend, TrendPoint
from services.reporting.dashboard.words import GRAINS, MOVED, words_of


@dataclass(frozen=True, slots=True)
class Row:
    period: str
    value: str
    interval: str
    n: str
    note: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Paths in a box of 100 by 100; `running` dots belong to periods that are not over."""

    line: str
    dots: str
    running: str
    band: str
    target: float | None
    breaks: tuple[float, ...]
    top: str
    bottom: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class TrendText:
    code: str
    sentence: str
    subtitle: str
    rows: tuple[Row, ...]
    drawing: Drawing | None
    chart: dict[str, Any]


def trend_text(trend: Trend, language: Language) -> TrendText:
    """Return what a trend says."""
    name = said(trend.metric.name, language)
    moved = movement(trend.points)
    sentence = said(MOVED[trend.grain, moved], language).format(name) if moved else name
    scale = _scale(trend, language)
    subtitle = [name] if moved else []
    subtitle.append(said(GRAINS[trend.grain], language))
    if scale.unit:
        subtitle.append(scale.unit)
    if trend.target:
        target = target_scale(trend.metric, trend.target, language).full(trend.target.value)
        subtitle.append(f"{words_of(language)['target']} {target}")
    return TrendText(
        code=trend.metric.code,
        sentence=sentence,
        subtitle=" · ".join(subtitle),
        rows=tuple(_row(trend, i, scale, language) for i in range(len(trend.points))),
        drawing=_draw(trend, scale, language),
        chart=_chart(trend, scale, language),
    )


def _scale(trend: Trend, language: Language) -> Scale:
    values = [p.figure.value for p in trend.points if p.figure.value is not None]
    largest = max(values, default=0.0)
    return scale_of(
        trend.metric, max((p.figure.n for p in trend.points), default=0), largest, language
    )


def _interval(point: TrendPoint, scale: Scale, language: Language) -> str:
    low, high = point.figure.low, point.figure.high
    if low is None or high is None:
        return "–"
    return scale.span(low, high, language)


def _row(trend: Trend, index: int, scale: Scale, language: Language) -> Row:
    point, words = trend.points[index], words_of(language)
    notes = [] if point.closed else [words["running"]]
    if index in _breaks(trend):
        notes.append(words["redefined"].format(point.figure.version))
    if point.figure.small_sample and point.figure.value is not None:
        notes.append(words["small"])
    value = point.figure.value
    return Row(
        period=period_name(point.start, trend.grain, language),
        value="–" if value is None else scale.full(value),
        interval=_interval(point, scale, language),
        n=f"{point.figure.n:,}",
        note=("；" if language is Language.ZH else "; ").join(notes),
    )


def _breaks(trend: Trend) -> list[int]:
    """Return the points from which on the metric means something else."""
    versions = [point.figure.version for point in trend.points]
    return [i for i in range(1, len(versions)) if versions[i] != versions[i - 1]]


def _draw(trend: Trend, scale: Scale, language: Language) -> Drawing | None:
    points = trend.points
    values = [p.figure.value for p in points]
    lows, highs = [p.figure.low for p in points], [p.figure.high for p in points]
    target = trend.target.value if trend.target else None
    box = drawing.axis([*values, *lows, *highs, target], within=reach(trend.metric))
    if box is None or sum(value is not None for value in values) < 2:  # noqa: PLR2004  no line yet
        return None
    names = [period_name(p.start, trend.grain, language) for p in (points[0], points[-1])]
    running = [None if p.closed else p.figure.value for p in points]
    closed = [p.figure.value if p.closed else None for p in points]
    return Drawing(
        line=drawing.line(values, box),
        dots=drawing.dots(closed, box),
        running=drawing.dots(running, box),
        band=drawing.band(lows, highs, box),
        target=None if target is None else round(box.y(target), 2),
        breaks=tuple(round(100 * (i - 0.5) / (len(points) - 1), 2) for i in _breaks(trend)),
        top=scale.full(box.high),
        bottom=scale.full(box.low),
        first=names[0],
        last=names[1],
    )


def _chart(trend: Trend, scale: Scale, language: Language) -> dict[str, Any]:
    """Return the data of the script's chart, in the unit in which they are shown."""

    def shown(value: float | None) -> float | None:
        return None if value is None else round(value / scale.divisor, 3)

    figures = [point.figure for point in trend.points]
    rows = [_row(trend, i, scale, language) for i in range(len(figures))]
    return {
        "labels": [row.period for row in rows],
        "values": [shown(f.value) for f in figures],
        "lows": [shown(f.low) for f in figures],
        "highs": [shown(f.high) for f in figures],
        "running": [not point.closed for point in trend.points],
        "hover": [
            " · ".join(filter(None, (r.value, r.interval, f"n {r.n}", r.note))) for r in rows
        ],
        "target": shown(trend.target.value) if trend.target else None,
        "breaks": [i - 0.5 for i in _breaks(trend)],
        "suffix": "%" if scale.unit == "%" else "",
    }
