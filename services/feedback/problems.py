"""Titles of the problems that this service may answer with."""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "duty_not_found": ("没有这条职责", "No such duty"),
    "unknown_category": ("没有这个类别", "No such category"),
    "unknown_staff": ("没有这位在职员工", "No such member of staff"),
    "unknown_org_unit": ("没有这个部门", "No such unit"),
    "loop_case_not_found": ("没有这个闭环案例", "No such loop case"),
    "loop_case_closed": ("案例已经闭环", "The case is closed"),
    "nothing_to_acknowledge": ("没有需要确认的内容", "Nothing waits to be acknowledged"),
    "no_attempt_logged": ("请先登记一次未接通的联系", "Log an attempt to reach the customer first"),
}
