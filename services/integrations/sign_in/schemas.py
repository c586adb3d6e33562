"""The HTTP shapes of accounts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints

from shared.texts import RequestModel, storable

Username = Annotated[
    str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{1,63}$")
]

Password = Annotated[
    str, StringConstraints(min_length=15, max_length=128), AfterValidator(storable)
]
"""NIST SP 800-63B-4: 15 characters where there is no second factor, and no rules about signs;
longer than 128 only costs hashing time."""


class AccountIn(RequestModel):
    """Who gets an account."""

    username: Username
    password: Password
    staff_id: UUID


class AccountOut(BaseModel):
    """An account, without anything secret."""

    id: UUID
    username: str
    staff_id: UUID
    created_at: datetime


class PasswordChange(RequestModel):
    """The present password and the next."""

    current: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    new: Password
