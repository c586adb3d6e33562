"""E1: a complaint is filed, solved, closed, asked about, answered, and the figures move."""

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from shared.outbox.tables import outbox
from tests.flows.conftest import EVERY_EDITION
from tests.support.company import Caller, Company
from tests.support.patience import becomes, sooner_or_later

LINK = re.compile(r"\S+(/s/([\w-]{22}))\b")
NAMES = ("wang", "li", "zhao")

BOOKS: dict[str, Any] = {"closed": 4, "invited": 3, "suppressed": 1, "open": 1, "completed": 2}
BOOKS |= {"expired": 0, "cancelled": 0, "balanced": True, "differences": [], "more": False}


async def filed(customer: Caller) -> Any:
    """File a complaint; number and promised times come back."""
    words = {"subject": "表具故障", "description": "已经三天没有人上门"}
    ticket = await customer.does("/my/tickets", {"kind": "complaint", "channel": "wechat"} | words)
    assert re.fullmatch(r"C\d{8}-\d{6}", ticket["number"])
    assert seconds(ticket, "first_response_due_at") == 30 * 60
    assert seconds(ticket, "resolution_due_at") == 48 * 3600
    return ticket


async def replied(company: Company, ticket: Any) -> None:
    """Let an agent reply."""
    await company.agent.does(f"/tickets/{ticket['id']}/replies", {"body": "今天下午两点上门"})


async def solved_and_confirmed(company: Company, customer: Caller) -> Any:
    """Play a complaint from its filing to the customer's confirmation."""
    ticket = await filed(customer)
    await replied(company, ticket)
    await resolved(company, ticket)
    await customer.does(f"/my/tickets/{ticket['id']}/confirm")
    return ticket


async def resolved(company: Company, ticket: Any, reason: str = "solved") -> None:
    """Let the agent solve it."""
    solution = {"reason": reason, "solution": "已更换表具。"}
    await company.agent.does(f"/tickets/{ticket['id']}/resolve", solution)


def links_to(company: Company, name: str) -> list[str]:
    """Return the survey links that were mailed to somebody."""
    mails = [mail for mail in company.running.mails.taken if mail["To"] == f"{name}@example.com"]
    texts = [mail.get_body(("plain",)) for mail in mails]
    found = [LINK.search(text.get_content()) for text in texts if text is not None]
    return [match[2] for match in found if match]


async def invited(company: Company, name: str) -> str:
    """Return the token of the one link that somebody gets."""

    async def look() -> list[str] | None:
        return links_to(company, name) or None

    (token,) = await sooner_or_later(look)
    return token


async def answered(company: Company, token: str, result: int, recommend: int) -> None:
    """Open the link's page and answer."""
    page = await company.running.client.get(f"/s/{token}")
    assert page.status_code == 200
    assert "<form" in page.text
    anybody = Caller("", company.running.client, None)
    answers = {"result": result, "solved": True, "recommend": recommend}
    await anybody.does(f"/public/surveys/{token}", {"answers": answers})
    again = await anybody.post(f"/public/surveys/{token}", {"answers": answers | {"result": 1}})
    assert again.status_code == 409


def seconds(ticket: Any, end: str) -> float:
    """Return how long something took, from the instants that the customer sees."""
    begun, ended = (datetime.fromisoformat(ticket[name]) for name in ("created_at", end))
    return (ended - begun).total_seconds()


@pytest.mark.timeout(300)  # a broker and eight processes start, and a timer of the system runs out
@pytest.mark.parametrize("edition", EVERY_EDITION, indirect=True)
@pytest.mark.feature("T-17")
async def test_a_closed_complaint_becomes_a_survey_and_moves_the_figures(
    company: Company,
) -> None:
    wang, li, zhao = [await company.customer(name, f"{name}@example.com") for name in NAMES]
    late = await filed(zhao)
    first = await solved_and_confirmed(company, wang)
    await answered(company, await invited(company, "wang"), 3, 7)
    before = {"csat_score": 60, "satisfaction_rate": 0, "complaint_satisfaction_rate": 0}
    before |= {"nps": 0, "survey_response_rate": 100, "complaint_count": 2, "reopen_rate": 0}
    await becomes(lambda: company.figures(*before), before)

    second = await solved_and_confirmed(company, li)
    await answered(company, await invited(company, "li"), 5, 10)
    # (3 + 5) * 20 / 2; one of two is content; one promoter and one passive
    after: dict[str, Any] = {
        "csat_score": 80,
        "satisfaction_rate": 50,
        "complaint_satisfaction_rate": 50,
    }
    after |= {"complaint_satisfaction_rate": 50, "nps": 50}
    after |= {"survey_response_rate": 100, "complaint_count": 3, "reopen_rate": 0}
    await becomes(lambda: company.figures(*after), after)

    await replied(company, late)
    await resolved(company, late)
    objection = {"reason": "not_solved", "body": "还是漏气"}
    await zhao.does(f"/my/tickets/{late['id']}/dispute", objection)
    await resolved(company, late)
    spam = await filed(zhao)
    await replied(company, spam)
    await resolved(company, spam, "spam")
    assert await invited(company, "zhao")  # of whom nobody heard: the timer closed it
    after |= {"survey_response_rate": pytest.approx(200 / 3), "complaint_count": 4}
    after |= {"reopen_rate": 25}  # one of the four that were resolved
    after |= await times(company, {wang: [first], li: [second], zhao: [late, spam]})
    await becomes(lambda: company.figures(*after), after)
    await becomes(lambda: shown(company), BOOKS)
    assert await reasons_not_to_ask(company) == ["spam"]

    last = await everything_comes_again(company, zhao)
    after |= {"reopen_rate": 20}  # the last one counts, too
    after |= await times(company, {wang: [first], li: [second], zhao: [late, spam, last]})
    await becomes(lambda: shown(company), BOOKS | {"closed": 5, "suppressed": 2})
    assert await company.figures(*after) == after
    assert [len(links_to(company, name)) for name in NAMES] == [1, 1, 1]


async def times(company: Company, lives: dict[Caller, list[Any]]) -> dict[str, Any]:
    """Return the mean times in whole seconds, of what the customers see of their tickets."""
    seen = [
        await who.get(f"/my/tickets/{ticket['id']}")
        for who, tickets in lives.items()
        for ticket in tickets
    ]
    ends = {"first_response_time": "first_responded_at", "resolution_time": "resolved_at"}
    return {
        metric: pytest.approx(sum(int(seconds(one, end)) for one in seen) / len(seen))
        for metric, end in ends.items()
    }


async def shown(company: Company) -> dict[str, Any]:
    """Return the books, without their period."""
    books = await company.books()
    return {name: books[name] for name in BOOKS}


async def reasons_not_to_ask(company: Company) -> list[str]:
    """Return why customers were not asked."""
    invitations = (await company.manager.get("/invitations"))["data"]
    return [one["reason"] for one in invitations if one["state"] == "suppressed"]


async def everything_comes_again(company: Company, customer: Caller) -> Any:
    """Publish every event once more; return a ticket whose closing is heard after all of them."""
    again = update(outbox).values(published_at=None, due_at=func.now())
    for database in company.running.databases.values():
        async with database.transaction() as session:
            await session.execute(again.where(outbox.c.data.is_not(None)))
    await becomes(lambda: unpublished(company), 0)
    body = {"kind": "consultation", "subject": "余额", "description": "怎么查"}
    last = await customer.does("/my/tickets", body)
    await replied(company, last)
    await resolved(company, last, "spam")
    await customer.does(f"/my/tickets/{last['id']}/confirm")
    return last


async def unpublished(company: Company) -> int:
    """Count what the bus does not have yet."""
    count, waiting = select(func.count()).select_from(outbox), outbox.c.published_at.is_(None)
    found = 0
    for database in company.running.databases.values():
        async with database.transaction() as session:
            found += await session.scalar(count.where(waiting)) or 0
    return found
