"""Customers as the staff's front-ends see them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.tickets.customers.queries import Customer
from services.tickets.customers.rules import (
    ContactKind,
    Grade,
    Language,
    RevealReason,
    masked,
)
from shared.texts import Line, RequestModel, example


class CustomerIn(RequestModel):
    """A new customer."""

    model_config = example(
        name="陈静宜",
        phone="138 0013 8000",
        email="chen.jingyi@example.com",
        grade="standard",
        language="zh",
    )

    name: Line
    email: Line | None = None
    phone: Line | None = None
    wechat_openid: Line | None = None
    grade: Grade = Grade.STANDARD
    language: Language = Language.ZH

    @property
    def contacts(self) -> dict[ContactKind, str]:
        """Return the ways to reach him that were given."""
        given = {kind: getattr(self, kind) for kind in ContactKind}
        return {kind: value for kind, value in given.items() if value is not None}


class CustomerChange(RequestModel):
    """What changes; what is left out or null stays, but a contact of null is removed.

    `version` stands in for If-Match.
    """

    model_config = example(
        phone="010-6234 5678",
        email=None,
        version=1,
    )

    name: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    wechat_openid: Line | None = None
    grade: Grade | None = None
    language: Language | None = None
    version: int | None = Field(None, strict=True, ge=1)

    @property
    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent, contacts by their kind."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        contacts = {kind: sent.pop(kind) for kind in ContactKind if kind in sent}
        plain = {name: value for name, value in sent.items() if value is not None}
        return plain | {"contacts": contacts}


class ContactReveal(RequestModel):
    """Why somebody wants to see where a customer can be reached."""

    model_config = example(reason="call_customer")

    reason: RevealReason


class CustomerOut(BaseModel):
    """A customer; addresses are masked unless somebody asked for them with a reason."""

    id: UUID
    name: str
    email: str | None
    phone: str | None
    wechat_openid: str | None
    grade: Grade
    language: Language
    created_at: datetime
    updated_at: datetime
    version: int


def customer_out(customer: Customer, *, unmasked: bool) -> CustomerOut:
    """Return a customer as he is shown to staff."""
    shown = {
        kind: value if unmasked else masked(kind, value)
        for kind, value in customer.contacts.items()
    }
    return CustomerOut(
        id=customer.id,
        name=customer.name,
        email=shown.get(ContactKind.EMAIL),
        phone=shown.get(ContactKind.PHONE),
        wechat_openid=shown.get(ContactKind.WECHAT_OPENID),
        grade=Grade(customer.grade),
        language=Language(customer.language),
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        version=customer.version,
    )
