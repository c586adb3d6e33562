"""Titles of the problems that this service may answer with."""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "ticket_not_found": ("没有找到这张工单", "No such ticket"),
    "illegal_move": ("工单当前状态不允许这样做", "The ticket's state does not allow this"),
    "highest_tier": ("已经在专家一级", "The ticket is with the experts already"),
    "lowest_tier": ("已经在一线", "The ticket is with the first line already"),
    "same_stage": ("已经在这个阶段", "The ticket is in this stage already"),
    "recovery_stays": ("挽回工单的类型不能更改", "A recovery stays a recovery"),
    "source_taken": ("来源记录已经登记过", "The source's record was taken before"),
    "unknown_category": ("没有这个类别", "No such category"),
    "unknown_customer": ("没有这位客户", "No such customer"),
    "unknown_org_unit": ("没有这个部门", "No such unit"),
    "not_a_member": ("此人不在这个班组", "That person does not work in this team"),
    "customer_not_found": ("没有找到这位客户", "No such customer"),
    "invalid_email": ("邮箱地址不正确", "Not an e-mail address"),
    "invalid_phone": ("电话号码不正确", "Not a phone number"),
    "invalid_openid": ("微信 openid 不正确", "Not a WeChat openid"),
    "import_not_found": ("没有找到这次导入", "No such import"),
    "mapping_invalid": ("对照表有误", "The mapping contradicts itself"),
    "events_not_mapped": ("对照表没有说明过程文件", "The mapping does not speak of events"),
    "staff_not_found": ("没有找到这位员工", "No such member of staff"),
    "unit_without_parent": ("只有公司位于最上层", "Only a company stands at the top"),
    "unit_level": ("上下级关系不对", "A unit cannot stand there"),
    "unknown_grade": ("没有这个客户等级", "No such grade"),
    "unknown_language": ("没有这种语言", "No such language here"),
    "unknown_kind": ("合作方不能提交这类诉求", "Partners cannot send requests of this kind"),
    "unknown_channel": ("没有这个渠道", "No such channel"),
    "unknown_priority": ("没有这个优先级", "No such priority"),
}
