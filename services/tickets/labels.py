"""The words of this service with their Chinese and English labels."""

from collections.abc import Mapping

from services.tickets.conversation.vocabulary import Visibility
from services.tickets.customers.rules import Grade, Language, RevealReason
from services.tickets.directory.rules import UnitKind
from services.tickets.history.labels import HISTORY_VOCABULARY
from services.tickets.intake.vocabulary import IntakeResult
from services.tickets.tickets.vocabulary import (
    CancelReason,
    Channel,
    CloseActor,
    EscalationReason,
    Kind,
    Move,
    Priority,
    ReopenReason,
    Requester,
    ResolutionReason,
    Stage,
    State,
    Tier,
    WaitingReason,
)
from shared.vocabulary import Labels, labels_of

VOCABULARY: Mapping[str, Labels] = {
    **HISTORY_VOCABULARY,
    "ticket_kind": labels_of(
        Kind,
        {
            Kind.CONSULTATION: ("咨询", "Consultation"),
            Kind.COMPLAINT: ("投诉", "Complaint"),
            Kind.REPAIR: ("维修", "Repair"),
            Kind.BUSINESS_REQUEST: ("业务办理", "Business request"),
            Kind.FIELD_JOB: ("上门作业", "Field job"),
            Kind.WIN_BACK: ("流失挽回", "Win-back"),
            Kind.RECOVERY: ("服务补救", "Recovery"),
        },
    ),
    "channel": labels_of(
        Channel,
        {
            Channel.PHONE: ("电话", "Phone"),
            Channel.SMS: ("短信", "SMS"),
            Channel.WECHAT: ("微信", "WeChat"),
            Channel.MOBILE_APP: ("掌上营业厅", "Mobile app"),
            Channel.WEB: ("网站", "Web"),
            Channel.ONLINE_CHAT: ("在线客服", "Online chat"),
            Channel.SOCIAL_MEDIA: ("社交媒体", "Social media"),
            Channel.ECOMMERCE: ("电商平台", "E-commerce"),
            Channel.STORE: ("营业厅", "Store"),
            Channel.ONSITE: ("现场", "On site"),
            Channel.COMMENT_BOX: ("意见箱", "Comment box"),
            Channel.HOTLINE_12345: ("12345 热线", "12345 hotline"),
            Channel.LETTER: ("来信", "Letter"),
            Channel.INTERNAL: ("内部", "Internal"),
        },
    ),
    "priority": labels_of(
        Priority,
        {
            Priority.LOW: ("低", "Low"),
            Priority.NORMAL: ("普通", "Normal"),
            Priority.HIGH: ("高", "High"),
            Priority.CRITICAL: ("紧急", "Critical"),
        },
    ),
    "tier": labels_of(
        Tier,
        {
            Tier.L1: ("一线", "First line"),
            Tier.L2: ("二线", "Second line"),
            Tier.EXPERT: ("专家", "Expert"),
        },
    ),
    "ticket_state": labels_of(
        State,
        {
            State.NEW: ("新建", "New"),
            State.OPEN: ("处理中", "Open"),
            State.WAITING_CUSTOMER: ("待客户", "Waiting for customer"),
            State.WAITING_THIRD_PARTY: ("待第三方", "Waiting for third party"),
            State.RESOLVED: ("已解决", "Resolved"),
            State.CLOSED: ("已关闭", "Closed"),
            State.CANCELLED: ("已撤销", "Cancelled"),
        },
    ),
    "ticket_stage": labels_of(
        Stage,
        {
            Stage.ACCEPTED: ("问题受理", "Accepted"),
            Stage.ANALYZING: ("问题分析", "Analyzing"),
            Stage.SOLUTION: ("解决方案", "Solution"),
        },
    ),
    "ticket_move": labels_of(
        Move,
        {
            Move.OPEN: ("登记", "Opened"),
            Move.ASSIGN: ("分派", "Assigned"),
            Move.START: ("开始处理", "Started"),
            Move.ADVANCE: ("推进", "Advanced"),
            Move.AWAIT_CUSTOMER: ("等待客户", "Waiting for customer"),
            Move.AWAIT_THIRD_PARTY: ("等待第三方", "Waiting for third party"),
            Move.RESUME: ("继续处理", "Resumed"),
            Move.ESCALATE: ("升级", "Escalated"),
            Move.RETURN: ("退回", "Returned"),
            Move.CORRECT: ("更正", "Corrected"),
            Move.REPLY: ("答复", "Replied"),
            Move.HEAR: ("客户留言", "Customer wrote"),
            Move.NOTE: ("内部备注", "Noted"),
            Move.RESOLVE: ("解决", "Resolved"),
            Move.CLOSE: ("关闭", "Closed"),
            Move.REOPEN: ("重新打开", "Reopened"),
            Move.CANCEL: ("撤销", "Cancelled"),
        },
    ),
    "waiting_reason": labels_of(
        WaitingReason,
        {
            WaitingReason.INFORMATION: ("需要补充信息", "Information"),
            WaitingReason.RETURNED_FOR_CORRECTION: ("退回修改", "Returned for correction"),
            WaitingReason.CONFIRMATION: ("等待确认", "Confirmation"),
        },
    ),
    "resolution_reason": labels_of(
        ResolutionReason,
        {
            ResolutionReason.SOLVED: ("已解决", "Solved"),
            ResolutionReason.WORKAROUND: ("临时办法", "Workaround"),
            ResolutionReason.CANNOT_HANDLE: ("无法办理", "Cannot be handled"),
            ResolutionReason.NO_RESPONSE: ("客户未回应", "No response"),
            ResolutionReason.DUPLICATE: ("重复", "Duplicate"),
            ResolutionReason.SPAM: ("骚扰信息", "Spam"),
        },
    ),
    "close_actor": labels_of(
        CloseActor,
        {
            CloseActor.CUSTOMER: ("客户确认", "Customer"),
            CloseActor.STAFF: ("员工", "Staff"),
            CloseActor.TIMER: ("到期自动", "Timer"),
        },
    ),
    "reopen_reason": labels_of(
        ReopenReason,
        {
            ReopenReason.NOT_SOLVED: ("没有解决", "Not solved"),
            ReopenReason.RECURRED: ("问题再次出现", "Recurred"),
            ReopenReason.WRONGLY_CLOSED: ("误关闭", "Wrongly closed"),
        },
    ),
    "cancel_reason": labels_of(
        CancelReason,
        {
            CancelReason.WITHDRAWN: ("客户撤回", "Withdrawn"),
            CancelReason.MISTAKE: ("登记有误", "Mistake"),
        },
    ),
    "escalation_reason": labels_of(
        EscalationReason,
        {
            EscalationReason.NEEDS_SKILL: ("需要更高技能", "Needs skill"),
            EscalationReason.NEEDS_AUTHORITY: ("需要更高权限", "Needs authority"),
            EscalationReason.TIME_USED_UP: ("时限用尽", "Time used up"),
            EscalationReason.CUSTOMER_DEMAND: ("客户要求", "Customer demand"),
            EscalationReason.ANSWERED: ("已给出意见", "Answered"),
            EscalationReason.WRONG_TIER: ("级别不对", "Wrong tier"),
        },
    ),
    "requester": labels_of(
        Requester,
        {Requester.CUSTOMER: ("客户", "Customer"), Requester.STAFF: ("员工", "Staff")},
    ),
    "visibility": labels_of(
        Visibility,
        {
            Visibility.PUBLIC: ("客户可见", "Public"),
            Visibility.INTERNAL: ("仅内部可见", "Internal"),
        },
    ),
    "grade": labels_of(
        Grade,
        {
            Grade.BASIC: ("普通客户", "Basic"),
            Grade.STANDARD: ("标准客户", "Standard"),
            Grade.HIGH_VALUE: ("重点客户", "High value"),
        },
    ),
    "language": labels_of(
        Language, {Language.ZH: ("中文", "Chinese"), Language.EN: ("英文", "English")}
    ),
    "contact_reveal_reason": labels_of(
        RevealReason,
        {
            RevealReason.CALL_CUSTOMER: ("联系客户", "To call the customer"),
            RevealReason.VERIFY_IDENTITY: ("核实身份", "To verify who calls"),
            RevealReason.CORRECT_RECORD: ("更正资料", "To correct the record"),
        },
    ),
    "org_unit_kind": labels_of(
        UnitKind,
        {
            UnitKind.COMPANY: ("公司", "Company"),
            UnitKind.BRANCH: ("分公司", "Branch"),
            UnitKind.DEPARTMENT: ("部门", "Department"),
            UnitKind.TEAM: ("班组", "Team"),
        },
    ),
    "intake_result": labels_of(
        IntakeResult,
        {
            IntakeResult.CREATED: ("已新建", "Created"),
            IntakeResult.UPDATED: ("已更新", "Updated"),
            IntakeResult.UNCHANGED: ("没有变化", "Nothing new"),
            IntakeResult.OUTDATED: ("已有更新的版本", "A newer version is known"),
            IntakeResult.DELETED: ("对方已删除", "Deleted by the partner"),
            IntakeResult.KNOWN: ("已登记过", "Taken before"),
        },
    ),
}
