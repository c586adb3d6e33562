"""What stands on the notice page beside the notices."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "title": "通知",
        "lead": "没有配置邮件服务器，这里就是客户的收件箱：最新的在最上面，只在开发环境可见。",
        "empty": "还没有通知。登记或回复一张工单，这里就会出现。",
        "to": "收件人",
        "unknown": "联系方式未知",
        "no_address": "没有邮箱和电话",
        "unreadable": "这条通知的内容无法显示。",
    },
    "en": {
        "title": "Notices",
        "lead": "Without a mail server this is where customers' mail ends up: newest first, "
        "in development only.",
        "empty": "Nothing yet. File a request or reply to one, and it shows up here.",
        "to": "To",
        "unknown": "address unknown",
        "no_address": "no e-mail, no phone",
        "unreadable": "This notice cannot be shown.",
    },
}
