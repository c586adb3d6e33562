"""The words of notices to staff with their Chinese and English labels."""

from collections.abc import Mapping

from services.integrations.staff_notices.vocabulary import StaffTemplate
from shared.vocabulary import Labels, labels_of

STAFF_NOTICE_LABELS: Mapping[str, Labels] = {
    "staff_notice_template": labels_of(
        StaffTemplate,
        {
            StaffTemplate.LOOP_OPENED: ("新的服务补救", "New recovery case"),
            StaffTemplate.LOOP_ASSIGNED: ("服务补救交给您", "Recovery given to you"),
            StaffTemplate.LOOP_OVERDUE: ("服务补救超时", "Recovery overdue"),
            StaffTemplate.LOOP_ESCALATED: ("服务补救升级", "Recovery escalated"),
            StaffTemplate.LOOP_NOT_RECOVERED: ("补救后仍不满意", "Not recovered"),
            StaffTemplate.FEEDBACK_OVERDUE: ("反馈处理超时", "Feedback overdue"),
            StaffTemplate.WEBHOOK_DISABLED: ("事件推送已停用", "Webhook disabled"),
            StaffTemplate.BOOKS_DIFFER: ("对账不平", "The books differ"),
        },
    ),
}
