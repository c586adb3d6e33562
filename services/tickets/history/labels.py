"""The words of an import with their Chinese and English labels."""

from collections.abc import Mapping
from typing import Final

from services.tickets.history.vocabulary import (
    EventField,
    FileProblem,
    FileShape,
    Happening,
    ImportFile,
    ImportState,
    Outcome,
    Remark,
    TicketField,
)
from shared.vocabulary import Labels, labels_of

HISTORY_VOCABULARY: Final[Mapping[str, Labels]] = {
    "import_state": labels_of(
        ImportState,
        {
            ImportState.WAITING: ("等待", "Waiting"),
            ImportState.RUNNING: ("进行中", "Running"),
            ImportState.DONE: ("完成", "Done"),
            ImportState.FAILED: ("失败", "Failed"),
        },
    ),
    "import_file": labels_of(
        ImportFile,
        {ImportFile.MAIN: ("主文件", "Main file"), ImportFile.EVENTS: ("过程文件", "Events")},
    ),
    "import_outcome": labels_of(
        Outcome,
        {
            Outcome.CREATED: ("已导入", "Created"),
            Outcome.UNCHANGED: ("已存在，内容相同", "There already, the same"),
            Outcome.REJECTED: ("未导入", "Rejected"),
        },
    ),
    "import_remark": labels_of(
        Remark,
        {
            Remark.BROKEN_QUOTES: ("引号不成对", "A quote is not closed"),
            Remark.WRONG_NUMBER_OF_CELLS: ("列数与表头不符", "Not as many cells as the header"),
            Remark.VALUE_MISSING: ("缺少必填内容", "What is needed is missing"),
            Remark.VALUE_UNKNOWN: ("对照表里没有这个值", "A word that the mapping does not know"),
            Remark.VALUE_UNREADABLE: ("含有不可显示的字符", "Characters that no text has"),
            Remark.VALUE_TOO_LONG: ("内容过长", "Too long"),
            Remark.NUMBER_INVALID: ("不是数字", "Not a number"),
            Remark.INSTANT_INVALID: ("时间格式不对", "Not a time of the mapping's form"),
            Remark.INSTANT_IN_FUTURE: ("时间在将来", "A time in the future"),
            Remark.INSTANT_TOO_EARLY: ("时间早于 1990 年", "A time before 1990"),
            Remark.ORDER_OF_INSTANTS: ("时间先后矛盾", "Earlier than what comes before it"),
            Remark.CATEGORY_UNKNOWN: ("没有这个类别", "No such category"),
            Remark.UNIT_UNKNOWN: ("没有这个部门", "No such unit"),
            Remark.UNIT_AMBIGUOUS: ("有多个同名部门", "Several units have this name"),
            Remark.REF_REPEATED: ("文件内单号重复", "Its ref stands on an earlier line"),
            Remark.REF_OF_ANOTHER: (
                "此单号的工单不是导入的",
                "A ticket that was not imported has this ref",
            ),
            Remark.DIFFERS: (
                "已导入过，但内容不同，未作更改",
                "Imported before and different; nothing was changed",
            ),
            Remark.TICKET_MISSING: ("主文件里没有这张单", "The main file has no such ticket"),
            Remark.NOT_STORABLE: ("无法保存", "The database refuses it"),
            Remark.REOPENINGS_UNDATED: (
                "重开没有时间，未计入",
                "Reopenings without a time are not counted",
            ),
        },
    ),
    "import_file_problem": labels_of(
        FileProblem,
        {
            FileProblem.ENCODING_UNKNOWN: (
                "编码无法识别",
                "Neither UTF-8, GB18030 nor UTF-16, or not the one named",
            ),
            FileProblem.FILE_EMPTY: ("文件为空", "Nothing in it"),
            FileProblem.COLUMN_MISSING: ("缺少列", "Columns of the mapping are missing"),
            FileProblem.COLUMN_REPEATED: ("列名重复", "Columns of the mapping occur twice"),
            FileProblem.GAVE_UP: (
                "多次出错，已停止；已导入的保留，修复后可重新提交",
                "It went wrong again and again; what is imported stays, hand the file in again",
            ),
        },
    ),
    "import_shape": labels_of(
        FileShape,
        {
            FileShape.TICKETS: ("一行一张工单", "A line is a ticket"),
            FileShape.LOG: ("一行一个事件", "A line is an event"),
        },
    ),
    "import_ticket_field": labels_of(
        TicketField,
        {
            TicketField.REF: ("原单号", "Ref"),
            TicketField.KIND: ("类型", "Kind"),
            TicketField.CHANNEL: ("渠道", "Channel"),
            TicketField.PRIORITY: ("优先级", "Priority"),
            TicketField.CATEGORY: ("类别", "Category"),
            TicketField.ORG_UNIT: ("部门", "Unit"),
            TicketField.ASSIGNEE: ("处理人代号", "Assignee's pseudonym"),
            TicketField.SUBJECT: ("主题", "Subject"),
            TicketField.CREATED_AT: ("受理时间", "Created"),
            TicketField.FIRST_RESPONDED_AT: ("首次响应时间", "First response"),
            TicketField.RESOLVED_AT: ("解决时间", "Resolved"),
            TicketField.CLOSED_AT: ("关闭时间", "Closed"),
            TicketField.RESOLUTION_REASON: ("解决方式", "Resolution reason"),
            TicketField.CLOSE_ACTOR: ("由谁关闭", "Closed by"),
            TicketField.IMPACT: ("影响", "Impact"),
            TicketField.URGENCY: ("紧急度", "Urgency"),
            TicketField.REOPEN_COUNT: ("重开次数", "Reopenings"),
            TicketField.REASSIGNMENT_COUNT: ("转派次数", "Reassignments"),
            TicketField.WITHIN_LIMITS: ("原系统的达标标记", "The source's own flag"),
        },
    ),
    "import_event_field": labels_of(
        EventField,
        {
            EventField.REF: ("原单号", "Ref"),
            EventField.AT: ("时间", "Time"),
            EventField.HAPPENING: ("事件", "What happened"),
            EventField.ORG_UNIT: ("部门", "Unit"),
        },
    ),
    "import_happening": labels_of(
        Happening,
        {
            Happening.NEW: ("新建", "New"),
            Happening.OPEN: ("处理中", "Open"),
            Happening.WAITING_CUSTOMER: ("待客户", "Waiting for customer"),
            Happening.WAITING_THIRD_PARTY: ("待第三方", "Waiting for third party"),
            Happening.RESOLVED: ("已解决", "Resolved"),
            Happening.CLOSED: ("已关闭", "Closed"),
            Happening.ASKED: ("客户询问", "Customer asked"),
            Happening.ANSWERED: ("答复客户", "Customer was answered"),
            Happening.IGNORED: ("不计", "Not counted"),
        },
    ),
}
