"""The words of the way out with their Chinese and English labels."""

from collections.abc import Mapping

from services.integrations.egress.vocabulary import EgressFailure, TargetRefusal
from shared.vocabulary import Labels, labels_of

EGRESS_LABELS: Mapping[str, Labels] = {
    "target_refusal": labels_of(
        TargetRefusal,
        {
            TargetRefusal.MALFORMED: ("地址格式不对", "The address is malformed"),
            TargetRefusal.NOT_HTTPS: ("只接受 https 地址", "Only https is taken"),
            TargetRefusal.USER_INFORMATION: (
                "地址里不能带用户名和密码",
                "The address must not carry a user or password",
            ),
            TargetRefusal.PORT_NOT_ALLOWED: ("端口不允许", "The port is not allowed"),
            TargetRefusal.ADDRESS_LITERAL: ("请用域名，不要用 IP", "Use a name, not an IP address"),
            TargetRefusal.FORBIDDEN_ADDRESS: (
                "指向内网或保留地址",
                "It leads to a private or reserved address",
            ),
            TargetRefusal.UNKNOWN_NAME: ("域名无法解析", "The name cannot be resolved"),
        },
    ),
    "egress_failure": labels_of(
        EgressFailure,
        {
            EgressFailure.TARGET_REFUSED: ("地址不允许访问", "The address is not allowed"),
            EgressFailure.NAME_UNKNOWN: ("域名无法解析", "The name cannot be resolved"),
            EgressFailure.NOT_CONNECTED: ("连接不上", "No connection"),
            EgressFailure.TLS_FAILED: ("证书或加密协商失败", "TLS failed"),
            EgressFailure.TIMED_OUT: ("超时", "Timed out"),
            EgressFailure.BROKEN_OFF: ("连接中断", "The connection broke off"),
        },
    ),
}
