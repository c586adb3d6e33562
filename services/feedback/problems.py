"""Titles of the problems that this service may answer with."""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "duty_not_found": ("没有这条职责", "No such duty"),
    "unknown_category": ("没有这个类别", "No such category"),
    "unknown_staff": ("没有这位在职员工", "No such member of staff"),
    "unknown_org_unit": ("没有这个部门", "No such unit"),
}
