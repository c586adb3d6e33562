"""Dashboards to look at: a lively month, an empty one, and one on a bad day."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from services.reporting.books.rules import Books, DifferingCycle, Problem
from services.reporting.dashboard.case_rules import Clock, OpenCase, OpenCases
from services.reporting.dashboard.view import (
    DashboardView,
    Filter,
    Grain,
    Language,
    Option,
    Target,
    Tile,
    Trend,
    TrendPoint,
)
from services.reporting.facts.rules import Measure, Sums
from services.reporting.figures.registry import METRICS
from services.reporting.figures.rules import Buckets, Figure, figure, withhold
from shared.statistics.quantiles import bucket_of

ZONE = ZoneInfo("Asia/Shanghai")
TARGETS = {
    "csat_score": 85.0,
    "satisfaction_rate": 85.0,
    "nps": 40.0,
    "survey_response_rate": 40.0,
    "complaint_count": 60.0,
    "first_response_time": 1_800.0,
    "resolution_time": 172_800.0,
    "recovery_rate": 60.0,
}
RATES = ("feedback_24h_rate", "feedback_48h_rate")
TREND_FROM = date(2026, 9, 7)


def rows(measure: Measure, counts: dict[int, int]) -> Buckets:
    return {(measure, v): Sums(n, n * v, n * v * v) for v, n in counts.items()}


def durations(measure: Measure, seconds: list[int]) -> Buckets:
    cells: dict[tuple[Measure, int], Sums] = {}
    for value in seconds:
        key = (measure, bucket_of(value))
        cells[key] = cells.get(key, Sums()) + Sums(1, value, value * value)
    return cells


def figures(seed: int, size: int = 412, mood: float = 0.72) -> dict[str, Figure]:
    """Return what one period of a service team of this size and mood looks like."""
    random = Random(seed)
    grades = random.choices((1, 2, 3, 4, 5), (5, 6, 9, 30 * mood * 1.6, 50 * mood * 1.4), k=size)
    likely = random.choices(range(11), (3, 1, 1, 1, 1, 3, 4, 9, 17, 22 * mood, 38 * mood), k=size)
    replies = sorted(int(random.lognormvariate(6.6, 0.9)) for _ in range(size * 2))
    ends = sorted(int(random.lognormvariate(10.9, 0.9)) for _ in range(size * 2))
    buckets: dict[tuple[Measure, int], Sums] = {
        **rows(Measure.CSAT, {g: grades.count(g) for g in range(1, 6)}),
        **rows(Measure.COMPLAINT_SATISFACTION, {g: grades.count(g) // 3 for g in range(1, 6)}),
        **rows(Measure.NPS, {g: likely.count(g) for g in range(11)}),
        **rows(Measure.RESPONSE_RATE, {0: int(size * 1.4), 1: size}),
        **rows(Measure.COMPLAINT_CREATED, {0: size // 6}),
        **rows(Measure.TICKET_CREATED, {0: size * 2}),
        **durations(Measure.FIRST_RESPONSE, replies),
        **durations(Measure.RESOLUTION, ends),
        **rows(Measure.UNANSWERED, {0: 12}),
        **rows(Measure.UNRESOLVED, {0: 1_284}),
        **rows(Measure.LOOP_CLOSED, {1: size // 9, 2: size // 18, 3: size // 50}),
        **rows(Measure.LOOP_NOT_NEEDED, {4: 3}),
        **rows(Measure.FEEDBACK_RESPONSE, {0: size // 20, 1: size // 4}),
        **rows(Measure.FEEDBACK_RESULT, {0: size // 12, 1: size // 4}),
    }
    ordered = {"first_response_time": replies, "resolution_time": ends}
    return {code: figure(m, buckets, ordered.get(code)) for code, m in METRICS.items()}


def filters() -> tuple[Filter, ...]:
    def options(*labels: str) -> tuple[Option, ...]:
        return tuple(Option(f"v{i}", label) for i, label in enumerate(labels))

    return (
        Filter("period", "时段", options("本月", "上月", "本季度"), "v0", main=True),
        Filter(
            "org_unit_id",
            "机构",
            options("全部机构", "华东分公司", "华东分公司 / 售后一组"),
            main=True,
        ),
        Filter("channel", "渠道", options("全部渠道", "电话", "微信", "邮件"), main=True),
        Filter("kind", "类型", options("投诉", "咨询", "报修")),
        Filter("category_id", "分类", options("配送超时与包装破损导致的退换货争议", "账单")),
        Filter("priority", "优先级", options("紧急", "普通")),
        Filter("tier", "支持层级", options("一线", "二线", "专家")),
    )


def tile(code: str, now: Figure | None, before: Figure | None, recent: list[Figure]) -> Tile:
    values = tuple(f.value for f in recent)
    return Tile(METRICS[code], now, before, Target(TARGETS[code]), values)


def trend(code: str, weeks: list[Figure]) -> Trend:
    points = [
        TrendPoint(TREND_FROM + timedelta(days=7 * i), week, closed=i < len(weeks) - 1)
        for i, week in enumerate(weeks)
    ]
    return Trend(METRICS[code], Grain.WEEK, tuple(points), Target(TARGETS[code]))


def sunk(shown: Figure, points: float) -> Figure:
    if shown.value is None or shown.low is None or shown.high is None:
        return shown
    return replace(
        shown, value=shown.value - points, low=shown.low - points, high=shown.high - points
    )


AS_OF = datetime(2026, 11, 25, 19, 20, tzinfo=ZONE)


def open_cases() -> OpenCases:
    """Return cases in every state of their clocks."""

    def one(n: int, contact: float, result: float, *stopped: float | None) -> OpenCase:
        """Hours from now to the limits, and from the limits back to what stopped them."""
        limits = [AS_OF + timedelta(hours=hours) for hours in (contact, result)]
        clocks = [
            Clock(due, None if early is None else due - timedelta(hours=early))
            for due, early in zip(limits, (*stopped, None, None), strict=False)
        ]
        unit = "华东分公司售后服务与投诉处理联合小组" if n == 2 else f"华北热线{n}组"
        first = 0x019348AA_0000_7000_8000_0000A0B1C000 + 977 * n
        about = unit, "complaint", 1 + n % 3
        return OpenCase(UUID(int=first), UUID(int=first + 1), *about, *clocks)

    rows = (
        one(0, -2.5, 21.5),
        one(1, -0.4, 23.6),
        one(2, 0.8, 24.8),
        one(3, -20, 4, 6.0),
        one(4, -20, 4, -1.5),
        one(5, 23, 47),
        one(6, -30, -6, 6.0, 2.0),
    )
    return OpenCases(total=19, overdue=2, rows=rows)


def a_lively_month(language: Language = Language.ZH) -> DashboardView:
    now, before = figures(1), figures(2, 380, 0.5)
    weeks = [figures(10 + i, 30 + 9 * i, 0.9 - 0.04 * i) for i in range(12)]
    recent = {code: [week[code] for week in weeks] for code in TARGETS}
    falling = [
        sunk(week, 4.0 * max(0, i - 8)) for i, week in enumerate(recent["satisfaction_rate"])
    ]
    return DashboardView(
        organisation="云帆家电服务有限公司",
        language=language,
        first=date(2026, 11, 1),
        last=date(2026, 11, 30),
        as_of=AS_OF,
        provisional=True,
        filters=filters(),
        tiles=tuple(tile(code, now[code], before[code], recent[code]) for code in TARGETS),
        trends=(
            trend("satisfaction_rate", falling),
            trend("first_response_time", recent["first_response_time"]),
        ),
        cases=open_cases(),
        rates=tuple(Tile(METRICS[code], now[code], target=Target(100)) for code in RATES),
        books=Books(closed=1_012, suppressed=92, open=41, completed=412, expired=455, cancelled=12),
        demo=True,
    )


def an_empty_start(language: Language = Language.ZH) -> DashboardView:
    nothing = {code: figure(metric, {}) for code, metric in METRICS.items()}
    return replace(
        a_lively_month(language),
        tiles=tuple(Tile(METRICS[code], nothing[code]) for code in TARGETS),
        trends=(
            Trend(METRICS["csat_score"], Grain.WEEK, ()),
            Trend(METRICS["nps"], Grain.WEEK, ()),
        ),
        cases=OpenCases(0, 0, ()),
        rates=tuple(Tile(METRICS[code], nothing[code]) for code in RATES),
        books=Books(closed=0, suppressed=0, open=0, completed=0, expired=0, cancelled=0),
        demo=False,
    )


def a_bad_day(language: Language = Language.ZH) -> DashboardView:
    """A failed tile, a withheld one, small samples, unbalanced books and a broken definition."""
    view, few = a_lively_month(language), figures(3, 12, 0.3)
    tiles = [tile(code, few[code], figures(4)[code], []) for code in TARGETS]
    tiles[0] = replace(tiles[0], figure=None)
    tiles[2] = replace(tiles[2], figure=withhold(figures(5, 4)["nps"]))
    points = [
        replace(p, figure=replace(p.figure, version=2)) if i >= 6 else p
        for i, p in enumerate(view.trends[0].points)
    ]
    points[3] = replace(points[3], figure=figure(METRICS["satisfaction_rate"], {}))
    books = Books(
        closed=1_014,
        suppressed=92,
        open=41,
        completed=412,
        expired=455,
        cancelled=12,
        differences=tuple(
            DifferingCycle(
                UUID(int=0x019348AA_0000_7000_8000_000000000000 + i), i, Problem.UNACCOUNTED
            )
            for i in (1, 2)
        ),
    )
    broken = replace(view.trends[0], points=tuple(points))
    rates = tuple(replace(rate, figure=None) for rate in view.rates)
    bad = replace(view, tiles=tuple(tiles), trends=(broken, view.trends[1]), books=books)
    return replace(bad, cases=None, rates=rates)
