"""The words of the page, Chinese first; what is counted speaks for itself in `metrics`."""

from collections.abc import Mapping
from typing import Final

from services.reporting.dashboard.formats import said
from services.reporting.dashboard.view import Grain, Language
from services.reporting.figures.metric_rules import Bilingual

WORDS: Final[Mapping[str, Bilingual]] = {
    "title": Bilingual("服务质量", "Service quality"),
    "refused": Bilingual("您的岗位看不到这些指标", "Your role does not see these figures"),
    "refused_why": Bilingual(
        "主管和经理可以查看。如果您的工作需要，请联系管理员。",
        "Supervisors and managers do. If your work needs them, ask an administrator.",
    ),
    "refused_way": Bilingual("换一个账号登录", "Sign in as somebody else"),
    "skip": Bilingual("直接看指标", "Skip to the figures"),
    "as_of": Bilingual("截至 {}", "as of {}"),
    "provisional": Bilingual("未定稿", "Provisional"),
    "provisional_why": Bilingual(
        "这一期还没结束，后到的评价和处理结果会继续计入。",
        "The period is still running; later answers and resolutions will be added.",
    ),
    "demo": Bilingual("含演示数据", "Includes demo data"),
    "language": Bilingual("English", "中文"),
    "print": Bilingual("打印", "Print"),
    "filters": Bilingual("筛选条件", "Filters"),
    "apply": Bilingual("查看", "Show"),
    "reset": Bilingual("清除条件", "Clear"),
    "more": Bilingual("更多条件", "More filters"),
    "all": Bilingual("全部", "All"),
    "figures": Bilingual("指标", "Figures"),
    "trends": Bilingual("走势", "Trends"),
    "about": Bilingual("{}怎么算", "How {} is counted"),
    "version": Bilingual("定义第 {} 版", "Definition version {}"),
    "small": Bilingual("样本量小", "Small sample"),
    "withheld": Bilingual(
        "回答不到 5 份，为保护客户身份不显示",
        "Fewer than 5 answers: not shown, so that nobody can be recognised",
    ),
    "failed": Bilingual("这项暂时没算出来", "This figure could not be computed"),
    "failed_why": Bilingual(
        "其他指标不受影响，请稍后刷新。", "The others are not affected. Please reload in a moment."
    ),
    "none": Bilingual("本期暂无数据", "Nothing in this period yet"),
    "mean": Bilingual("平均", "mean"),
    "median": Bilingual("一半在 {}内", "half within {}"),
    "p90": Bilingual("九成在 {}内", "nine in ten within {}"),
    "clamped": Bilingual("{} 件时间先后颠倒，按 0 计", "{} with reversed times, counted as 0"),
    "rose": Bilingual("比上期升 {}", "up {} on last period"),
    "fell": Bilingual("比上期降 {}", "down {} on last period"),
    "even": Bilingual("与上期持平", "same as last period"),
    "slower": Bilingual("比上期慢 {}", "{} slower than last period"),
    "faster": Bilingual("比上期快 {}", "{} faster than last period"),
    "by_chance": Bilingual("，在误差范围内", ", within the margin"),
    "no_previous": Bilingual("上期没有数据可比", "Nothing to compare with"),
    "target_least": Bilingual("目标 ≥ {}", "Target ≥ {}"),
    "target_most": Bilingual("目标 ≤ {}", "Target ≤ {}"),
    "target": Bilingual("目标", "Target"),
    "reached": Bilingual("已达成", "reached"),
    "missed": Bilingual("未达成", "missed"),
    "unclear": Bilingual("差距在误差内，难下结论", "too close to call"),
    "spark": Bilingual("近 {} 期从 {} 到 {}", "from {1} to {2} over {0} periods"),
    "numbers": Bilingual("看数字", "The numbers"),
    "period": Bilingual("时段", "Period"),
    "value": Bilingual("数值", "Value"),
    "range": Bilingual("95% 区间", "95% interval"),
    "count": Bilingual("样本 n", "n"),
    "note": Bilingual("说明", "Note"),
    "running": Bilingual("进行中", "still running"),
    "redefined": Bilingual("定义从此改为第 {} 版", "definition version {} from here"),
    "empty_trend": Bilingual(
        "有了两期数据，这里就会画出走势。", "The trend appears as soon as two periods have figures."
    ),
    "books": Bilingual("对账", "The books"),
    "balanced": Bilingual("账目相符", "The books balance"),
    "off": Bilingual("有 {} 处对不上", "{} entries do not match"),
    "books_failed": Bilingual(
        "账目暂时读不出来，请稍后刷新。", "The books cannot be read now. Please reload in a moment."
    ),
    "books_why": Bilingual(
        "每个结案周期都应当有一份邀请，或一条不发的原因。",
        "Every closed cycle has one invitation, or one row that says why not.",
    ),
    "no_books": Bilingual(
        "还没有结案的工单。第一张结案后，这里会逐期核对邀请和不发的原因。",
        "Nothing is closed yet. From the first closing on, invitations are checked here.",
    ),
    "closed": Bilingual("结案", "closed"),
    "invited": Bilingual("邀请", "invited"),
    "suppressed": Bilingual("不发", "not surveyed"),
    "open": Bilingual("待答", "open"),
    "completed": Bilingual("已答", "completed"),
    "expired": Bilingual("过期", "expired"),
    "cancelled": Bilingual("取消", "cancelled"),
    "ticket": Bilingual("工单", "Ticket"),
    "cycle": Bilingual("第 {} 次结案", "closing {}"),
    "reading": Bilingual(
        "区间是 95% 置信区间；n 不到 30 时标“样本量小”。与上期的差别小于误差时不分好坏。"
        "天数按 {} 划分。",
        "Intervals are 95 % confidence intervals; below n = 30 a sample is marked as small. "
        "Changes within the margin are neither good nor bad. Days are those of {}.",
    ),
}

FILLED_BY: Final[Mapping[str, Bilingual]] = {
    "csat_score": Bilingual("客户答完问卷后出现。", "Appears when a customer answers a survey."),
    "satisfaction_rate": Bilingual(
        "客户答完问卷后出现。", "Appears when a customer answers a survey."
    ),
    "nps": Bilingual(
        "客户答了推荐意愿后出现。", "Appears when a customer says whether he recommends us."
    ),
    "complaint_satisfaction_rate": Bilingual(
        "投诉客户答完问卷后出现。", "Appears when a customer answers about his complaint."
    ),
    "survey_response_rate": Bilingual(
        "问卷邀请送达后出现。", "Appears when an invitation is delivered."
    ),
    "complaint_rate": Bilingual("有新工单后出现。", "Appears with the first ticket."),
    "first_response_time": Bilingual(
        "第一次公开回复客户后出现。", "Appears with the first public reply."
    ),
    "resolution_time": Bilingual("第一张工单解决后出现。", "Appears when a ticket is resolved."),
    "srr": Bilingual("首次响应时限到期后出现。", "Appears when a response limit falls due."),
    "cpr": Bilingual("投诉处理时限到期后出现。", "Appears when a complaint's limit falls due."),
    "reopen_rate": Bilingual("第一张工单解决后出现。", "Appears when a ticket is resolved."),
    "within_deadline_rate": Bilingual(
        "第一张工单解决后出现。", "Appears when a ticket is resolved."
    ),
    "closing_time": Bilingual("第一张工单关闭后出现。", "Appears when a ticket is closed."),
    "fcr": Bilingual(
        "第一张有客户的工单解决后出现。", "Appears when a customer's ticket is resolved."
    ),
    "recovery_rate": Bilingual(
        "第一件补救个案有结论后出现。", "Appears when a loop case has its verdict."
    ),
    "feedback_24h_rate": Bilingual("响应时限到期后出现。", "Appears when a response falls due."),
    "feedback_48h_rate": Bilingual("结果时限到期后出现。", "Appears when a result falls due."),
    "loop_closure_rate": Bilingual("收到反馈后出现。", "Appears with the first feedback."),
    "loop_time": Bilingual("第一条反馈关闭后出现。", "Appears when feedback is closed."),
}

WAITING: Final[Mapping[str, Bilingual]] = {
    "first_response_time": Bilingual("还有 {} 件等首次回复", "{} still wait for a reply"),
    "resolution_time": Bilingual("还有 {} 件没解决", "{} are still open"),
    "closing_time": Bilingual("还有 {} 件没关闭", "{} are not closed"),
    "loop_time": Bilingual("还有 {} 条没闭环", "{} are still open"),
}

GRAINS: Final[Mapping[Grain, Bilingual]] = {
    Grain.DAY: Bilingual("按天", "by day"),
    Grain.WEEK: Bilingual("按周", "by week"),
    Grain.MONTH: Bilingual("按月", "by month"),
}

MOVED: Final[Mapping[tuple[Grain, str], Bilingual]] = {
    (Grain.DAY, "rose"): Bilingual("{}连续两天上升", "{} rose two days in a row"),
    (Grain.DAY, "fell"): Bilingual("{}连续两天下降", "{} fell two days in a row"),
    (Grain.WEEK, "rose"): Bilingual("{}连续两周上升", "{} rose two weeks in a row"),
    (Grain.WEEK, "fell"): Bilingual("{}连续两周下降", "{} fell two weeks in a row"),
    (Grain.MONTH, "rose"): Bilingual("{}连续两月上升", "{} rose two months in a row"),
    (Grain.MONTH, "fell"): Bilingual("{}连续两月下降", "{} fell two months in a row"),
}


def words_of(language: Language) -> dict[str, str]:
    """Return all words of the page in one language."""
    return {key: said(text, language) for key, text in WORDS.items()}
