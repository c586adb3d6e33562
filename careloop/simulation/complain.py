"""One simulated complaint: filed, answered, resolved, closed, and the customer's own answer."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import uuid4

from careloop.simulation.people import Crew
from careloop.simulation.record import Ending, Record
from careloop.simulation.system import API, ServerError, System, wait_for
from careloop.simulation.texts import Complaint

SPAM_EVERY: Final = 20
SILENT_EVERY: Final = 4
SUBJECT_LENGTH: Final = 40
COMMENT_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class Stage:
    """What a complaint is played on."""

    system: System
    crew: Crew
    record: Record


async def complain(stage: Stage, number: int, complaint: Complaint) -> None:
    """Play one complaint to its end and write into the record what happened.

    Raises ServerError when the system fails, or shows something else than what it was told.
    """
    system, crew = stage.system, stage.crew
    customer_id = await _introduced(stage, complaint.text) or str(uuid4())
    customer = await system.token("customer", customer_id)
    filed = await _file(stage, customer, complaint)
    if filed is None:
        stage.record.endings[Ending.REFUSED] += 1
        return
    ticket = f"/tickets/{filed['id']}"
    await _done(system, crew.supervisor, f"{ticket}/assign", {"org_unit_id": crew.team_id})
    await _done(system, crew.agent, f"{ticket}/replies", {"body": complaint.text})
    spam = number % SPAM_EVERY == SPAM_EVERY - 1
    reason = "spam" if spam else "solved"
    await _done(
        system, crew.agent, f"{ticket}/resolve", {"reason": reason, "solution": complaint.text}
    )
    await _done(system, customer, f"/my/tickets/{filed['id']}/confirm")
    ending = Ending.SPAM if spam else Ending.ANSWERED
    if not spam and number % SILENT_EVERY == SILENT_EVERY - 1:
        ending = Ending.SILENT
    if ending is Ending.ANSWERED:
        await _answer(stage, customer_id, number, complaint)
    stage.record.endings[ending] += 1


async def _introduced(stage: Stage, name: str) -> str | None:
    """Add a customer of this name; None when the name was refused with a reason."""
    system, agent = stage.system, stage.crew.agent
    answer = await system.post(agent, "/customers", {"name": name})
    if answer.is_error:
        return None
    customer_id = str(answer.json()["id"])
    shown = await system.get(agent, f"/customers/{customer_id}")
    _same(shown["name"], name)
    return customer_id


async def _file(stage: Stage, customer: str, complaint: Complaint) -> Any:
    """File the complaint; None when its text was refused with a reason."""
    subject = " ".join(complaint.text.split())[:SUBJECT_LENGTH] or "—"
    body = {"kind": "complaint", "channel": "wechat", "subject": subject}
    answer = await stage.system.post(
        customer, "/my/tickets", body | {"description": complaint.text}
    )
    if answer.is_error:
        return None
    shown = await stage.system.get(customer, f"/my/tickets/{answer.json()['id']}")
    _same(shown["description"], complaint.text)
    return shown


async def _answer(stage: Stage, customer_id: str, number: int, complaint: Complaint) -> None:
    """Open the link that the customer was sent, and answer as content as the text is."""
    link = await wait_for(lambda: _link(stage.system, customer_id), "the survey's link is sent")
    token = link.rpartition("/")[2]
    page = await stage.system.client.get(f"/s/{token}")
    page.raise_for_status()
    await _done(stage.system, None, f"/public/surveys/{token}/opened")
    random = Random(number)
    content = complaint.label == 1
    satisfaction = random.choice((4, 5) if content else (1, 2))
    recommend = random.choice((9, 10) if content else tuple(range(7)))
    answers = {
        "result": satisfaction,
        "solved": content,
        "recommend": recommend,
        "comment": complaint.text[:COMMENT_LENGTH],
    }
    await _done(stage.system, None, f"/public/surveys/{token}", {"answers": answers})
    stage.record.satisfaction.append(satisfaction)
    stage.record.recommend.append(recommend)


async def _link(system: System, customer_id: str) -> str | None:
    notices = (await system.get(None, "/outbox", customer_id=customer_id))["data"]
    links = [n["parameters"]["link"] for n in notices if n["template"] == "survey_invitation"]
    return links[0] if links else None


async def _done(system: System, token: str | None, path: str, body: Any = None) -> None:
    answer = await system.post(token, path, body)
    if answer.is_error:
        msg = f"{API}{path} answered {answer.status_code}: {answer.text[:200]}"
        raise ServerError(msg)


def _same(shown: str, sent: str) -> None:
    if shown != sent:
        msg = f"sent {sent!r} and was shown {shown!r}"
        raise ServerError(msg)
