"""Customers over HTTP: addresses are masked, and every look at them is in the audit trail."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.tickets.customers.keep_customer import add_customer, change_customer
from services.tickets.customers.queries import Customer, customer_page, get_customer
from services.tickets.customers.schemas import (
    ContactReveal,
    CustomerChange,
    CustomerIn,
    CustomerOut,
    customer_out,
)
from shared.audit import audit
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.http.concurrency import required_version, tag
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction
from shared.texts import Line

router = APIRouter(
    prefix="/api/v1/customers",
    tags=["customers"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422, 428),
)

Reader = Annotated[Actor, Depends(allowed(Permission.CUSTOMERS_READ))]
Writer = Annotated[Actor, Depends(allowed(Permission.CUSTOMERS_WRITE))]


@router.post("", status_code=201, operation_id="add_customer")
async def add(
    body: CustomerIn, request: Request, response: Response, session: Transaction, writer: Writer
) -> CustomerOut:
    """Add a customer with the ways to reach him."""
    customer = await add_customer(
        session,
        _vault(request),
        name=body.name,
        contacts=body.contacts,
        grade=body.grade,
        language=body.language,
        actor=writer,
        now=utcnow(),
    )
    tag(response, customer.version)
    return _masked(customer)


@router.get("", operation_id="list_customers")
async def find(
    request: Request,
    response: Response,
    session: Transaction,
    _reader: Reader,
    phone: Annotated[Line | None, Query(description="The whole number")] = None,
    phone_ending: Annotated[
        str | None, Query(pattern=r"^[0-9]{4}$", description="Its last four digits")
    ] = None,
    email: Line | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CustomerOut]:
    """Find customers by phone or e-mail, newest first; addresses are masked in lists."""
    rows = await customer_page(
        session,
        _vault(request),
        phone=phone,
        phone_ending=phone_ending,
        email=email,
        before=keyset(request).read(cursor),
        limit=limit + 1,
    )
    return Page[CustomerOut](**page(request, response, rows, limit, at=_at, out=_masked))


@router.get("/{customer_id}", operation_id="get_customer")
async def get(
    customer_id: UUID, request: Request, response: Response, session: Transaction, _reader: Reader
) -> CustomerOut:
    """Show a customer; his addresses are masked."""
    customer = await get_customer(session, _vault(request), customer_id)
    tag(response, customer.version)
    return _masked(customer)


@router.post("/{customer_id}/reveal", operation_id="reveal_customer")
async def reveal(
    customer_id: UUID,
    body: ContactReveal,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> CustomerOut:
    """Show where a customer can be reached, for a reason; every look is in the audit trail."""
    customer = await get_customer(session, _vault(request), customer_id)
    await audit(
        session,
        "customer.contacts_read",
        actor=writer,
        subject_kind="customer",
        subject_id=customer_id,
        now=utcnow(),
        reason=body.reason,
    )
    tag(response, customer.version)
    return customer_out(customer, unmasked=True)


@router.patch("/{customer_id}", operation_id="change_customer")
@router.post("/{customer_id}/update", operation_id="update_customer")
async def change(
    customer_id: UUID,
    body: CustomerChange,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> CustomerOut:
    """Change a customer; whoever writes to him is told the new address."""
    customer = await change_customer(
        session,
        _vault(request),
        customer_id,
        changes=body.changes,
        version=required_version(request, body.version),
        actor=writer,
        now=utcnow(),
    )
    tag(response, customer.version)
    return _masked(customer)


def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


def _at(customer: Customer) -> tuple[datetime, UUID]:
    return customer.created_at, customer.id


def _masked(customer: Customer) -> CustomerOut:
    return customer_out(customer, unmasked=False)
