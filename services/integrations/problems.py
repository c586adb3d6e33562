"""Titles of the problems that this service may answer with."""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "sign_in_refused": ("登录没有成功", "The sign-in was refused"),
    "account_taken": ("用户名或员工已有账号", "The name or the person has an account already"),
    "account_not_found": ("没有这个账号", "No such account"),
    "wrong_password": ("原密码不对", "The present password is wrong"),
    "not_in_development": ("只在开发环境提供", "Offered in development only"),
    "unknown_role": ("没有这个角色", "No such role"),
    "nobody_has_role": ("还没有人担任这个角色", "Nobody has this role"),
    "target_refused": ("不能推送到这个地址", "No request goes to this address"),
    "unknown_event_type": ("没有这种事件", "No such type of event"),
    "webhook_not_found": ("没有这个事件推送", "No such webhook"),
    "webhook_disabled": ("事件推送已停用", "The webhook is disabled"),
    "webhook_delivery_not_found": ("没有这次推送", "No such delivery"),
    "delivery_in_progress": ("正在推送", "The delivery is under way"),
    "too_long_ago": ("时间太久", "Too long ago"),
    "notice_not_found": ("没有这条通知", "No such notice"),
    "privacy_request_not_found": ("没有这个个人信息请求", "No such privacy request"),
    "privacy_export_not_found": ("没有可读取的资料，或已过期", "Nothing to read, or no more"),
    "privacy_export_not_ready": ("资料还没有收齐", "Not every service has answered yet"),
    "unknown_staff": ("通讯录里没有这位员工", "The directory does not know this person"),
    "client_refused": ("客户端没有通过验证", "The client is not believed"),
    "unknown_scope": ("没有授予这个范围", "The scope was not given"),
    "partner_not_found": ("没有这个合作方", "No such partner"),
    "inbound_source_not_found": ("没有这个来源", "No such source"),
    "inbound_slug_taken": ("这个地址已被占用", "The address is taken"),
    "weak_secret": ("密钥太弱", "The secret is too weak"),
    "signature_refused": ("请求没有通过验证", "The request is not believed"),
    "inbound_delivery_not_found": ("没有这次投递", "No such delivery"),
    "delivery_taken": ("已经接收过", "Taken already"),
    "delivery_body_gone": ("正文已不再保存", "The body is kept no longer"),
}
