"""A door that is asked as planned answers what FastAPI itself would have answered."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any, cast

import httpx
import pytest
from fastapi import APIRouter, Body, Cookie, Depends, Form, Header, Query, Request, Response
from pydantic import BaseModel, Field

from careloop.files import all_services
from services.tickets.history.upload import UploadRoute
from shared.database import Database
from shared.errors import ConflictError
from shared.http.app import Ground, common_routers, create_app
from shared.http.cursors import Limit
from shared.http.doors import Doors
from shared.http.plans import planned
from shared.texts import Line, RequestModel
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT
from tests.support.sample_service import sample_service

router = APIRouter(prefix="/api/v1/asked")


@dataclass(frozen=True, slots=True)
class Filter:
    word: Line | None = None
    least: int = 3


class Thing(RequestModel):
    name: Line
    parts: list[int] = Field(default_factory=list)


class Shown(BaseModel):
    number: int
    name: str | None


def doubled(number: int, request: Request) -> int:
    request.state.asked = getattr(request.state, "asked", 0) + 1
    return number * 2


async def once(twice: Annotated[int, Depends(doubled)], response: Response) -> int:
    response.headers["X-Twice"] = str(twice)
    return twice


@router.get("/all")
async def show_all(words: Annotated[list[str] | None, Query()] = None) -> list[str]:
    return words or ["none"]


@router.get("/{number}")
async def show(  # noqa: PLR0917 - what a request may say
    number: int,
    request: Request,
    wanted: Annotated[Filter, Depends()],
    twice: Annotated[int, Depends(doubled)],
    again: Annotated[int, Depends(once)],
    limit: Limit = 50,
    x_word: Annotated[str | None, Header()] = None,
    colour: Annotated[str | None, Cookie()] = None,
) -> dict[str, Any]:
    asked = request.state.asked
    return {"all": [number, wanted.word, wanted.least, twice, again, limit, x_word, colour, asked]}


@router.post("/{number}", status_code=201)
async def add(number: int, thing: Thing, twice: Annotated[int, Depends(once)]) -> Shown | None:
    if number == 13:
        raise ConflictError("unlucky", "Not thirteen.")
    return Shown(number=twice, name=thing.name) if number else None


@router.post("/{number}/two")
async def add_two(number: int, one: Annotated[int, Body()], other: Annotated[Thing, Body()]) -> Any:
    return {"number": number, "one": one, "other": other}


@router.delete("/{number}", status_code=204)
async def remove(number: int, response: Response) -> None:
    response.headers["X-Gone"] = str(number)


@asynccontextmanager
async def served(database: Database, *, by_fastapi: bool) -> AsyncIterator[httpx.AsyncClient]:
    service = replace(sample_service(), routers=(router,))
    app = create_app(service, Ground(database, VAULT, KEYS))
    if by_fastapi:
        app.user_middleware = [
            one for one in app.user_middleware if cast("type", one.cls) is not Doors
        ]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://careloop") as client:
        yield client


def requests() -> Iterator[dict[str, Any]]:
    """Give what may be asked: right, wrong, too little, too much, and where no door is."""
    for path in ("5", "x", "all", "all?words=a&words=b", "5?least=4&word=a&limit=7", "5/two", ""):
        yield {"method": "GET", "url": path}
    for query in ("least=x&limit=0", "least=", "limit=201&word=", "word=%00", "least=1&least=2"):
        yield {"method": "GET", "url": f"x?{query}"}
    yield {"method": "GET", "url": "5", "headers": {"X-Word": "w", "Cookie": "colour=red"}}
    things: tuple[Any, ...] = (
        {"name": "a"},
        {"name": 1, "parts": "x"},
        {"more": 1},
        {},
        [],
        None,
        7,
    )
    for thing in things:
        for path in ("0", "1", "13", "x"):
            yield {"method": "POST", "url": path, "json": thing}
    bodies: tuple[Any, ...] = ({"one": 1, "other": {"name": "a"}}, {"one": "x"}, {"other": {}}, 3)
    for body in bodies:
        yield {"method": "POST", "url": "1/two", "json": body}
    for content in (b"", b"{", b"\xff", b'{"name": "a"}', b"[" * 100_000):
        for kind in ("application/json", "application/merge-patch+json", "text/plain", ";", None):
            headers = {} if kind is None else {"Content-Type": kind}
            yield {"method": "POST", "url": "1", "content": content, "headers": headers}
    for method in ("DELETE", "PUT"):
        yield {"method": method, "url": "5"}


async def test_a_planned_door_answers_as_fastapi_does(databases: Databases) -> None:
    database = await databases.open(sample_service())
    async with (
        served(database, by_fastapi=False) as ours,
        served(database, by_fastapi=True) as theirs,
    ):
        seen = set()
        for asked in requests():
            asked["url"] = f"/api/v1/asked/{asked['url']}"
            answers = [told(await client.request(**asked)) for client in (ours, theirs)]
            assert answers[0] == answers[1], asked
            seen.add(answers[0][0])
        assert seen == {200, 201, 204, 400, 404, 405, 409, 415, 422}


def told(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    headers = {name: v for name, v in answer.headers.items() if name != "x-request-id"}
    problem = headers.get("content-type") == "application/problem+json"
    if not problem:
        return answer.status_code, headers, answer.content
    del headers["content-length"]
    return answer.status_code, headers, json.loads(answer.content) | {"trace_id": ""}


def test_every_door_of_every_service_is_found_at_once() -> None:
    by_fastapi = set()
    for service in all_services().values():
        routers = (*common_routers(service), *service.routers)
        doors = Doors(_nowhere, routers)
        for route in (route for router in routers for route in router.routes):
            for method in route.methods:  # type: ignore[attr-defined] # all are APIRoutes
                path = route.path.replace("{", "").replace("}", "")  # type: ignore[attr-defined]
                found = doors.find(method, path)
                if found is None or found[0] is not route:
                    by_fastapi.add(type(route))
    assert by_fastapi == {UploadRoute}, "a form is read by FastAPI"


async def _nowhere(*_: object) -> None:
    raise NotImplementedError


async def yielding() -> AsyncIterator[int]:
    yield 1


async def ask_yielding(one: Annotated[int, Depends(yielding)]) -> int:
    return one


async def ask_form(one: Annotated[int, Form()]) -> int:
    return one


@pytest.mark.parametrize("endpoint", [ask_yielding, ask_form])
def test_what_no_plan_knows_is_refused_when_it_is_built(endpoint: Any) -> None:
    refused = APIRouter()
    refused.add_api_route("/", endpoint)
    with pytest.raises(TypeError):
        planned(refused.routes[0])  # type: ignore[arg-type]
