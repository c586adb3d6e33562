"""Names of the codes by which figures are divided; a code without a name stands for itself."""

from collections.abc import Mapping
from typing import Final

from services.reporting.figures.metric_rules import Bilingual

CHANNELS: Final[Mapping[str, Bilingual]] = {
    "phone": Bilingual("电话", "Phone"),
    "wechat": Bilingual("微信", "WeChat"),
    "mobile_app": Bilingual("掌上营业厅", "Mobile app"),
    "web": Bilingual("网站", "Web"),
    "online_chat": Bilingual("在线客服", "Online chat"),
    "sms": Bilingual("短信", "SMS"),
    "social_media": Bilingual("社交媒体", "Social media"),
    "ecommerce": Bilingual("电商平台", "E-commerce"),
    "store": Bilingual("营业厅", "Store"),
    "onsite": Bilingual("现场", "On site"),
    "comment_box": Bilingual("意见箱", "Comment box"),
    "hotline_12345": Bilingual("12345 热线", "12345 hotline"),
    "letter": Bilingual("来信", "Letter"),
    "internal": Bilingual("内部", "Internal"),
}

KINDS: Final[Mapping[str, Bilingual]] = {
    "complaint": Bilingual("投诉", "Complaint"),
    "consultation": Bilingual("咨询", "Consultation"),
    "repair": Bilingual("维修", "Repair"),
    "business_request": Bilingual("业务办理", "Business request"),
    "field_job": Bilingual("上门作业", "Field job"),
    "win_back": Bilingual("流失挽回", "Win-back"),
    "recovery": Bilingual("服务补救", "Recovery"),
}

PRIORITIES: Final[Mapping[str, Bilingual]] = {
    "critical": Bilingual("紧急", "Critical"),
    "high": Bilingual("高", "High"),
    "normal": Bilingual("普通", "Normal"),
    "low": Bilingual("低", "Low"),
}

TIERS: Final[Mapping[str, Bilingual]] = {
    "l1": Bilingual("一线", "First line"),
    "l2": Bilingual("二线", "Second line"),
    "expert": Bilingual("专家", "Expert"),
}

OUTCOMES: Final[Mapping[str, Bilingual]] = {
    "recovered": Bilingual("已挽回", "recovered"),
    "not_recovered": Bilingual("未挽回", "not recovered"),
    "unreachable": Bilingual("联系不上", "unreachable"),
    "other": Bilingual("其他", "other"),
    "not_needed": Bilingual("不需要补救", "not needed"),
}

FIELDS: Final[Mapping[str, Bilingual]] = {
    "period": Bilingual("时段", "Period"),
    "org_unit_id": Bilingual("机构", "Unit"),
    "channel": Bilingual("渠道", "Channel"),
    "kind": Bilingual("类型", "Kind"),
    "category_id": Bilingual("类别", "Category"),
    "priority": Bilingual("优先级", "Priority"),
    "tier": Bilingual("支持层级", "Support tier"),
}

EVERY_UNIT: Final = Bilingual("全部机构", "All units")
OWN_UNITS: Final = Bilingual("我负责的机构", "My units")
EVERY_CHANNEL: Final = Bilingual("全部渠道", "All channels")
