"""The company of a system in which nobody is yet but its administrator."""

from uuid import uuid4

import httpx

ADMIN, PASSWORD = "chief", "a long enough password"
ROLES = ("admin", "manager", "operator")
ROLE_OPTIONS = [word for role in ROLES for word in ("--role", role)]


async def make_company(client: httpx.AsyncClient) -> None:
    """Sign in as the administrator, and make the root of the organisation."""
    grant = {"grant_type": "password", "username": ADMIN, "password": PASSWORD}
    token = (await client.post("/api/v1/auth/token", data=grant)).json()["access_token"]
    answer = await client.post(
        "/api/v1/org-units",
        json={"name": "公司", "kind": "company"},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == httpx.codes.CREATED, answer.text
