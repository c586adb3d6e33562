"""A service with one door that does nothing: what is left is what stands around every request."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from bench.yardsticks.bare import SHOWN, Shown
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.service import Service

router = APIRouter(prefix="/api/v1/probe")


@router.get("/{ticket_id}")
async def show(
    ticket_id: UUID,  # noqa: ARG001 - read and checked, as the bare application does
    _customer: Annotated[Actor, Depends(allowed(Permission.TICKETS_OWN))],
) -> Shown:
    """Show what the bare application shows."""
    return SHOWN


def service() -> Service:
    """Return the service; it has no tables."""
    return Service("tickets", Path(), routers=(router,))
