"""Where a loop case is handled, and what our own people and the customer read about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.tickets.tickets.vocabulary import State

ENDED: Final = frozenset({State.CLOSED, State.CANCELLED})
"""States of a root ticket whose recovery needs a ticket of its own."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the customer answered, and until when he wants to hear and see something."""

    satisfaction: int | None
    solved: bool | None
    contact_due_at: datetime
    result_due_at: datetime


def subject_of(root_number: str) -> str:
    """Return the subject of a recovery ticket; its customer reads it too."""
    return f"重新处理您评价过的 {root_number}"


def description_of(root_number: str) -> str:
    """Return the description of a recovery ticket; its customer reads it too."""
    return f"您对 {root_number} 的处理不满意。我们重新核实经过，主动与您联系，直到问题解决。"


def note_to_handle(root_number: str, verdict: Verdict, zone: ZoneInfo) -> str:
    """Return the internal note that tells who handles a case what is expected of him."""
    return f"客户对 {root_number} 的评价：{_answer(verdict)}。{_limits(verdict, zone)}"


def note_on_ended(recovery_number: str) -> str:
    """Return the internal note on an ended ticket that leads to its recovery."""
    return f"客户评价不满意，已转入 {recovery_number} 重新处理。"


def _answer(verdict: Verdict) -> str:
    parts = []
    if verdict.satisfaction is not None:
        parts.append(f"满意度 {verdict.satisfaction} 分（满分 5 分）")
    if verdict.solved is not None:
        parts.append("问题已解决" if verdict.solved else "问题没有解决")
    return "，".join(parts) or "不满意"


def _limits(verdict: Verdict, zone: ZoneInfo) -> str:
    contact, result = (
        f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
        for at in (verdict.contact_due_at, verdict.result_due_at)
    )
    return f"请在 {contact} 前联系客户，在 {result} 前给出处理结果。"
