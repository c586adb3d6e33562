"""Whatever is wrong with a request, the answer is a problem that says so and nothing else."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.auth.actor import ActorKind, Role
from shared.ids import new_id
from tests.shared.http.conftest import Small
from tests.support.people import token

TALLIES = "/api/v1/tallies"


def checked(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Return the problem after looking at what all problems have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = answer.json()
    assert (content["status"], content["code"]) == (status, code)
    assert content["type"] == f"urn:careloop:problem:{code}"
    assert content["title"]
    assert content["detail"]
    assert content["trace_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return content


async def sent(small: Small, content: Any, media_type: str = "application/json") -> httpx.Response:
    return await small.person.client.post(
        TALLIES,
        content=content,
        headers={"Content-Type": media_type, "Idempotency-Key": str(new_id())},
    )


async def test_each_refusal_has_its_status_and_code(small: Small) -> None:
    person, nowhere = small.person, f"{TALLIES}/{new_id()}"
    nobody = small.people.bearing(new_id(), None)
    foreign = small.people.bearing(new_id(), "x.y.z")
    partner = small.people.bearing(new_id(), token(ActorKind.CUSTOMER, new_id(), []))
    away = small.people.bearing(
        new_id(), token(ActorKind.CUSTOMER, new_id(), [Role.CUSTOMER], exp=int(time.time()) - 40)
    )
    for one in (nobody, foreign, away):
        problem = await one.get(nowhere)
        checked(problem, 401, "not_authenticated")
        assert problem.headers["www-authenticate"].startswith("Bearer")
        checked(await one.post(TALLIES, {"amount": 1}), 401, "not_authenticated")
    checked(await partner.post(TALLIES, {"amount": 1}), 403, "not_allowed")
    checked(await person.client.delete(nowhere), 403, "not_yours")
    checked(await person.get(nowhere), 404, "tally_not_found")
    checked(await person.get("/api/v1/nothing"), 404, "not_found")
    checked(await person.get("/"), 404, "not_found")
    checked(await person.post(TALLIES, {"amount": 13}), 409, "unlucky")
    checked(await person.get(f"{TALLIES}/not-an-id"), 422, "invalid_request")
    checked(await person.get(f"{TALLIES}?limit=201"), 422, "invalid_request")
    checked(await person.client.patch(nowhere, json={"amount": 1}), 428, "version_required")
    checked(await person.get("/api/v1/broken/away"), 503, "unavailable")
    assert await small.amounts() == []


async def test_a_fault_of_ours_says_nothing_of_itself(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    for answer in (
        await small.person.get("/api/v1/broken"),
        await small.person.post(TALLIES, {"amount": 14}),
        await small.person.get("/api/v1/broken/away"),
    ):
        assert "13800001111" not in answer.text
        assert "王芳" not in answer.text
        assert "10.0.0.7" not in answer.text
    checked(await small.person.get("/api/v1/broken"), 500, "internal_error")
    assert await small.amounts() == []


async def test_a_method_that_is_not_there_is_told_which_are(small: Small) -> None:
    answer = await small.person.client.put(TALLIES)
    checked(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"
    answer = await small.person.client.put(f"{TALLIES}/{new_id()}")
    assert answer.headers["allow"] == "DELETE, GET, PATCH"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b'{"amount": NaN}',
        b'{"amount": 1, "share": Infinity}',
        b'{"amount": 1, "extra": {"a": -Infinity}}',
        b'{"amount": ' + b"9" * 5000 + b"}",
        b'{"amount": 1, "extra": ' + b"[" * 100_000 + b"}",
        b'{"amount": 1, "label": "\xff\xfe"}',
        b"\x80abc",
    ],
    ids=["cut", "empty", "nan", "infinity", "deep-nan", "5000-digits", "deep", "utf-8", "binary"],
)
async def test_what_is_not_json_is_refused_and_changes_nothing(small: Small, body: bytes) -> None:
    answer = await sent(small, body)
    if body:
        checked(answer, 400, "malformed_request")
    else:
        checked(answer, 422, "invalid_request")
    assert await small.amounts() == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"amount": 1, "label": "a\\u0000b"}', "/label"),
        ('{"amount": 1, "label": "\\ud800"}', "/label"),
        ('{"amount": 1, "remark": "\\udfff"}', "/remark"),
        ('{"amount": 1, "label": "a\\nb"}', "/label"),
        ('{"amount": 1, "label": "   "}', "/label"),
        ('{"amount": 1, "share": "much"}', "/share"),
        ('{"amount": "many"}', "/amount"),
        ('{"amount": 1.5}', "/amount"),
        ('{"amount": null}', "/amount"),
        ('{"amount": 1, "unknown": 1}', "/unknown"),
        ('{"amount": 1, "a~/b": 1}', "/a~0~1b"),
        ('{"amount": 1, "\\ud800": 1}', ""),
        ("{}", "/amount"),
        ("[]", ""),
        ("7", ""),
        ('"text"', ""),
        ("null", ""),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_not_repeated(
    small: Small, body: str, pointer: str
) -> None:
    content = checked(await sent(small, body), 422, "invalid_request")
    assert [error["pointer"] for error in content["errors"]] == [pointer]
    assert set(content["errors"][0]) == {"pointer", "code", "message"}
    assert await small.amounts() == []


async def test_a_flood_of_wrong_fields_gets_a_short_answer(small: Small) -> None:
    many = {f"field{n}": n for n in range(20_000)} | {"x" * 100_000: 1}
    content = await sent(small, json.dumps(many))
    assert len(content.content) < 20_000
    checked(content, 422, "invalid_request")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "text/json", "application/x-www-form-urlencoded", "image/png", ""]
)
async def test_a_body_of_another_kind_is_a_415(small: Small, media_type: str) -> None:
    checked(await sent(small, b'{"amount": 1}', media_type), 415, "unsupported_media_type")
    assert await small.amounts() == []


async def test_json_with_a_charset_or_a_suffix_is_json(small: Small) -> None:
    for media_type in ("application/json; charset=utf-8", "application/merge-patch+json"):
        assert (await sent(small, b'{"amount": 1}', media_type)).status_code == 201


async def test_a_body_that_is_too_large_is_refused_when_announced_and_when_not(
    small: Small,
) -> None:
    async def flood() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 32_768

    for path in (TALLIES, f"{TALLIES}/{new_id()}"):
        method = "POST" if path == TALLIES else "PATCH"
        for content in (b" " * 1_048_577, flood()):
            answer = await small.person.client.request(
                method,
                path,
                content=content,
                headers={
                    "Content-Type": "application/json",
                    "Idempotency-Key": str(new_id()),
                    "If-Match": "*",
                },
            )
            checked(answer, 413, "too_large")
            assert answer.headers["connection"] == "close"
    huge = await small.person.client.post(
        TALLIES, content=b"", headers={"Content-Length": "9" * 5000}
    )
    checked(huge, 413, "too_large")
    assert await small.amounts() == []


async def test_titles_are_in_the_language_that_the_caller_names_first(small: Small) -> None:
    for accept, language, title in (
        ("en-GB,zh;q=0.5", "en", "Not found"),
        ("zh-CN,en;q=0.9", "zh", "没有找到"),
        ("fr, en", "en", "Not found"),
        ("fr", "zh", "没有找到"),
        ("", "zh", "没有找到"),
    ):
        answer = await small.person.get("/nothing", headers={"Accept-Language": accept})
        assert answer.headers["content-language"] == language
        assert "Accept-Language" in answer.headers["vary"]
        assert answer.json()["title"] == title


async def test_the_callers_own_request_id_comes_back_unless_it_is_none(small: Small) -> None:
    for given, kept in (("abc-1", True), ("a" * 65, False), ("a b", False), ('"><', False)):
        answer = await small.person.get("/nothing", headers={"X-Request-ID": given})
        assert (answer.headers["x-request-id"] == given) is kept
