"""One document, one page and one vocabulary of all services, without anything from outside."""

import re
from collections.abc import AsyncIterator
from enum import StrEnum

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from shared.http.app import openapi_of
from shared.http.problems import add_problem_handlers, documented
from shared.vocabulary import Labels, labels_of
from standalone.documents import add_documents, merged

LABELS: dict[str, Labels] = {"Colour": {"red": ("红", "Red")}}


class Mood(StrEnum):
    CALM = "calm"
    ANGRY = "angry"


def app_with(path: str, answer: type[BaseModel]) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get(path, operation_id=path.strip("/"), responses=documented(404, 422))
    async def show(number: int) -> answer:  # type: ignore[valid-type]
        return answer(number=number)

    return app


class Thing(BaseModel):
    number: int


class Other(BaseModel):
    number: int


def other_thing() -> type[BaseModel]:
    class Thing(BaseModel):
        number: str

    return Thing


def test_a_door_is_summed_up_by_the_first_clause_of_what_it_says() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/things", operation_id="things")
    async def get() -> None:
        """List things, newest first; an old one stays. More of it."""

    assert openapi_of(app)["paths"]["/things"]["get"]["summary"] == "List things, newest first"


def test_documents_of_all_become_one_with_one_form_of_problems() -> None:
    document = merged(openapi_of(app_with(path, Thing)) for path in ("/one", "/two"))
    assert sorted(document["paths"]) == ["/one", "/two"]
    answers = document["paths"]["/one"]["get"]["responses"]
    for status in ("404", "422"):
        assert answers[status]["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }
    assert set(document["components"]["schemas"]["Problem"]["required"]) >= {"code", "trace_id"}


@pytest.mark.parametrize(
    ("second", "clash"),
    [(app_with("/two", other_thing()), "Thing"), (app_with("/one", Other), "/one")],
    ids=["one name for two schemas", "one path for two operations"],
)
def test_what_is_defined_twice_and_differently_is_an_error(second: FastAPI, clash: str) -> None:
    with pytest.raises(ValueError, match=clash):
        merged([openapi_of(app_with("/one", Thing)), openapi_of(second)])


@pytest.mark.parametrize(
    "labels",
    [
        {Mood.CALM: ("平静", "Calm")},
        {Mood.CALM: ("平静", "Calm"), Mood.ANGRY: ("生气", "Angry"), "sad": ("难过", "Sad")},
    ],
)
def test_every_code_has_a_label_and_every_label_a_code(labels: dict[Mood, tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="Mood"):
        labels_of(Mood, labels)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    host = FastAPI(openapi_url=None)
    add_problem_handlers(host)
    add_documents(host, [app_with("/one", Thing)], [LABELS])
    transport = httpx.ASGITransport(host)
    async with httpx.AsyncClient(transport=transport, base_url="http://host") as opened:
        yield opened


async def test_the_page_of_the_document_loads_nothing_from_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/api/docs")
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "http" not in re.sub("<!doctype html>", "", page.text)
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 3
    for link in links:
        assert (await client.get(link)).status_code == 200, link
    start = (await client.get("/api/docs-start.js")).text
    assert "/api/openapi.json" in start
    assert (await client.get("/api/openapi.json")).json()["paths"].keys() == {"/one"}


async def test_the_vocabulary_has_the_labels_of_all_services(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/vocabulary")
    assert answer.json() == {"Colour": [{"code": "red", "zh": "红", "en": "Red"}]}


async def test_a_file_of_the_page_that_is_not_there_is_a_problem(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/api/docs-assets/none.js", "/api/docs-assets/../documents.py"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    refused = await client.post("/api/docs-assets/swagger-ui.css")
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
