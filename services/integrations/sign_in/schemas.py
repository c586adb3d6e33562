"""The HTTP shapes of accounts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints

from services.integrations.sign_in.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD
from shared.texts import RequestModel, example, storable

Username = Annotated[
    str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{1,63}$")
]

Password = Annotated[
    str,
    StringConstraints(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD),
    AfterValidator(storable),
]


class AccountIn(RequestModel):
    """Who gets an account."""

    model_config = example(
        username="chen.yu",
        password="雨后的茶山比城里早凉三度所以带伞",  # noqa: S106 - an example, nobody's
        staff_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f",
    )

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

    model_config = example(
        current="雨后的茶山比城里早凉三度所以带伞",
        new="seven quiet boats leave at dawn",
    )

    current: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD)]
    new: Password
