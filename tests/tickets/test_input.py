"""Bad input has its documented code and changes nothing; odd but good input is kept exactly."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from sqlalchemy import func, select

from services.tickets.customers.tables import customers
from services.tickets.service import create_service
from services.tickets.settings import TicketSettings
from services.tickets.tickets.tables import ticket_moves, tickets
from shared.ids import new_id
from shared.outbox.tables import outbox
from shared.settings import CommonSettings
from shared.texts import RequestModel
from tests.support.people import VAULT, Person
from tests.tickets.conftest import Desk
from tests.tickets.steps import COMPLAINT, TAKEN, filed, shown

BODIES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "file": ("/api/v1/my/tickets", COMPLAINT),
    "take": ("/api/v1/tickets", TAKEN),
    "reply": ("/api/v1/tickets/{id}/replies", {"body": "好"}),
    "resolve": ("/api/v1/tickets/{id}/resolve", {"reason": "solved", "solution": "好了"}),
    "correct": ("/api/v1/tickets/{id}/update", {"subject": "改", "version": 1}),
    "customer": ("/api/v1/customers", {"name": "王芳"}),
}
TEXTS: Final = {
    "file": "subject",
    "take": "description",
    "reply": "body",
    "resolve": "solution",
    "correct": "subject",
    "customer": "name",
}
BAD: Final[dict[str, Any]] = {
    "a NUL": "漏\x00水",
    "a lone surrogate": "漏\ud800水",
    "too long": "长" * 20_001,
    "blank": " \t\u3000",
    "empty": "",
    "a number": 7,
    "a list": ["漏水"],
    "an object": {"zh": "漏水"},
}
NOT_JSON: Final = {
    "broken JSON": (b'{"subject": ', "application/json", 400, "malformed_request"),
    "broken UTF-8": (b'{"subject": "\xff\xfe"}', "application/json", 400, "malformed_request"),
    "NaN": (b'{"subject": NaN}', "application/json", 400, "malformed_request"),
    "a text": (b"subject=1", "text/plain", 415, "unsupported_media_type"),
    "nothing": (b"", "application/json", 422, "invalid_request"),
    "a list": (b"[]", "application/json", 422, "invalid_request"),
    "null": (b"null", "application/json", 422, "invalid_request"),
    "a megabyte too much": (b"{" + b" " * 2_000_000 + b"}", "application/json", 413, "too_large"),
}


async def everything(desk: Desk) -> list[int | None]:
    """Return how many rows there are of all that a call could leave behind."""
    async with desk.database.transaction() as session:
        return [
            await session.scalar(select(func.count()).select_from(table))
            for table in (tickets, ticket_moves, customers, outbox)
        ]


@dataclass
class Attempt:
    """A ticket that must stay as it is, and whoever tries."""

    desk: Desk
    customer: Person
    ticket: dict[str, Any]

    async def refused(self, what: str, content: bytes, media: str = "application/json") -> Any:
        """Send a body to an operation; return the refusal."""
        person = self.customer if what == "file" else self.desk.agent
        answer = await person.client.post(
            BODIES[what][0].format(id=self.ticket["id"]),
            content=content,
            headers={"Content-Type": media, "Idempotency-Key": str(new_id())},
        )
        assert answer.headers["content-type"] == "application/problem+json"
        return answer


@pytest.fixture
async def attempt(desk: Desk) -> AsyncIterator[Attempt]:
    """Give what is tried; when the test ends, nothing may have changed."""
    customer = desk.people.customer()
    ticket = await filed(customer)
    before = await everything(desk), await shown(desk.agent, ticket)
    yield Attempt(desk, customer, ticket)
    assert (await everything(desk), await shown(desk.agent, ticket)) == before


@pytest.mark.parametrize("what", BODIES)
async def test_a_text_that_is_none_is_refused_where_it_stands(attempt: Attempt, what: str) -> None:
    for kind, text in BAD.items():
        body = BODIES[what][1] | {TEXTS[what]: text}
        answer = await attempt.refused(what, json.dumps(body).encode())
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), kind
        assert {error["pointer"] for error in answer.json()["errors"]} == {f"/{TEXTS[what]}"}, kind


@pytest.mark.parametrize("what", BODIES)
async def test_a_field_that_nobody_knows_is_refused(attempt: Attempt, what: str) -> None:
    for field in ("state", "org_path", "a" * 1_000):
        answer = await attempt.refused(what, json.dumps(BODIES[what][1] | {field: "x"}).encode())
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "extra_forbidden"


def test_every_body_has_an_example_and_every_example_fits() -> None:
    create_service(CommonSettings(), VAULT, TicketSettings())
    models = [m for m in RequestModel.__subclasses__() if m.__module__.startswith("services.tick")]
    assert len(models) > 10
    for model in models:
        shown_as = model.model_json_schema()["examples"]
        model.model_validate_json(json.dumps(shown_as[0]))


@pytest.mark.parametrize("kind", NOT_JSON)
async def test_a_body_that_is_no_object_is_refused(attempt: Attempt, kind: str) -> None:
    content, media, status, code = NOT_JSON[kind]
    answer = await attempt.refused("take", content, media)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/tickets/not-a-uuid", 422, "invalid_request"),
        ("/api/v1/tickets?number=%00", 422, "invalid_request"),
        ("/api/v1/tickets?state=lost", 422, "invalid_request"),
        ("/api/v1/tickets?limit=0", 422, "invalid_request"),
        ("/api/v1/tickets?limit=201", 422, "invalid_request"),
        ("/api/v1/tickets?cursor=%E6%BC%8F", 400, "invalid_cursor"),
        ("/api/v1/customers?phone=%00", 422, "invalid_request"),
        ("/api/v1/customers?phone_ending=%D9%A1%D9%A2%D9%A3%D9%A4", 422, "invalid_request"),
        ("/api/v1/tickets/", 404, "not_found"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    desk: Desk, path: str, status: int, code: str
) -> None:
    answer = await desk.agent.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "text",
    [
        "  先空两格，后面也有空格  ",
        "第一行\r\n第二行\n\n\t第四行",
        "e\u0301 和 é 不一样；𠮷野家；👩\u200d👩\u200d👧；\u202e倒写\u202c；\ufeff",
        "<script>alert(1)</script> {{7*7}} %s ' OR 1=1 --",
    ],
)
async def test_odd_texts_are_kept_and_shown_exactly(desk: Desk, text: str) -> None:
    customer = desk.people.customer()
    answer = await customer.post("/api/v1/my/tickets", COMPLAINT | {"description": text})
    assert answer.status_code == 201
    assert answer.json()["description"] == text
    assert (await shown(desk.agent, answer.json()))["description"] == text
