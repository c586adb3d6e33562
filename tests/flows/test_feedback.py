"""What a customer writes in a survey reaches a desk, and the answer reaches the customer."""

from pathlib import Path
from typing import Any

import pytest

from tests.flows.conftest import SETTINGS, Edition
from tests.flows.test_e1 import invited, solved_and_confirmed
from tests.support.company import Caller, Company, found_company
from tests.support.patience import becomes, sooner_or_later

WORDS = "态度很好，就是等了三天。下次请打13800138000。"
ANSWER = "您好，派单慢的原因已查明，以后当天会有人联系您。"


@pytest.mark.timeout(180)  # a system starts and a timer of it runs out
async def test_a_comment_becomes_feedback_and_its_answer_is_mailed_once(
    in_one: Edition, tmp_path: Path
) -> None:
    async with in_one(tmp_path, SETTINGS) as running:
        company = await found_company(running)
        wang = await company.customer("wang", "wang@example.com")
        ticket = await solved_and_confirmed(company, wang)
        token = await invited(company, "wang")
        answers = {"result": 3, "solved": True, "recommend": 8, "comment": WORDS}
        await Caller("", running.client, None).does(
            f"/public/surveys/{token}", {"answers": answers}
        )

        item = await sooner_or_later(lambda: only_item(company, ticket["id"]))
        assert item["text"] == WORDS.replace("13800138000", "138****8000")
        assert (item["mode"], item["importance"]) == ("solicited", "normal")
        path = f"/feedback/{item['id']}"
        proposal = await company.manager.get(f"{path}/proposal")
        assert (proposal["category"], proposal["sentiment"]) == ("attitude", "positive")

        sent = await company.manager.does(f"{path}/replies", {"text": ANSWER})
        assert sent["delivery"] == "pending"
        outcome = ("delivered", "email")
        await becomes(lambda: outcome_of(company, path), outcome)
        mails = [mail.get_body(("plain",)) for mail in running.mails.taken]
        assert sum(ANSWER in text.get_content() for text in mails if text is not None) == 1


async def only_item(company: Company, ticket_id: str) -> Any | None:
    """Return the one item about a ticket, None before it is there and we are known there."""
    answer = await company.running.client.get(
        "/api/v1/feedback",
        params={"ticket_id": ticket_id},
        headers={"Authorization": f"Bearer {company.manager.token}"},
    )
    found = answer.json()["data"] if answer.is_success else []
    return found[0] if len(found) == 1 else None


async def outcome_of(company: Company, path: str) -> tuple[str, str | None]:
    """Return what became of the one answer."""
    (reply,) = (await company.manager.get(f"{path}/replies"))["data"]
    return reply["delivery"], reply["delivered_by"]
