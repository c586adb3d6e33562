"""A partner's client gets tokens for what it was given, and for nothing else."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote_plus
from uuid import UUID

import httpx
import pytest
from joserfc import jwt
from sqlalchemy import select, text

from services.integrations.partners.keep_partner import add_partner
from services.integrations.partners.rules import hash_of
from services.integrations.partners.tables import partner_secrets
from shared.auth.actor import SYSTEM, ActorKind, Role
from shared.auth.rights import RIGHTS, SCOPES, Permission, Scope, reach_of
from shared.auth.tokens import InvalidTokenError, read_token
from shared.clock import utcnow
from shared.ids import new_id
from tests.integrations.conftest import Edge
from tests.integrations.test_tokens import claims, private_key
from tests.support.people import Person

PATH: Final = "/api/v1/partners"
TOKEN: Final = "/api/v1/auth/token"
BOTH: Final = ["customers:write", "tickets:write"]
GRANT: Final = {"grant_type": "client_credentials"}


@pytest.fixture
async def admin(edge: Edge) -> Person:
    return edge.people.bearing(new_id(), await _token_of(edge, "admin"))


async def _token_of(edge: Edge, role: str) -> str:
    return await edge.token(role=role, subject=str(await edge.staff(role)))


async def added(admin: Person, *scopes: str) -> dict[str, Any]:
    answer = await admin.post(PATH, {"name": "客户管理系统", "scopes": list(scopes) or BOTH})
    assert answer.status_code == 201, answer.text
    partner: dict[str, Any] = answer.json()
    return partner


async def asked(
    edge: Edge, partner: dict[str, Any], secret: str | None = None, **fields: str
) -> httpx.Response:
    shown = {"client_id": partner["id"], "client_secret": secret or partner["client_secret"]}
    return await edge.anybody.client.post(TOKEN, data=GRANT | shown | fields)


async def refused(edge: Edge, partner: dict[str, Any], secret: str | None = None) -> bool:
    """Return whether a client gets no token, for one reason and in one way."""
    answer = await asked(edge, partner, secret)
    if answer.status_code == 401:
        assert answer.json()["error"] == "invalid_client"
        assert answer.headers["www-authenticate"].startswith("Basic")
    return answer.status_code == 401


async def test_a_client_gets_a_token_for_what_it_was_given(edge: Edge, admin: Person) -> None:
    partner = await added(admin)
    answer = await asked(edge, partner)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    content = answer.json()
    assert (content["token_type"], content["expires_in"], content["scope"]) == (
        "Bearer",
        3600,
        "customers:write tickets:write",
    )
    assert edge.service.keys is not None
    actor = await read_token(content["access_token"], edge.service.keys)
    assert (actor.kind, actor.id, set(actor.roles)) == (
        ActorKind.PARTNER,
        UUID(partner["id"]),
        {Role.PARTNER},
    )
    assert actor.scopes == set(BOTH)


async def test_a_client_may_ask_for_less_and_never_for_more(edge: Edge, admin: Person) -> None:
    partner = await added(admin, "tickets:write")
    one = await asked(edge, partner, scope="tickets:write")
    assert one.json()["scope"] == "tickets:write"
    for scope in ("customers:write", "tickets:write customers:write", "admin", " ", ""):
        answer = await asked(edge, partner, scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope"), scope


async def test_a_client_may_show_itself_in_the_header(edge: Edge, admin: Person) -> None:
    partner = await added(admin)

    async def with_header(
        value: str, scheme: str = "Basic", **fields: str
    ) -> tuple[int, str | None]:
        header = f"{scheme} {base64.b64encode(value.encode()).decode()}"
        answer = await edge.anybody.client.post(
            TOKEN, data=GRANT | fields, headers={"Authorization": header}
        )
        return answer.status_code, answer.json().get("error")

    shown = f"{partner['id']}:{partner['client_secret']}"
    encoded = ":".join(map(quote_plus, shown.split(":")))
    assert await with_header(shown) == (200, None)
    assert await with_header(encoded, "basic") == (200, None)
    assert await with_header(shown, client_id=partner["id"]) == (200, None)
    assert await with_header(shown, client_id=str(new_id())) == (400, "invalid_request")
    assert await with_header(shown, client_secret="x") == (400, "invalid_request")
    for wrong in (shown + "x", partner["id"], ":", "张三:x", f"{partner['id']}:"):
        assert await with_header(wrong) == (401, "invalid_client"), wrong
    assert await with_header(shown, "Bearer") == (401, "invalid_client")
    garbage = {"Authorization": "Basic %%%"}
    answer = await edge.anybody.client.post(TOKEN, data=GRANT, headers=garbage)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await edge.anybody.client.post(TOKEN, data=GRANT)).status_code == 401


async def test_who_is_not_believed_learns_nothing(edge: Edge, admin: Person) -> None:
    partner, other = await added(admin), await added(admin)
    answers = [
        await asked(edge, partner, other["client_secret"]),
        await asked(edge, partner, partner["client_secret"][:-1]),
        await asked(edge, {"id": str(new_id())}, partner["client_secret"]),
        await asked(edge, {"id": "crm"}, partner["client_secret"]),
    ]
    await admin.post(f"{PATH}/{partner['id']}/update", {"active": False, "version": 1})
    answers.append(await asked(edge, partner))
    assert {(a.status_code, a.text) for a in answers} == {(401, answers[0].text)}


async def test_a_client_that_was_switched_off_and_on_gets_tokens_again(
    edge: Edge, admin: Person
) -> None:
    partner = await added(admin)
    path = f"{PATH}/{partner['id']}"
    off = await admin.client.patch(path, json={"active": False}, headers={"If-Match": '"1"'})
    assert (off.status_code, off.headers["etag"]) == (200, '"2"')
    assert await refused(edge, partner)
    assert (await admin.client.patch(path, json={"active": True})).status_code == 428
    stale = await admin.client.patch(path, json={"active": True, "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    await admin.client.patch(path, json={"active": True, "version": 2})
    assert not await refused(edge, partner)


async def test_while_a_secret_is_replaced_two_hold_and_never_three(
    edge: Edge, admin: Person
) -> None:
    partner = await added(admin)
    path = f"{PATH}/{partner['id']}/rotate-secret"
    first = partner["client_secret"]
    second = (await admin.post(path, {"grace_hours": 24})).json()["client_secret"]
    assert [await refused(edge, partner, s) for s in (first, second)] == [False, False]
    third = (await admin.post(path, {"grace_hours": 24})).json()["client_secret"]
    held = [await refused(edge, partner, s) for s in (first, second, third)]
    assert held == [True, False, False]
    shown = (await admin.get(f"{PATH}/{partner['id']}")).json()["secrets"]
    assert [one["expires_at"] is None for one in shown] == [True, False]
    assert all(one["last_used_at"] for one in shown)

    async with edge.database.transaction() as session:
        await session.execute(
            text("UPDATE partner_secrets SET expires_at = now() WHERE expires_at IS NOT NULL")
        )
    assert [await refused(edge, partner, s) for s in (second, third)] == [True, False]
    last = (await admin.post(path, {"grace_hours": 0})).json()["client_secret"]
    assert [await refused(edge, partner, s) for s in (third, last)] == [True, False]


async def test_twenty_replacements_at_once_leave_two_secrets(edge: Edge, admin: Person) -> None:
    partner = await added(admin)
    path = f"{PATH}/{partner['id']}/rotate-secret"
    answers = await asyncio.gather(*(admin.post(path, {}) for _ in range(20)))
    secrets = [answer.json()["client_secret"] for answer in answers]
    held = [s for s in (partner["client_secret"], *secrets) if not await refused(edge, partner, s)]
    assert len(held) == 2


async def test_a_repeated_call_shows_the_same_secret_and_makes_no_second_client(
    edge: Edge, admin: Person
) -> None:
    body, key = {"name": "客户管理系统", "scopes": BOTH}, str(new_id())
    first, second = [await admin.post(PATH, body, key=key) for _ in range(2)]
    assert first.json() == second.json()
    assert len((await admin.get(PATH)).json()["data"]) == 1


async def test_a_secret_is_nowhere_but_in_the_answer_that_made_it(
    edge: Edge, admin: Person
) -> None:
    partner = await added(admin)
    path = f"{PATH}/{partner['id']}"
    seen = (await admin.get(path)).text + (await admin.get(PATH)).text
    assert "client_secret" not in seen
    async with edge.database.transaction() as session:
        (kept,) = await session.scalars(select(partner_secrets.c.secret_hash))
        tables = await session.scalars(
            text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        )
        for table in tables.all():
            rows = await session.scalars(
                text(f"SELECT t::text FROM {table} t")  # noqa: S608 - a name from the catalogue
            )
            assert partner["client_secret"] not in json.dumps(rows.all()), table
    assert kept == hash_of(partner["client_secret"])


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "operator", "auditor"])
async def test_partners_are_the_administrators(edge: Edge, admin: Person, role: str) -> None:
    partner = await added(admin)
    person = edge.people.bearing(new_id(), await _token_of(edge, role))
    path = f"{PATH}/{partner['id']}"
    for answer in (
        await person.get(PATH),
        await person.get(path),
        await person.post(PATH, {"name": "x", "scopes": BOTH}),
        await person.post(f"{path}/rotate-secret", {}),
        await person.post(f"{path}/update", {"active": False, "version": 1}),
    ):
        assert answer.status_code == 403
    assert not await refused(edge, partner)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["admin"]},
        {"name": " ", "scopes": BOTH},
        {"name": "x", "scopes": BOTH, "client_secret": "mine"},
    ],
)
async def test_a_client_without_sense_is_not_added(
    edge: Edge, admin: Person, body: dict[str, Any]
) -> None:
    answer = await admin.post(PATH, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    unknown = f"{PATH}/{new_id()}"
    assert (await admin.get(unknown)).json()["code"] == "partner_not_found"
    assert (await admin.post(f"{unknown}/rotate-secret", {})).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "staff", "roles": ["admin"]},
        {"kind": "customer", "roles": ["customer"]},
        {"kind": "system"},
        {"iss": "careloop-staff"},
        {"iss": "careloop-customers"},
    ],
    ids=str,
)
async def test_the_issuer_of_partners_asserts_partners_and_nobody_else(
    edge: Edge, wrong: dict[str, Any]
) -> None:
    key = private_key(edge)
    right = {"iss": "careloop-partners", "kind": "partner", "roles": ["partner"]}
    said = claims(str(await edge.staff("admin")), **(right | wrong))
    assert edge.service.keys is not None
    with pytest.raises(InvalidTokenError):
        await read_token(jwt.encode({"alg": "ES256", "kid": key.kid}, said, key), edge.service.keys)


async def test_a_partner_who_claims_more_gets_no_more(edge: Edge) -> None:
    key, admin = private_key(edge), await edge.staff("admin")
    said = claims(
        str(admin),
        iss="careloop-partners",
        kind="partner",
        roles=["partner", "admin", "agent"],
        scope="tickets:write partners:write admin",
    )
    token = jwt.encode({"alg": "ES256", "kid": key.kid}, said, key)
    greedy = edge.people.bearing(admin, token)
    assert (await greedy.get(PATH)).status_code == 403
    assert (await greedy.get("/api/v1/notifications")).status_code == 403
    assert edge.service.keys is not None
    actor = await read_token(token, edge.service.keys)
    assert {p for p in Permission if reach_of(actor, p)} == {Permission.TICKETS_INTAKE}


@pytest.mark.parametrize("scope", [None, 1, ["tickets:write"], {"a": 1}])
async def test_a_scope_that_is_none_opens_nothing(edge: Edge, scope: object) -> None:
    key = private_key(edge)
    said = claims(str(new_id()), iss="careloop-partners", kind="partner", roles=["partner"])
    token = jwt.encode({"alg": "ES256", "kid": key.kid}, said | {"scope": scope}, key)
    assert edge.service.keys is not None
    actor = await read_token(token, edge.service.keys)
    assert [p for p in Permission if reach_of(actor, p)] == []


def test_scopes_open_doors_that_no_role_opens() -> None:
    of_roles = {permission for rights in RIGHTS.values() for permission in rights}
    of_scopes = [permission for rights in SCOPES.values() for permission in rights]
    assert set(SCOPES) == set(Scope)
    assert not of_roles & set(of_scopes)
    assert len(of_scopes) == len(set(of_scopes))


async def test_a_token_is_for_an_hour_in_development_too(edge: Edge) -> None:
    now = utcnow() - timedelta(minutes=61)
    async with edge.database.transaction() as session:
        partner, secret = await add_partner(
            session, name="x", scopes=frozenset(Scope), actor=SYSTEM, now=now
        )
    answer = await asked(edge, {"id": str(partner.id), "client_secret": secret})
    token = answer.json()["access_token"]
    middle = token.split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert said["exp"] - said["iat"] == 3600
