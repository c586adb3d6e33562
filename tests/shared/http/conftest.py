"""A small service over HTTP: tallies that are added, changed, listed and broken."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import BaseModel, Field, JsonValue
from sqlalchemy import insert, select, update

from shared.auth.actor import Actor, ActorKind, Role
from shared.auth.callers import CurrentActor, allowed
from shared.auth.rights import Permission
from shared.database import Database
from shared.errors import ConflictError, ForbiddenError, NotFoundError, StaleError
from shared.http.app import Ground, create_app
from shared.http.concurrency import is_known, required_version, tag
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction
from shared.ids import new_id
from shared.texts import Line, RequestModel, Text
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People, Person, token
from tests.support.sample_service import sample_service, tallies

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
Agent = Annotated[Actor, Depends(allowed(Permission.TICKETS_OWN))]


class TallyIn(RequestModel):
    amount: int
    label: Line = "a label"
    remark: Text | None = None
    share: float | None = None
    extra: dict[str, JsonValue] = Field(default_factory=dict)
    version: int | None = None


class TallyOut(BaseModel):
    id: UUID
    amount: int


router = APIRouter(
    prefix="/api/v1/tallies",
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422, 428),
)


@router.post("", status_code=201, operation_id="add_tally")
async def add(body: TallyIn, response: Response, session: Transaction, _a: Agent) -> TallyOut:
    tally_id = new_id()
    await session.execute(insert(tallies).values(id=tally_id, amount=body.amount % 1000))
    if body.amount == 13:
        raise ConflictError("unlucky", "Not thirteen.")
    if body.amount == 14:
        raise RuntimeError("王芳 13800001111 broke it")
    response.headers["Location"] = f"/api/v1/tallies/{tally_id}"
    tag(response, 1)
    return TallyOut(id=tally_id, amount=body.amount % 1000)


@router.get("", operation_id="list_tallies")
async def listed(  # noqa: PLR0917 - what a request may say
    request: Request,
    response: Response,
    session: Transaction,
    _a: CurrentActor,
    least: int = 0,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TallyOut]:
    before = keyset(request).read(cursor)
    statement = select(tallies).where(tallies.c.amount >= max(-(2**31), min(least, 2**31 - 1)))
    if before is not None:
        statement = statement.where(tallies.c.id < before[1])
    rows = list(await session.execute(statement.order_by(tallies.c.id.desc()).limit(limit + 1)))
    return Page[TallyOut](
        **page(
            request,
            response,
            rows,
            limit,
            at=lambda row: (NOON, row.id),
            out=lambda row: TallyOut(id=row.id, amount=row.amount),
        )
    )


@router.get("/{tally_id}", operation_id="get_tally")
async def get(
    tally_id: UUID, request: Request, response: Response, session: Transaction, _a: CurrentActor
) -> Any:
    amount = await session.scalar(select(tallies.c.amount).where(tallies.c.id == tally_id))
    if amount is None:
        raise NotFoundError("tally_not_found", "There is no such tally.")
    tag(response, amount)
    if is_known(request, amount):
        return Response(status_code=304, headers={"ETag": response.headers["ETag"]})
    return TallyOut(id=tally_id, amount=amount)


@router.patch("/{tally_id}", operation_id="change_tally")
async def change(
    tally_id: UUID,
    body: TallyIn,
    request: Request,
    response: Response,
    session: Transaction,
    _a: CurrentActor,
) -> TallyOut:
    """Raise a tally by one; its amount is its version."""
    version = required_version(request, body.version)
    row = (
        await session.execute(select(tallies).where(tallies.c.id == tally_id).with_for_update())
    ).one_or_none()
    if row is None:
        raise NotFoundError("tally_not_found", "There is no such tally.")
    if version is not None and version != row.amount:
        raise StaleError("stale_version", "It was changed meanwhile.", version=row.amount)
    await session.execute(
        update(tallies).where(tallies.c.id == tally_id).values(amount=row.amount + 1)
    )
    tag(response, row.amount + 1)
    return TallyOut(id=tally_id, amount=row.amount + 1)


@router.delete("/{tally_id}", operation_id="forbid_tally", status_code=204)
async def forbid(tally_id: UUID, _a: CurrentActor) -> None:
    raise ForbiddenError("not_yours", "It is not yours to remove.")


broken = APIRouter(prefix="/api/v1/broken", include_in_schema=False)


@broken.get("")
async def fall() -> None:
    raise RuntimeError("王芳 13800001111 broke it")


@broken.get("/away")
async def be_away() -> None:
    raise ConnectionRefusedError("database at 10.0.0.7")


@dataclass
class Small:
    """The application with its database; `token` is a customer's."""

    app: FastAPI
    database: Database
    people: People
    token: str
    person: Person

    async def amounts(self) -> list[int]:
        async with self.database.transaction() as session:
            return list(await session.scalars(select(tallies.c.amount)))


@pytest.fixture
async def small(databases: Databases) -> AsyncIterator[Small]:
    service = replace(sample_service(), routers=(router, broken))
    database = await databases.open(service)
    app = create_app(service, Ground(database, VAULT, KEYS))
    people = People(app, database)
    known = new_id()
    bearer = token(ActorKind.CUSTOMER, known, [Role.CUSTOMER])
    yield Small(app, database, people, bearer, people.bearing(known, bearer))
    await people.leave()
