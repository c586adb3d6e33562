"""What is heard of surveys, and a desk of people who work with feedback."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.auth.actor import Role
from shared.bus.interface import Message
from shared.clock import utcnow
from shared.contracts.surveys import CommentGiven, SurveyCompleted, SurveyResponseRestated
from shared.contracts.tickets import CategoryChanged, CustomerChanged
from shared.ids import new_id
from tests.feedback.conftest import Feedback, message
from tests.support.people import Person


@dataclass
class Desk:
    """A team in a branch, with its agent, its supervisor, and the manager of all."""

    feedback: Feedback
    branch: UUID
    team: UUID
    agent: Person
    supervisor: Person
    manager: Person
    categories: dict[str, UUID]

    async def take(self, **changes: Any) -> dict[str, Any]:
        """Take a complaint down and return it."""
        answer = await self.agent.post("/api/v1/feedback", complaint(self) | changes)
        assert answer.status_code == 201, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    async def does(self, item_id: str, step: str, body: Any = None) -> dict[str, Any]:
        """Make a step that must succeed."""
        answer = await self.agent.post(f"/api/v1/feedback/{item_id}/{step}", body)
        assert answer.is_success, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def classify(self, item_id: str, **changes: Any) -> dict[str, Any]:
        """Say that it is about attitude, and bad."""
        body = {"category_id": str(self.categories["attitude"]), "sentiment": "negative"}
        return await self.does(item_id, "classify", body | changes)

    async def shown(self, item_id: str, part: str = "") -> Any:
        """Return what is shown of an item."""
        answer = await self.agent.get(f"/api/v1/feedback/{item_id}{part}")
        assert answer.is_success, answer.text
        return answer.json()

    async def replied(self, item_id: str) -> None:
        """Bring a new item as far as an answer."""
        await self.classify(item_id)
        await self.does(item_id, "analyze", {"note": "班组没有排班。"})
        await self.does(item_id, "process", {})
        await self.does(item_id, "replies", {"text": "已道歉并重新派人。", "channel": "phone"})

    async def followed_up(self, item_id: str) -> None:
        """Bring a new item as far as its following up, with a result."""
        await self.replied(item_id)
        await self.does(item_id, "result", {"text": "已换人上门，问题解决。"})
        await self.does(item_id, "follow-up", {})


async def open_desk(feedback: Feedback) -> Desk:
    """Hire the people and tell the service of the categories."""
    people = feedback.people
    branch = await people.unit(kind="branch")
    team = await people.unit(branch)
    categories = {code: new_id() for code in ("attitude", "response_speed", "safety", "billing")}
    for code, category_id in categories.items():
        told = CategoryChanged(
            category_id=category_id,
            code=code,
            name_zh=code,
            name_en=code,
            active=True,
            path=(category_id,),
        )
        await feedback.hear(message(told, category_id))
    return Desk(
        feedback=feedback,
        branch=branch,
        team=team,
        agent=await people.staff(Role.AGENT, units=[team]),
        supervisor=await people.staff(Role.SUPERVISOR, units=[branch]),
        manager=await people.staff(Role.MANAGER, units=[branch]),
        categories=categories,
    )


def complaint(desk: Desk) -> dict[str, Any]:
    """Return a complaint as an agent takes it down."""
    return {
        "source": "phone_call",
        "kind": "complaint",
        "channel": "phone",
        "text": "师傅态度很差，打13800138000联系我。",
        "org_unit_id": str(desk.team),
    }


def survey(desk: Desk | None = None, **changes: Any) -> dict[str, Any]:
    """Return what a survey says of its ticket."""
    path = (desk.branch, desk.team) if desk else ()
    return {
        "invitation_id": new_id(),
        "ticket_id": new_id(),
        "cycle_no": 1,
        "customer_id": new_id(),
        "kind": "repair",
        "channel": "wechat",
        "category_id": None,
        "org_unit_id": path[-1] if path else None,
        "org_path": path,
        "priority": "normal",
        "tier": "l1",
        "response_id": new_id(),
        "satisfaction": 4,
        "nps": 8,
        "low": False,
        "completed_at": utcnow(),
    } | changes


def comment(said: dict[str, Any], *, origin: str = "live", **texts: str) -> Message:
    """Return the letter with the words of a survey, by question."""
    letter = CommentGiven(**said, language="zh", comments=texts)
    return message(letter, letter.response_id, origin=origin, time=letter.completed_at)


def completed(said: dict[str, Any], *, origin: str = "live", **changes: Any) -> Message:
    """Return the event of an answer."""
    event = SurveyCompleted(
        **{"solved": None, "closed_at": said["completed_at"] - timedelta(hours=1)}
        | said
        | {"questionnaire": "ticket_followup_v1", "after_reopen": False}
        | changes
    )
    return message(event, event.invitation_id, origin=origin, time=event.completed_at)


def withdrawn(said: dict[str, Any], at: datetime) -> Message:
    """Return the event that takes an answer back."""
    event = SurveyResponseRestated(
        **{"solved": None, "closed_at": said["completed_at"]}
        | said
        | {"withdrawn": True, "reason": "mistaken", "restated_at": at}
    )
    return message(event, event.invitation_id, sequence=9, time=at)


def graded(customer_id: UUID, grade: str, sequence: int = 1) -> Message:
    """Return the event that says how much attention a customer was promised."""
    event = CustomerChanged(customer_id=customer_id, grade=grade, language="zh", reachable_by=())
    return message(event, customer_id, sequence=sequence)
