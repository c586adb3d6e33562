"""A tile in words: everything the template prints, already said in the reader's language."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from services.reporting.dashboard import drawing
from services.reporting.dashboard.formats import Scale, said, scale_of
from services.reporting.dashboard.labels import OUTCOMES
from services.reporting.dashboard.rules import Tone, Verdict, tone, verdict
from services.reporting.dashboard.view import Language, Target, Tile
from services.reporting.dashboard.words import FILLED_BY, WAITING, words_of
from services.reporting.figures.metric_rules import COUNTS, Better, Bilingual, Metric, Shape, Unit
from services.reporting.figures.rules import Figure

PERCENT_POINTS = Bilingual("个百分点", "points")
POINTS = Bilingual("分", "points")
PIECES = Bilingual("件", "")

Way = Literal["up", "down", "even"]
State = Literal["shown", "none", "withheld", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    text: str
    tone: Tone
    way: Way = "even"


@dataclass(frozen=True, slots=True)
class TargetText:
    """A 4 px bar filled up to the value, with a mark at the target, both in percent of it."""

    text: str
    verdict: Verdict | None
    said: str
    filled: float
    mark: float


@dataclass(frozen=True, slots=True)
class Spark:
    path: str
    last: str
    label: str


@dataclass(frozen=True, slots=True)
class TileText:
    code: str
    name: str
    definition: str
    version: str
    about: str
    state: State
    empty: str = ""
    value: str = ""
    suffix: str = ""
    interval: str = ""
    n: str = ""
    small: bool = False
    step: Step | None = None
    target: TargetText | None = None
    spark: Spark | None = None
    lines: tuple[str, ...] = ()


def tile_text(tile: Tile, language: Language) -> TileText:
    """Return what a tile says."""
    metric, figure, words = tile.metric, tile.figure, words_of(language)
    name = said(metric.name, language)
    text = TileText(
        code=metric.code,
        name=name,
        definition=said(metric.definition, language),
        version=words["version"].format(metric.version),
        about=words["about"].format(name),
        state="failed",
        empty=words["failed_why"],
        spark=_spark(tile, language),
    )
    if figure is None:
        return text
    if figure.withheld:
        withheld = words["withheld"]
        return replace(text, state="withheld", empty=withheld, n=_n(metric, figure), spark=None)
    if figure.value is None:
        return replace(text, state="none", empty=said(FILLED_BY[metric.code], language))
    scale = scale_of(metric, figure.n, figure.value, language)
    return replace(
        text,
        state="shown",
        empty="",
        value=scale.number(figure.value),
        suffix=_suffix(metric, scale, language),
        interval=_interval(metric, figure, scale, language),
        n=_n(metric, figure),
        small=figure.small_sample,
        step=_step(metric, figure, tile.previous, language),
        target=_target(metric, figure, tile.target, language),
        lines=_lines(metric, figure, language),
    )


def _n(metric: Metric, figure: Figure) -> str:
    return "" if metric.shape in COUNTS else f"n {figure.n:,}"


def _suffix(metric: Metric, scale: Scale, language: Language) -> str:
    if metric.shape is Shape.MEAN_SCORE:
        return "/ 100"
    return said(PIECES, language) if metric.unit is Unit.TICKETS else scale.unit


def _interval(metric: Metric, figure: Figure, scale: Scale, language: Language) -> str:
    if figure.low is None or figure.high is None:
        return ""
    span = scale.span(figure.low, figure.high, language)
    return f"{words_of(language)['mean']} {span}" if metric.shape is Shape.DURATION else span


def _step(metric: Metric, figure: Figure, previous: Figure | None, language: Language) -> Step:
    words = words_of(language)
    if previous is None or previous.value is None or figure.value is None:
        return Step(words["no_previous"], Tone.EVEN)
    difference = figure.value - previous.value
    n = min(figure.n, previous.n)
    size = abs(difference) if metric.unit is Unit.SECONDS else figure.value
    scale = scale_of(metric, n, size, language)
    written = scale.step(difference)
    if float(written.replace(",", "")) == 0:
        return Step(words["even"], Tone.EVEN)
    one = written == "1" and language is Language.EN
    unit = _step_unit(metric, scale, language).removesuffix("s" if one else "")
    amount = f"{written} {unit}".strip()
    up, down = ("slower", "faster") if metric.unit is Unit.SECONDS else ("rose", "fell")
    text = words[up if difference > 0 else down].format(amount)
    how = tone(metric, figure, previous)
    chance = words["by_chance"] if how is Tone.EVEN else ""
    return Step(text + chance, how, "up" if difference > 0 else "down")


def _step_unit(metric: Metric, scale: Scale, language: Language) -> str:
    if metric.unit is Unit.SECONDS:
        return scale.unit
    unit = {Unit.PERCENT: PERCENT_POINTS, Unit.POINTS: POINTS, Unit.TICKETS: PIECES}[metric.unit]
    return said(unit, language)


def _target(
    metric: Metric, figure: Figure, target: Target | None, language: Language
) -> TargetText | None:
    if target is None or figure.value is None:
        return None
    words, judged = words_of(language), verdict(metric, figure, target)
    most = metric.better is Better.LOWER
    scale = target_scale(metric, target, language)
    text = words["target_most" if most else "target_least"].format(scale.full(target.value))
    low, high = _bar(metric, target)
    return TargetText(
        text=text,
        verdict=judged,
        said=words[judged] if judged else "",
        filled=_part(figure.value, low, high),
        mark=_part(target.value, low, high),
    )


def target_scale(metric: Metric, target: Target, language: Language) -> Scale:
    """Return how a target is written: with the decimals that it was given, no others."""
    scale = scale_of(metric, 0, target.value, language)
    decimals = 0 if (target.value / scale.divisor).is_integer() else 1
    return Scale(scale.divisor, decimals, scale.unit, scale.signed)


def _bar(metric: Metric, target: Target) -> tuple[float, float]:
    """Return the ends of the bar; where a scale has no end, twice the target is one."""
    low, high = reach(metric)
    return low, high if math.isfinite(high) else 2 * target.value or 1


def reach(metric: Metric) -> tuple[float, float]:
    """Return between which values a metric's figures lie."""
    if metric.shape is Shape.NPS:
        return -100, 100
    return 0, 100 if metric.unit in {Unit.PERCENT, Unit.POINTS} else math.inf


def _part(value: float, low: float, high: float) -> float:
    return round(100 * min(max((value - low) / (high - low), 0), 1), 1)


def _lines(metric: Metric, figure: Figure, language: Language) -> tuple[str, ...]:
    """Return what a duration needs beside its mean, and a rate of verdicts beside its share."""
    if figure.outcomes is not None:
        counts = [f"{said(OUTCOMES[o], language)} {n:,}" for o, n in figure.outcomes.items() if n]
        return (" · ".join(counts),)
    if metric.shape is not Shape.DURATION:
        return ()
    words, lines = words_of(language), []
    parts = [
        words[key].format(scale_of(metric, figure.n, e.value, language).full(e.value))
        for key, e in (("median", figure.median), ("p90", figure.p90))
        if e is not None and e.value is not None
    ]
    if parts:
        lines.append(("，" if language is Language.ZH else ", ").join(parts))
    if figure.open_n:
        lines.append(said(WAITING[metric.code], language).format(f"{figure.open_n:,}"))
    if figure.clamped:
        lines.append(words["clamped"].format(f"{figure.clamped:,}"))
    return tuple(lines)


def _spark(tile: Tile, language: Language) -> Spark | None:
    known = [value for value in tile.recent if value is not None]
    scale = drawing.axis(tile.recent)
    if len(known) < 2 or scale is None:  # noqa: PLR2004  one point is no line
        return None
    last = (None,) * (len(tile.recent) - 1) + tile.recent[-1:]
    ends = [scale_of(tile.metric, 0, v, language).full(v) for v in (known[0], known[-1])]
    label = words_of(language)["spark"].format(len(tile.recent), *ends)
    return Spark(drawing.line(tile.recent, scale), drawing.dots(last, scale), label)
