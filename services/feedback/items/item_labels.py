"""The words of items with their Chinese and English labels."""

from collections.abc import Mapping

from services.feedback.items.vocabulary import (
    ClosingStep,
    FeedbackChannel,
    FeedbackKind,
    FeedbackMode,
    FeedbackSource,
    FilingOrder,
    Importance,
    ImportanceReason,
    ItemClock,
    ItemMove,
    ItemState,
    KeywordTarget,
    OriginalReason,
    ReplyChannel,
    ReplyDelivery,
    Sentiment,
    SourceGroup,
    Verification,
)
from shared.vocabulary import Labels, labels_of

ITEM_VOCABULARY: Mapping[str, Labels] = {
    "feedback_source": labels_of(
        FeedbackSource,
        {
            FeedbackSource.WEBSITE_REVIEW: ("网站评价", "Website review"),
            FeedbackSource.SOCIAL_MEDIA_COMMENT: ("社交媒体评论", "Social media comment"),
            FeedbackSource.ONLINE_SERVICE: ("在线客服", "Online service"),
            FeedbackSource.ECOMMERCE_RATING: ("电商平台评分", "E-commerce rating"),
            FeedbackSource.SURVEY_ANSWER: ("满意度调查", "Survey answer"),
            FeedbackSource.STORE_VISIT: ("门店", "Store"),
            FeedbackSource.PHONE_CALL: ("电话", "Phone call"),
            FeedbackSource.ONSITE_TALK: ("现场", "On site"),
            FeedbackSource.EMPLOYEE_FEEDBACK: ("员工反馈", "Employee feedback"),
            FeedbackSource.MANAGEMENT_OPINION: ("管理层意见", "Management's opinion"),
            FeedbackSource.PROCESS_SUGGESTION: ("服务流程优化建议", "Process suggestion"),
        },
    ),
    "feedback_source_group": labels_of(
        SourceGroup,
        {
            SourceGroup.ONLINE: ("线上", "Online"),
            SourceGroup.OFFLINE: ("线下", "Offline"),
            SourceGroup.INTERNAL: ("内部", "Internal"),
        },
    ),
    "feedback_mode": labels_of(
        FeedbackMode,
        {
            FeedbackMode.INITIATIVE: ("客户主动反馈", "On the customer's initiative"),
            FeedbackMode.SOLICITED: ("企业征求反馈", "Solicited"),
        },
    ),
    "feedback_kind": labels_of(
        FeedbackKind,
        {
            FeedbackKind.COMPLAINT: ("投诉", "Complaint"),
            FeedbackKind.PRAISE: ("表扬", "Praise"),
            FeedbackKind.SUGGESTION: ("建议", "Suggestion"),
            FeedbackKind.OPINION: ("意见", "Opinion"),
            FeedbackKind.QUESTION: ("询问", "Question"),
            FeedbackKind.REVIEW: ("评分", "Rating"),
        },
    ),
    "feedback_channel": labels_of(
        FeedbackChannel,
        {
            FeedbackChannel.PHONE: ("电话", "Phone"),
            FeedbackChannel.SMS: ("短信", "Text message"),
            FeedbackChannel.WECHAT: ("微信", "WeChat"),
            FeedbackChannel.MOBILE_APP: ("手机应用", "Mobile app"),
            FeedbackChannel.WEB: ("网站", "Website"),
            FeedbackChannel.ONLINE_CHAT: ("在线客服", "Online chat"),
            FeedbackChannel.SOCIAL_MEDIA: ("社交媒体", "Social media"),
            FeedbackChannel.ECOMMERCE: ("电商平台", "E-commerce"),
            FeedbackChannel.STORE: ("门店", "Store"),
            FeedbackChannel.ONSITE: ("现场", "On site"),
            FeedbackChannel.COMMENT_BOX: ("意见箱", "Comment box"),
            FeedbackChannel.HOTLINE_12345: ("12345 热线", "12345 hotline"),
            FeedbackChannel.LETTER: ("信函", "Letter"),
            FeedbackChannel.INTERNAL: ("内部", "Internal"),
        },
    ),
    "feedback_state": labels_of(
        ItemState,
        {
            ItemState.RECEIVED: ("已接收", "Received"),
            ItemState.CLASSIFIED: ("已分类", "Classified"),
            ItemState.ANALYZED: ("已分析", "Analyzed"),
            ItemState.PROCESSING: ("处理中", "Being handled"),
            ItemState.REPLIED: ("已反馈", "Answered"),
            ItemState.FOLLOWING_UP: ("跟进中", "Being followed up"),
            ItemState.CLOSED: ("已关闭", "Closed"),
        },
    ),
    "feedback_move": labels_of(
        ItemMove,
        {
            ItemMove.RECEIVE: ("接收", "Receive"),
            ItemMove.CLASSIFY: ("分类", "Classify"),
            ItemMove.ANALYZE: ("分析", "Analyze"),
            ItemMove.PROCESS: ("开始处理", "Begin to handle"),
            ItemMove.GIVE_RESULT: ("登记处理结果", "Give a result"),
            ItemMove.REPLY: ("答复客户", "Answer the customer"),
            ItemMove.FOLLOW_UP: ("开始跟进", "Follow up"),
            ItemMove.VERIFY: ("登记客户确认", "Note the customer's confirmation"),
            ItemMove.RESUME: ("退回处理", "Go on with the work"),
            ItemMove.CLOSE: ("关闭", "Close"),
            ItemMove.ASSIGN: ("指派", "Assign"),
            ItemMove.WEIGH: ("调整重要程度", "Change the importance"),
            ItemMove.AMEND: ("修改记录", "Amend the record"),
            ItemMove.BECOME_OVERDUE: ("超时", "Became overdue"),
        },
    ),
    "feedback_importance": labels_of(
        Importance,
        {
            Importance.IMPORTANT: ("重要", "Important"),
            Importance.NORMAL: ("一般", "Normal"),
        },
    ),
    "feedback_importance_reason": labels_of(
        ImportanceReason,
        {
            ImportanceReason.COMPLAINT: ("投诉", "A complaint"),
            ImportanceReason.LOW_SCORE: ("低分评价", "A low score"),
            ImportanceReason.KEY_ACCOUNT: ("重点客户", "A key account"),
            ImportanceReason.SAFETY: ("涉及安全", "About safety"),
            ImportanceReason.HOTLINE_12345: ("12345 转办", "Came by the 12345 hotline"),
            ImportanceReason.PUBLIC_NEGATIVE_REVIEW: ("公开差评", "Bad and in public"),
        },
    ),
    "feedback_sentiment": labels_of(
        Sentiment,
        {
            Sentiment.POSITIVE: ("正面", "Positive"),
            Sentiment.NEUTRAL: ("中性", "Neutral"),
            Sentiment.NEGATIVE: ("负面", "Negative"),
            Sentiment.MIXED: ("有褒有贬", "Mixed"),
        },
    ),
    "feedback_clock": labels_of(
        ItemClock,
        {
            ItemClock.RESPONSE: ("响应", "First answer"),
            ItemClock.RESULT: ("初步结果", "Preliminary result"),
        },
    ),
    "feedback_verification": labels_of(
        Verification,
        {
            Verification.CUSTOMER_CONFIRMED: ("客户确认", "The customer confirmed it"),
            Verification.RESURVEY: ("回访评价满意", "A later survey says so"),
            Verification.NOT_NEEDED: ("无需验证", "Nothing to verify"),
        },
    ),
    "feedback_closing_step": labels_of(
        ClosingStep,
        {
            ClosingStep.CLASSIFIED: ("已分类", "Classified"),
            ClosingStep.RESULT: ("有处理结果", "A result"),
            ClosingStep.ANSWERED: ("已答复客户", "The customer was answered"),
            ClosingStep.VERIFIED: ("已验证", "Verified"),
        },
    ),
    "feedback_reply_channel": labels_of(
        ReplyChannel,
        {
            ReplyChannel.NOTICE: ("系统通知", "By our notice"),
            ReplyChannel.PUBLIC_ANSWER: ("公开回复", "In public"),
            ReplyChannel.PHONE: ("电话", "By phone"),
            ReplyChannel.IN_PERSON: ("当面", "In person"),
        },
    ),
    "feedback_reply_delivery": labels_of(
        ReplyDelivery,
        {
            ReplyDelivery.PENDING: ("发送中", "On its way"),
            ReplyDelivery.DELIVERED: ("已送出", "Delivered"),
            ReplyDelivery.FAILED: ("未送出", "Failed"),
            ReplyDelivery.BY_HAND: ("人工答复", "Given by a person"),
        },
    ),
    "feedback_original_reason": labels_of(
        OriginalReason,
        {
            OriginalReason.ANSWER_CUSTOMER: ("答复客户", "To answer the customer"),
            OriginalReason.CLARIFY_CASE: ("核实情况", "To clarify the case"),
            OriginalReason.LEGAL_REQUEST: ("依法调取", "A legal request"),
            OriginalReason.QUALITY_CHECK: ("质量检查", "A quality check"),
        },
    ),
    "feedback_keyword_target": labels_of(
        KeywordTarget,
        {
            KeywordTarget.CATEGORY: ("类别", "Category"),
            KeywordTarget.SENTIMENT: ("情感", "Sentiment"),
            KeywordTarget.DEPARTMENT: ("责任部门", "Department"),
            KeywordTarget.SAFETY: ("安全", "Safety"),
        },
    ),
    "feedback_filing_order": labels_of(
        FilingOrder,
        {
            FilingOrder.PERIOD: ("时间", "Period"),
            FilingOrder.CATEGORY: ("类别", "Category"),
            FilingOrder.CUSTOMER: ("客户", "Customer"),
            FilingOrder.DEPARTMENT: ("部门", "Department"),
            FilingOrder.CHANNEL: ("渠道", "Channel"),
        },
    ),
}
