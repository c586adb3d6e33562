"""What stands on the sign-in pages."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "title": "登录",
        "lead": "用您的员工账号登录。",
        "username": "用户名",
        "password": "密码",
        "enter": "登录",
        "refused": "没有登录成功：用户名或密码不对，或者输错太多次，账号暂时锁定。"
        "请检查后再试，锁定会在一刻钟后解除。",
        "foreign": "这次请求来自别的网站，没有处理。请在本页重新登录。",
        "nobody": "通讯录里还没有人担任这个角色，请换一个。",
        "development": "开发环境",
        "development_lead": "不用密码，选一个角色直接进入。",
        "agent": "坐席",
        "supervisor": "主管",
        "manager": "经理",
        "admin": "管理员",
        "operator": "运维",
        "auditor": "审计",
        "out_title": "退出登录",
        "out_lead": "退出后，这台设备上需要重新登录。",
        "leave": "退出",
    },
    "en": {
        "title": "Sign in",
        "lead": "With your staff account.",
        "username": "User name",
        "password": "Password",
        "enter": "Sign in",
        "refused": "That did not work: the name or the password is wrong, or there were too many "
        "tries and the account is locked. Check both and try again; a lock lasts a quarter of an "
        "hour.",
        "foreign": "That request came from another site and was not carried out. "
        "Please sign in here.",
        "nobody": "Nobody in the directory has this role yet. Choose another one.",
        "development": "Development",
        "development_lead": "No password: choose a role and go in.",
        "agent": "Agent",
        "supervisor": "Supervisor",
        "manager": "Manager",
        "admin": "Admin",
        "operator": "Operator",
        "auditor": "Auditor",
        "out_title": "Sign out",
        "out_lead": "After this you sign in again on this device.",
        "leave": "Sign out",
    },
}
