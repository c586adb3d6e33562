"""A token opens a door only when everything about it is right."""

import asyncio
import base64
import json
import stat
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from services.integrations.sign_in.keys import (
    SIGNING_FILE,
    ensure_signing_key,
    rotate_signing_key,
)
from shared.auth.tokens import FetchedKeys, InvalidTokenError, IssuerAwayError, read_token
from shared.ids import new_id
from tests.integrations.conftest import Edge, Edges
from tests.integrations.letters import hear, staff_changed

DEVELOPMENT = "urn:careloop:development"
GUARDED = "/api/v1/notifications"

DAY = 86_400
"""Longer than a whole run: instants in parameters are those of the collection."""


def claims(subject: str, **other: Any) -> dict[str, Any]:
    """Return what the token of an operator says."""
    return {
        "iss": "careloop-staff",
        "aud": "careloop",
        "sub": subject,
        "kind": "staff",
        "roles": ["operator"],
        "exp": int(time.time()) + 600,
    } | other


def private_key(edge: Edge) -> ECKey:
    content = json.loads((edge.common.secrets / SIGNING_FILE).read_text())
    return ECKey.import_key(content["keys"][0])


async def asked(edge: Edge, **fields: str) -> httpx.Response:
    return await edge.anybody.client.post("/api/v1/auth/token", data=fields)


async def status_with(edge: Edge, token: str) -> int:
    answer = await edge.people.bearing(new_id(), token).get(GUARDED)
    if answer.status_code == 401:
        assert answer.json()["code"] == "not_authenticated"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer.status_code


async def test_a_right_token_opens_the_door_until_its_bearer_leaves(edge: Edge) -> None:
    operator = await edge.staff("operator")
    token = jwt.encode(
        {"alg": "ES256", "kid": private_key(edge).kid}, claims(str(operator)), private_key(edge)
    )
    assert await status_with(edge, token) == 200
    await hear(edge, staff_changed(operator, "operator", active=False, sequence=2))
    assert await status_with(edge, token) == 401
    await hear(edge, staff_changed(operator, "operator", sequence=1))  # an old word, late
    assert await status_with(edge, token) == 401


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"exp": int(time.time()) - 31}, id="over for longer than clocks differ"),
        {"aud": "another-system"},
        {"aud": None},
        {"exp": None},
        {"sub": None},
        {"sub": "somebody"},
        {"iss": "careloop-customers"},
        {"iss": "https://idp.example"},
        {"iss": None},
        {"kind": "system"},
        {"kind": None},
        {"kind": "partner"},
        pytest.param({"nbf": int(time.time()) + DAY}, id="not valid yet"),
    ],
    ids=str,
)
async def test_a_claim_that_is_wrong_opens_nothing(edge: Edge, wrong: dict[str, Any]) -> None:
    key, operator = private_key(edge), await edge.staff("operator")
    said = {k: v for k, v in claims(str(operator), **wrong).items() if v is not None}
    assert await status_with(edge, jwt.encode({"alg": "ES256", "kid": key.kid}, said, key)) == 401


async def test_a_role_that_the_directory_does_not_name_opens_nothing(edge: Edge) -> None:
    key, agent = private_key(edge), await edge.staff("agent")
    token = jwt.encode({"alg": "ES256", "kid": key.kid}, claims(str(agent)), key)
    assert await status_with(edge, token) == 403


async def test_a_customer_whose_id_is_that_of_staff_stays_a_customer(edge: Edge) -> None:
    key, operator = private_key(edge), await edge.staff("operator")
    said = claims(str(operator), iss="careloop-customers", kind="customer")
    token = jwt.encode({"alg": "ES256", "kid": key.kid}, said, key)
    assert await status_with(edge, token) == 403


async def test_a_signature_of_another_kind_opens_nothing(edge: Edge) -> None:
    key, operator = private_key(edge), await edge.staff("operator")
    said = claims(str(operator))
    public = json.dumps(edge.service.keys and (await edge.service.keys.find(None)).as_dict())
    stranger, rsa = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
    shared_secret = OctKey.import_key(public.encode())
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": key.kid}).encode())
    body = base64.urlsafe_b64encode(json.dumps(said).encode())
    right = jwt.encode({"alg": "ES256", "kid": key.kid}, said, key)
    deep = base64.urlsafe_b64encode(b'{"alg":"ES256","kid":' + b"[" * 20_000).decode()
    for token in (
        jwt.encode({"alg": "ES256", "kid": key.kid}, said, stranger),
        jwt.encode({"alg": "ES256", "kid": "unknown"}, said, key),
        jwt.encode({"alg": "RS256", "kid": key.kid}, said, rsa),
        jwt.encode({"alg": "HS256", "kid": key.kid}, said, shared_secret),
        f"{head.decode().rstrip('=')}.{body.decode().rstrip('=')}.",
        right[:-4] + ("AAAA" if right[-4:] != "AAAA" else "BBBB"),
        right + ".x",
        "not.a.token",
        f"{deep}.{deep}.x",
        "a" * 20_000,
    ):
        assert await status_with(edge, token) == 401, token[:60]
    assert await status_with(edge, right) == 200


async def test_a_new_key_signs_and_the_old_one_still_verifies(edge: Edge) -> None:
    await edge.staff("operator")
    before = await edge.token(role="operator")
    kid = rotate_signing_key(edge.common.secrets)
    after = await edge.token(role="operator")
    jwks = (await edge.anybody.get("/api/v1/auth/jwks.json")).json()
    assert jwks["keys"][0]["kid"] == kid
    assert len(jwks["keys"]) == 2
    assert all("d" not in key and key["use"] == "sig" for key in jwks["keys"])
    assert [await status_with(edge, token) for token in (before, after)] == [200, 200]


def test_the_signing_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = ensure_signing_key(tmp_path / "secrets").read_text()
    path = ensure_signing_key(tmp_path / "secrets")
    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == [SIGNING_FILE]
    rotate_signing_key(path.parent)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_another_process_reads_tokens_by_the_published_keys_and_keeps_the_last_good_set(
    edge: Edge,
) -> None:
    await edge.staff("operator")
    token, asked_for, away = await edge.token(role="operator"), [], False

    async def answer(request: httpx.Request) -> httpx.Response:
        asked_for.append(request.url.path)
        if away:
            raise httpx.ConnectError("away")
        jwks = await edge.anybody.get("/api/v1/auth/jwks.json")
        return httpx.Response(200, json=jwks.json())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        keys = FetchedKeys("http://issuer.example/api/v1/auth/jwks.json", client)
        away = True
        for _ in range(2):
            with pytest.raises(IssuerAwayError):
                await read_token(token, keys)
        assert len(asked_for) == 1  # who waits for keys does not become a flood of questions
        away = False
        keys._asked_at -= 2
        assert {str(r) for r in (await read_token(token, keys)).roles} == {"operator"}
        away = True
        keys._asked_at -= 601
        assert (await read_token(token, keys)).id is not None
        stranger = ECKey.generate_key("P-256", {"kid": "x"})
        foreign = jwt.encode({"alg": "ES256", "kid": "x"}, claims(str(new_id())), stranger)
        with pytest.raises(IssuerAwayError):
            await read_token(foreign, keys)
        assert len(asked_for) == 3
        away = False
        keys._asked_at -= 2
        for _ in range(50):
            with pytest.raises(InvalidTokenError):
                await read_token(foreign, keys)
        assert len(asked_for) == 4


async def test_who_comes_while_the_first_keys_are_fetched_waits_for_them() -> None:
    key = ECKey.generate_key("P-256", {"kid": "k"})
    asked_for = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked_for.append(request.url.path)
        for _ in range(20):
            await asyncio.sleep(0)
        return httpx.Response(200, json={"keys": [key.as_dict(private=False)]})

    tokens = [jwt.encode({"alg": "ES256", "kid": "k"}, claims(str(new_id())), key) for _ in "12345"]
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        keys = FetchedKeys("http://issuer.example/jwks.json", client)
        actors = await asyncio.gather(*(read_token(token, keys) for token in tokens))
    assert (len(actors), len(asked_for)) == (5, 1)


async def test_keys_that_are_no_keys_do_not_replace_good_ones() -> None:
    key = ECKey.generate_key("P-256", {"kid": "k"})
    good = {"keys": [key.as_dict(private=False)]}
    answers: list[Any] = [good, {"keys": "none"}, {"keys": []}, [], {"keys": [{"kty": "?"}]}]

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers.pop(0))

    token = jwt.encode({"alg": "ES256", "kid": "k"}, claims(str(new_id())), key)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        keys = FetchedKeys("http://issuer.example/jwks.json", client)
        while answers:
            keys._asked_at -= 601
            await read_token(token, keys)


async def test_the_development_grant_gives_whoever_has_the_role(edge: Edge) -> None:
    agents = sorted([await edge.staff("agent"), await edge.staff("agent", "supervisor")])
    for role, subject in (("agent", agents[0]), ("customer", None)):
        answer = await asked(edge, grant_type=DEVELOPMENT, role=role)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        content = answer.json()
        assert (content["token_type"], content["expires_in"]) == ("Bearer", 12 * 3600)
        assert subject is None or content["subject"] == str(subject)
    named = await asked(edge, grant_type=DEVELOPMENT, role="agent", subject=str(agents[1]))
    assert named.json()["subject"] == str(agents[1])
    assert edge.service.keys is not None
    actor = await read_token(named.json()["access_token"], edge.service.keys)
    assert (actor.id, actor.kind, set(actor.roles)) == (agents[1], "staff", {"agent"})


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": DEVELOPMENT}, "invalid_request"),
        ({"grant_type": DEVELOPMENT, "role": "emperor"}, "invalid_grant"),
        ({"grant_type": DEVELOPMENT, "role": "partner"}, "invalid_grant"),
        ({"grant_type": DEVELOPMENT, "role": "manager"}, "invalid_grant"),
        ({"grant_type": DEVELOPMENT, "role": "agent", "subject": "x"}, "invalid_request"),
        ({"grant_type": DEVELOPMENT, "role": "agent", "subject": str(new_id())}, "invalid_grant"),
        ({"grant_type": "password", "username": "x"}, "invalid_request"),
        ({"grant_type": "password", "username": "a\x00", "password": "x"}, "invalid_request"),
        ({"grant_type": "password", "username": "x" * 5000, "password": "x"}, "invalid_grant"),
    ],
)
async def test_a_grant_that_gives_nothing_says_why(
    edge: Edge, fields: dict[str, str], error: str
) -> None:
    answer = await asked(edge, **fields)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b'{"grant_type": "password"}', "application/json"),
        (b"grant_type=password&grant_type=password", "application/x-www-form-urlencoded"),
        (b"grant_type=%ff%fe", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(100)), "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_form_is_an_invalid_request(
    edge: Edge, content: bytes, media_type: str
) -> None:
    answer = await edge.anybody.client.post(
        "/api/v1/auth/token", content=content, headers={"Content-Type": media_type}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_outside_development_there_are_no_tokens_for_the_asking(edges: Edges) -> None:
    edge = await edges(development=False)
    await edge.staff("admin")
    for role in ("admin", "customer"):
        answer = await asked(edge, grant_type=DEVELOPMENT, role=role)
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    by_form = await edge.anybody.client.post("/sign-in", data={"role": "admin"})
    assert by_form.status_code == 400
    assert "set-cookie" not in by_form.headers
