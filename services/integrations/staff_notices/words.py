"""What notices to staff say; each part stands only when its parameter was given."""

from collections.abc import Mapping
from typing import Final

from services.integrations.staff_notices.vocabulary import StaffTemplate

TITLES: Final[Mapping[str, Mapping[str, str]]] = {
    StaffTemplate.LOOP_OPENED: {
        "zh": "有一位客户不满意，请尽快联系",
        "en": "A customer is not satisfied: please get in touch",
    },
    StaffTemplate.LOOP_ASSIGNED: {
        "zh": "有一件服务补救交给您处理",
        "en": "A recovery case was given to you",
    },
    StaffTemplate.LOOP_OVERDUE: {
        "zh": "服务补救已超时",
        "en": "A recovery case is overdue",
    },
    StaffTemplate.LOOP_ESCALATED: {
        "zh": "有一件服务补救升级到您这里",
        "en": "A recovery case was escalated to you",
    },
    StaffTemplate.LOOP_NOT_RECOVERED: {
        "zh": "补救之后客户仍不满意",
        "en": "The customer is still not satisfied",
    },
    StaffTemplate.FEEDBACK_OVERDUE: {
        "zh": "有一条反馈处理超时",
        "en": "A piece of feedback is overdue",
    },
    StaffTemplate.WEBHOOK_DISABLED: {
        "zh": "一个事件推送地址已停用",
        "en": "A webhook was disabled",
    },
    StaffTemplate.BOOKS_DIFFER: {
        "zh": "对账有差异，且一直没有消失",
        "en": "The books differ, and it stays",
    },
}

_NUMBER_ZH: Final = "{% if number %}工单 {{ number }}。{% endif %}"
_NUMBER_EN: Final = "{% if number %}Ticket {{ number }}. {% endif %}"
_DUE_ZH: Final = "{% if due_at %}时限：{{ due_at | moment }}。{% endif %}"
_DUE_EN: Final = "{% if due_at %}Due {{ due_at | moment }}. {% endif %}"
_LEVEL_ZH: Final = "{% if level %}现在是第 {{ level }} 级。{% endif %}"
_LEVEL_EN: Final = "{% if level %}It is at level {{ level }} now. {% endif %}"
_CLOCK_ZH: Final = (
    "{% if clock in ('contact', 'response') %}还没有联系客户。"
    "{% elif clock == 'result' %}还没有处理结果。{% endif %}"
)
_CLOCK_EN: Final = (
    "{% if clock in ('contact', 'response') %}Nobody has answered the customer yet. "
    "{% elif clock == 'result' %}There is no result yet. {% endif %}"
)

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    StaffTemplate.LOOP_OPENED: {
        "zh": _NUMBER_ZH + _DUE_ZH,
        "en": _NUMBER_EN + _DUE_EN,
    },
    StaffTemplate.LOOP_ASSIGNED: {
        "zh": _NUMBER_ZH + _LEVEL_ZH,
        "en": _NUMBER_EN + _LEVEL_EN,
    },
    StaffTemplate.LOOP_OVERDUE: {
        "zh": _NUMBER_ZH + _LEVEL_ZH + _CLOCK_ZH + _DUE_ZH,
        "en": _NUMBER_EN + _LEVEL_EN + _CLOCK_EN + _DUE_EN,
    },
    StaffTemplate.LOOP_ESCALATED: {
        "zh": _NUMBER_ZH + _LEVEL_ZH + _CLOCK_ZH + _DUE_ZH,
        "en": _NUMBER_EN + _LEVEL_EN + _CLOCK_EN + _DUE_EN,
    },
    StaffTemplate.LOOP_NOT_RECOVERED: {
        "zh": _NUMBER_ZH + _LEVEL_ZH + "请看过案卷后确认知悉。",
        "en": _NUMBER_EN + _LEVEL_EN + "Please look at the case and acknowledge it.",
    },
    StaffTemplate.FEEDBACK_OVERDUE: {
        "zh": _NUMBER_ZH + _CLOCK_ZH + _DUE_ZH,
        "en": _NUMBER_EN + _CLOCK_EN + _DUE_EN,
    },
    StaffTemplate.WEBHOOK_DISABLED: {
        "zh": "{% if description %}{{ description }}。{% endif %}"
        "{% if reason == 'gone' %}对方回答该地址已不存在（410）。"
        "{% elif reason == 'failing' %}对方长时间没有接收。{% endif %}"
        "期间的事件已留存，恢复后可以补发。",
        "en": "{% if description %}{{ description }}. {% endif %}"
        "{% if reason == 'gone' %}The partner answered that it is gone (410). "
        "{% elif reason == 'failing' %}The partner has not taken anything for long. {% endif %}"
        "What happens meanwhile is kept and can be sent later.",
    },
    StaffTemplate.BOOKS_DIFFER: {
        "zh": "{% if sequences %}事件不全或重复的对象 {{ sequences }} 个。{% endif %}"
        "{% if cycles %}结案与邀请、不发记录对不上 {{ cycles }} 处。{% endif %}"
        "{% if deliveries %}没有留下推送记录的事件 {{ deliveries }} 件。{% endif %}"
        "请运维人员查看差异清单。",
        "en": "{% if sequences %}Things of which events are missing or doubled: {{ sequences }}. "
        "{% endif %}{% if cycles %}Closings that do not match invitations and suppressions: "
        "{{ cycles }}. {% endif %}{% if deliveries %}Events without a delivery to a partner: "
        "{{ deliveries }}. {% endif %}Please let an operator look at the list of differences.",
    },
}
