"""Our people sign in with a password, and guessers do not."""

import asyncio
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from services.integrations.sign_in import passwords
from services.integrations.sign_in.tables import accounts
from shared.audit import audit_entries
from shared.clock import utcnow
from tests.integrations.conftest import Edge, Edges
from tests.integrations.letters import hear, staff_changed
from tests.support.people import Person

PASSWORD = "green kettle sings 7"


@pytest.fixture
async def admin(edge: Edge) -> Person:
    await edge.staff("admin")
    return await edge.bearing(role="admin")


async def opened(edge: Edge, admin: Person, username: str = "lin.mei") -> dict[str, str]:
    staff_id = await edge.staff("agent", "supervisor")
    answer = await admin.post(
        "/api/v1/accounts",
        {"username": username, "password": PASSWORD, "staff_id": str(staff_id)},
    )
    assert answer.status_code == 201, answer.text
    account: dict[str, str] = answer.json()
    return account


async def sign_in(edge: Edge, password: str, username: str = "lin.mei") -> httpx.Response:
    return await edge.anybody.client.post(
        "/api/v1/auth/token",
        data={"grant_type": "password", "username": username, "password": password},
    )


async def test_an_account_is_opened_once_and_lets_its_owner_in(edge: Edge, admin: Person) -> None:
    staff_id = await edge.staff("agent")
    body = {"username": "Lin.Mei", "password": PASSWORD, "staff_id": str(staff_id)}
    both = await asyncio.gather(
        *(admin.post("/api/v1/accounts", body, key="same-key-twice") for _ in range(2))
    )
    assert [answer.status_code for answer in both] == [201, 201]
    assert both[0].json() == both[1].json()
    again = await admin.post("/api/v1/accounts", body)
    assert (again.status_code, again.json()["code"]) == (409, "account_taken")

    answer = await sign_in(edge, PASSWORD, "LIN.MEI")
    assert answer.status_code == 200
    assert answer.json()["subject"] == str(staff_id)
    async with edge.database.transaction() as session:
        actions = list(await session.scalars(select(audit_entries.c.action)))
        stored = (await session.execute(select(accounts))).one()
    assert actions == ["account.created"]
    assert stored.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_only_an_admin_opens_accounts_and_only_for_those_whom_the_directory_knows(
    edge: Edge, admin: Person
) -> None:
    await edge.staff("manager")
    manager = await edge.bearing(role="manager")
    gone = await edge.staff("agent", active=False)
    body = {"username": "x.y", "password": PASSWORD, "staff_id": str(gone)}
    assert (await manager.post("/api/v1/accounts", body)).status_code == 403
    refused = await admin.post("/api/v1/accounts", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_staff")
    short = await admin.post("/api/v1/accounts", body | {"password": "short"})
    assert short.json()["errors"][0]["pointer"] == "/password"
    assert "short" not in str(short.json()["errors"][0].get("input"))


async def test_five_failures_lock_an_account_and_time_opens_it_again(
    edge: Edge, admin: Person
) -> None:
    await opened(edge, admin)
    for _ in range(4):
        assert (await sign_in(edge, "wrong")).status_code == 400
    assert (await sign_in(edge, PASSWORD)).status_code == 200  # begins counting anew
    for _ in range(5):
        assert (await sign_in(edge, "wrong")).status_code == 400
    locked, unknown = await sign_in(edge, PASSWORD), await sign_in(edge, "x", "nobody")
    assert locked.status_code == 400
    assert locked.json() == unknown.json()
    async with edge.database.transaction() as session:
        await session.execute(update(accounts).values(locked_until=utcnow()))
    assert (await sign_in(edge, "wrong")).status_code == 400  # the first failure of five again
    assert (await sign_in(edge, PASSWORD)).status_code == 200


async def test_guesses_at_the_same_time_are_counted_one_by_one(
    edge: Edge, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(edge, admin)
    looked_at = []
    check = passwords._fits

    def counting(password: str, password_hash: str | None) -> bool:
        if password_hash is not None:
            looked_at.append(password)
        return check(password, password_hash)

    monkeypatch.setattr(passwords, "_fits", counting)
    await asyncio.gather(*(sign_in(edge, f"guess {n}") for n in range(20)))
    assert len(looked_at) == 5


async def test_a_name_that_nobody_has_costs_as_much_as_one_that_somebody_has(
    edge: Edge, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(edge, admin)
    verified = []
    check = passwords._HASHER.verify

    class Watched:
        def verify(self, password_hash: str, password: str) -> bool:
            verified.append(password_hash[:30])
            return check(password_hash, password)

        hash = staticmethod(passwords._HASHER.hash)

    monkeypatch.setattr(passwords, "_HASHER", Watched())
    await sign_in(edge, "wrong")
    await sign_in(edge, "wrong", "nobody")
    assert len(verified) == 2
    assert verified[0] == verified[1]  # the same algorithm with the same cost


async def test_who_left_cannot_sign_in(edge: Edge, admin: Person) -> None:
    account = await opened(edge, admin)
    gone = staff_changed(UUID(account["staff_id"]), "agent", active=False, sequence=9)
    await hear(edge, gone)
    answer = await sign_in(edge, PASSWORD)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_password_is_changed_by_who_knows_the_present_one(
    edge: Edge, admin: Person
) -> None:
    account = await opened(edge, admin)
    person = await edge.bearing(role="agent", subject=account["staff_id"])

    async def change(current: str, new: str) -> int:
        answer = await person.client.put(
            "/api/v1/accounts/me/password", json={"current": current, "new": new}
        )
        return answer.status_code

    new = "a longer red kettle"
    assert await change("wrong", new) == 403
    assert await change(PASSWORD, "short") == 422
    assert await change(PASSWORD, new) == 204
    assert await change(PASSWORD, new) == 403
    assert (await sign_in(edge, PASSWORD)).status_code == 400
    assert (await sign_in(edge, new)).status_code == 200
    for _ in range(5):
        await change("wrong", new)
    assert await change(new, PASSWORD) == 403  # locked, as by failed sign-ins
    without = await edge.staff("agent")
    nobody = await edge.bearing(role="agent", subject=str(without))
    answer = await nobody.client.put(
        "/api/v1/accounts/me/password", json={"current": "x", "new": new}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "account_not_found")


async def test_a_token_for_a_password_holds_an_hour(
    edges: Edges, edge: Edge, admin: Person
) -> None:
    await opened(edge, admin)
    production = await edges(development=False, database=edge.database)
    answer = await sign_in(production, PASSWORD)
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 3600)
