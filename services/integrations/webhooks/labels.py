"""The words of webhooks with their Chinese and English labels."""

from collections.abc import Mapping

from services.integrations.webhooks.vocabulary import (
    AnswerFailure,
    DeliveryState,
    DisabledReason,
    SuppressedReason,
    Trigger,
    WebhookState,
)
from shared.vocabulary import Labels, labels_of

WEBHOOK_LABELS: Mapping[str, Labels] = {
    "webhook_state": labels_of(
        WebhookState,
        {
            WebhookState.ACTIVE: ("启用", "Active"),
            WebhookState.DISABLED: ("停用", "Disabled"),
        },
    ),
    "webhook_disabled_reason": labels_of(
        DisabledReason,
        {
            DisabledReason.BY_HAND: ("人工停用", "By hand"),
            DisabledReason.GONE: ("对方回答地址已不存在（410）", "The partner answered 410 Gone"),
            DisabledReason.FAILING: ("长时间推送失败", "Nothing was taken for long"),
        },
    ),
    "webhook_delivery_state": labels_of(
        DeliveryState,
        {
            DeliveryState.PENDING: ("待推送", "To be sent"),
            DeliveryState.SENDING: ("推送中", "Being sent"),
            DeliveryState.DELIVERED: ("已送达", "Delivered"),
            DeliveryState.DEAD: ("多次失败，已停止", "Given up"),
            DeliveryState.CANCELLED: ("停用期间未推送", "Not sent, it was disabled"),
        },
    ),
    "webhook_trigger": labels_of(
        Trigger,
        {
            Trigger.EVENT: ("事件", "The event"),
            Trigger.RECOVERY: ("补发", "Recovery"),
            Trigger.BY_HAND: ("人工重发", "By hand"),
            Trigger.TEST: ("测试", "Test"),
        },
    ),
    "webhook_answer_failure": labels_of(
        AnswerFailure,
        {
            AnswerFailure.REDIRECT: ("对方要求跳转，不跟随", "A redirect, which is not followed"),
            AnswerFailure.GONE: ("地址已不存在（410）", "Gone (410)"),
            AnswerFailure.THROTTLED: ("对方繁忙", "The partner is overloaded"),
            AnswerFailure.CLIENT_ERROR: ("对方拒收", "Refused by the partner"),
            AnswerFailure.SERVER_ERROR: ("对方出错", "The partner failed"),
        },
    ),
    "webhook_suppressed_reason": labels_of(
        SuppressedReason,
        {
            SuppressedReason.NOT_LIVE: ("不是实时业务", "Not live"),
            SuppressedReason.TOO_OLD: ("事件太旧", "Too old"),
        },
    ),
}
