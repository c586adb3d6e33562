"""The words of this service with their Chinese and English labels."""

from collections.abc import Mapping

from services.integrations.notifications.vocabulary import (
    NoticeChannel,
    NoticeState,
    Reason,
    Template,
)
from shared.vocabulary import Labels, labels_of

VOCABULARY: Mapping[str, Labels] = {
    "notice_template": labels_of(
        Template,
        {
            Template.SURVEY_INVITATION: ("满意度调查邀请", "Survey invitation"),
            Template.SURVEY_REMINDER: ("满意度调查提醒", "Survey reminder"),
            Template.TICKET_RECEIVED: ("工单已登记", "Request received"),
            Template.TICKET_REPLIED: ("工单有新答复", "New reply"),
            Template.TICKET_RESOLVED: ("工单已解决", "Request solved"),
            Template.FEEDBACK_REPLY: ("反馈已答复", "Answer to feedback"),
            Template.RECOVERY_BEGUN: ("重新处理不满意的工单", "Taken up again after a bad answer"),
        },
    ),
    "notice_state": labels_of(
        NoticeState,
        {
            NoticeState.WAITING_CONTACT: ("等待联系方式", "Waiting for an address"),
            NoticeState.PENDING: ("待发送", "To be sent"),
            NoticeState.SENDING: ("发送中", "Being sent"),
            NoticeState.DELIVERED: ("已送出", "Delivered"),
            NoticeState.FAILED: ("未送出", "Failed"),
        },
    ),
    "notice_reason": labels_of(
        Reason,
        {
            Reason.NO_CONTACT: ("一直没有联系方式", "No address became known"),
            Reason.NO_REACHABLE_CHANNEL: ("客户没有可用的联系方式", "The customer has no e-mail"),
            Reason.NO_CHANNEL_SET_UP: ("尚未配置邮件服务器", "No mail server is set up"),
            Reason.NOT_LIVE: ("不是实时业务，不通知客户", "Not live, so nobody is written to"),
            Reason.EXPIRED: ("已过时效", "Its time was over"),
            Reason.UNKNOWN_TEMPLATE: ("没有这种通知", "No such notice"),
            Reason.UNREADABLE: ("通知内容不完整", "The notice is incomplete"),
            Reason.ADDRESS_REFUSED: ("邮件地址被拒收", "The address was refused"),
            Reason.MAIL_REFUSED: ("邮件被拒收", "The mail was refused"),
            Reason.MAIL_UNREACHABLE: ("邮件服务器无法连接", "The mail server cannot be reached"),
            Reason.CUSTOMER_ERASED: ("客户资料已删除", "The customer's data were erased"),
        },
    ),
    "notice_channel": labels_of(
        NoticeChannel,
        {
            NoticeChannel.EMAIL: ("电子邮件", "E-mail"),
            NoticeChannel.OUTBOX: ("开发环境通知页", "Notice page"),
        },
    ),
}
