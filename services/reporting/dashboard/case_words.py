"""The words about open loop cases."""

from collections.abc import Mapping
from typing import Final

from services.reporting.figures.metric_rules import Bilingual

CASE_WORDS: Final[Mapping[str, Bilingual]] = {
    "cases": Bilingual("未结的补救个案", "Open loop cases"),
    "cases_open": Bilingual("共 {} 件", "{} open"),
    "cases_overdue": Bilingual("{} 件超时", "{} overdue"),
    "cases_in_time": Bilingual("都在时限内", "all within their limits"),
    "cases_more": Bilingual("这里只列最急的 {} 件。", "Only the {} most urgent are listed."),
    "no_cases": Bilingual(
        "现在没有未结的个案。客户评价 1–2 分或表示没解决，这里就会出现一件。",
        "Nothing is open now. A score of 1 or 2, or a problem not solved, opens a case here.",
    ),
    "cases_failed": Bilingual(
        "个案暂时读不出来，请稍后刷新。", "The cases cannot be read now. Please reload in a moment."
    ),
    "case": Bilingual("个案", "Case"),
    "contact_clock": Bilingual("联系客户", "Contact"),
    "result_clock": Bilingual("给出结果", "Result"),
    "level": Bilingual("级别", "Level"),
    "unit": Bilingual("机构", "Unit"),
    "kind": Bilingual("类型", "Kind"),
    "left": Bilingual("还剩 {}", "{} left"),
    "soon": Bilingual("还剩 {}", "{} left"),
    "over": Bilingual("超时 {}", "{} overdue"),
    "in_time": Bilingual("按时完成", "done in time"),
    "late": Bilingual("完成，晚了 {}", "done, {} late"),
    "due": Bilingual("{} 到期", "due {}"),
}
