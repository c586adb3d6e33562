"""Letters and events as they arrive over the bus."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.bus.interface import Delivery, Exchange, Message, Queue, QueueKind
from shared.clock import utcnow
from shared.contracts.integrations import NotificationRequest
from shared.contracts.tickets import CustomerContactChanged, StaffChanged
from shared.ids import new_id
from shared.inbox.receive import Inbox, receive_into
from shared.messages.contract import Contract, Envelope, Letter
from tests.integrations.conftest import Edge
from tests.support.people import VAULT

INVITATION = {
    "link": "https://care.example/s/Zk3PqW8vTn5LrXy2Bd7HcA",
    "number": "C20261122-000123",
}


def message_of(
    data: Contract,
    subject: UUID,
    *,
    sequence: int = 1,
    epoch: int = 1,
    origin: str = "live",
    time: datetime | None = None,
    sender: str = "tickets",
) -> Message:
    """Return what a service says, sealed when it is a letter."""
    message_id = new_id()
    letter = isinstance(data, Letter)
    envelope = Envelope(
        id=message_id,
        source=f"careloop/{sender}",
        type=data.TYPE,
        subject=subject,
        time=time or utcnow(),
        dataschema=data.key(),
        sequence=sequence,
        epoch=epoch,
        origin=origin,
        correlationid="test",
        data=VAULT.seal_letter("integrations", data.model_dump_json().encode())
        if letter
        else data.model_dump(mode="json"),
    )
    return Message(
        id=message_id,
        type=data.key(),
        sender=sender,
        exchange=Exchange.LETTERS if letter else Exchange.EVENTS,
        key="integrations" if letter else data.key(),
        body=envelope.model_dump_json().encode(),
    )


def contact(
    customer_id: UUID, *, sequence: int = 1, email: str | None = "wang@example.com", **other: Any
) -> Message:
    """Return the letter that says where a customer can be reached."""
    said = {"name": "王芳", "language": "zh", "phone": "13800001111"} | other
    data = CustomerContactChanged(customer_id=customer_id, email=email, **said)
    return message_of(data, customer_id, sequence=sequence)


def request(
    customer_id: UUID,
    *,
    template: str = "survey_invitation",
    parameters: dict[str, str] | None = None,
    origin: str = "live",
    worth: timedelta = timedelta(hours=24),
    notification_id: UUID | None = None,
    asked_at: datetime | None = None,
) -> Message:
    """Return the letter that asks for a notice."""
    data = NotificationRequest(
        notification_id=notification_id or new_id(),
        customer_id=customer_id,
        template=template,
        parameters=parameters
        if parameters is not None
        else {
            "link": "https://care.example/s/Zk3PqW8vTn5LrXy2Bd7HcA",
            "number": "C20261122-000123",
        },
        reference_kind="survey_invitation",
        reference_id=new_id(),
        expires_at=utcnow() + worth,
    )
    return message_of(data, customer_id, origin=origin, time=asked_at)


def staff_changed(staff_id: UUID, *roles: str, active: bool = True, sequence: int = 1) -> Message:
    """Return the event that tells of a member of staff."""
    data = StaffChanged(staff_id=staff_id, roles=roles, org_unit_ids=(), active=active)
    return message_of(data, staff_id, sequence=sequence)


async def hear(edge: Edge, *messages: Message) -> None:
    """Let the service's inbox receive messages as one batch of its queue."""
    box = Inbox("integrations", edge.database, edge.service.handlers, VAULT, utcnow)
    for kind, exchange in (
        (QueueKind.LETTERS, Exchange.LETTERS),
        (QueueKind.EVENTS, Exchange.EVENTS),
    ):
        batch = [Delivery(m, 0, redelivered=False) for m in messages if m.exchange is exchange]
        if batch:
            assert await receive_into(box, Queue("integrations", kind))(batch) == {}


async def hear_each(edge: Edge, messages: Sequence[Message]) -> None:
    """Let the service's inbox receive messages one after the other."""
    for message in messages:
        await hear(edge, message)
