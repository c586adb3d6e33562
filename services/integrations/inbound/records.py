"""Records as they may leave for tickets: texts that can be kept, instants that can be."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from services.integrations.inbound.mapping_rules import INSTANT, Mapped, MisfitError
from services.integrations.inbound.vocabulary import Misfit, RecordKind
from shared.contracts.integrations import CrmComplaintReceived, CrmCustomerReceived, CrmLetter
from shared.texts import Line, Text

AHEAD: Final = timedelta(days=1)
"""A clock or a zone may be wrong by hours. What is of next year would be the newest for a year."""

Word = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]
"""A code of ours; which ones there are, tickets knows."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")

    external_id: Line
    occurred_at: AwareDatetime


class CustomerToSend(_Record):
    """A partner's customer in our words."""

    name: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    wechat_openid: Line | None = None
    grade: Word | None = None
    language: Word | None = None
    deleted: bool = False


class ComplaintToSend(_Record):
    """A request of a partner's customer in our words."""

    customer_external_id: Line | None = None
    kind: Word = "complaint"
    channel: Word = "phone"
    priority: Word | None = None
    category: Word | None = None
    subject: Line
    description: Text


def record_of(mapped: Mapped, *, received_at: datetime) -> CustomerToSend | ComplaintToSend:
    """Return a record whose texts and instants can be kept. Raises MisfitError.

    What says no instant of its own counts as of its receipt.
    """
    shape = CustomerToSend if mapped.record is RecordKind.CUSTOMER else ComplaintToSend
    try:
        record = shape.model_validate({INSTANT: received_at, **mapped.fields})
    except ValidationError as error:
        field = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        raise MisfitError(Misfit.VALUE_INVALID, mapped.pointers.get(field), field) from error
    if record.occurred_at > received_at + AHEAD:
        raise MisfitError(Misfit.VALUE_INVALID, mapped.pointers.get(INSTANT), INSTANT)
    return record


def letter_of(
    record: CustomerToSend | ComplaintToSend, *, source: str, delivery_id: UUID
) -> CrmLetter:
    """Return the letter that brings a record to tickets."""
    envelope = {"delivery_id": delivery_id, "source": source}
    if isinstance(record, CustomerToSend):
        return CrmCustomerReceived(**envelope, **record.model_dump())
    return CrmComplaintReceived(**envelope, **record.model_dump())


def customer_of(record: CustomerToSend | ComplaintToSend) -> str | None:
    """Return the partner's id of the customer whom a record is about."""
    if isinstance(record, CustomerToSend):
        return record.external_id
    return record.customer_external_id
