"""Categories over HTTP."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.tickets.categories.queries import all_categories
from shared.auth.callers import CurrentActor
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(prefix="/api/v1/categories", tags=["tickets"], responses=documented(401))


class CategoryOut(BaseModel):
    """What requests may be about; a top category has no parent."""

    id: UUID
    parent_id: UUID | None
    code: str
    name_zh: str
    name_en: str
    active: bool


class Categories(BaseModel):
    """Every category, by its code."""

    data: list[CategoryOut]


@router.get("", operation_id="list_categories")
async def list_categories(session: Transaction, _actor: CurrentActor) -> Categories:
    """List what requests may be about."""
    found = await all_categories(session)
    return Categories(data=[CategoryOut.model_validate(one, from_attributes=True) for one in found])
